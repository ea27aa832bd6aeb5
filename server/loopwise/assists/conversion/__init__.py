"""Makes a function async across files: its definition, its overrides, and its callers up to those that run a loop."""

from __future__ import annotations

from loopwise.assists.conversion.plan import converted, wanted
from loopwise.assists.conversion.values import Conversion, Part, Written

__all__ = [
    "Conversion",
    "Part",
    "Written",
    "converted",
    "wanted",
]
