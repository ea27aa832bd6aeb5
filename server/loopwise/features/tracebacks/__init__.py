"""Tracebacks and logs read whole: what each report means, and which line of the user's it comes from."""

from __future__ import annotations

from loopwise.features.tracebacks.causes import Cause, CheckedFile, causes, grouped
from loopwise.features.tracebacks.meaning import Meaning, meanings
from loopwise.features.tracebacks.read import Report, read

__all__ = ["Cause", "CheckedFile", "Meaning", "Report", "causes", "grouped", "meanings", "read"]
