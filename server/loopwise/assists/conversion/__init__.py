"""Makes a function async across files, with its overrides and its callers, or plain again."""

from __future__ import annotations

from loopwise.assists.conversion.search import Goal, conversion
from loopwise.assists.conversion.values import Conversion, FileChange, Part, Written

__all__ = [
    "Conversion",
    "FileChange",
    "Goal",
    "Part",
    "Written",
    "conversion",
]
