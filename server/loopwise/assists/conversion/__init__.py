"""Make a function async over files, its overrides and its callers included; and back."""

from __future__ import annotations

from loopwise.assists.conversion.plan import converted, wanted
from loopwise.assists.conversion.reverse import reverted
from loopwise.assists.conversion.values import Conversion, Part, Written

__all__ = [
    "Conversion",
    "Part",
    "Written",
    "converted",
    "reverted",
    "wanted",
]
