"""Make a function async over files, its overrides and its callers included; and back."""

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
