"""Explains whole tracebacks and logs: the meaning of each report, and the user's line that caused it."""

from __future__ import annotations

from loopwise.features.tracebacks.causes import Cause, causes, grouped
from loopwise.features.tracebacks.checked_file import CheckedFile
from loopwise.features.tracebacks.meaning import meanings
from loopwise.features.tracebacks.wrapping import plain

__all__ = ["Cause", "CheckedFile", "causes", "grouped", "meanings", "plain"]
