"""Tracebacks and logs read whole: what each report means, and which line of the user's it comes from."""

from __future__ import annotations

from loopwise.features.tracebacks.causes import Cause, causes, grouped
from loopwise.features.tracebacks.checked_file import CheckedFile
from loopwise.features.tracebacks.meaning import meanings

__all__ = ["Cause", "CheckedFile", "causes", "grouped", "meanings"]
