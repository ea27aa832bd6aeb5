"""Make a function async over files: its definition, its overrides, its callers up to where an event loop is run."""

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
