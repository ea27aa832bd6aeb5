"""Public asyncio names: finds the one that a place or a value means."""

from __future__ import annotations

from loopwise.semantics.symbols.dotted import dotted_names, names_of_value, public_names
from loopwise.semantics.symbols.public import held_class, is_asyncio, name_of, public
from loopwise.semantics.symbols.use import use_of

__all__ = [
    "dotted_names",
    "held_class",
    "is_asyncio",
    "name_of",
    "names_of_value",
    "public",
    "public_names",
    "use_of",
]
