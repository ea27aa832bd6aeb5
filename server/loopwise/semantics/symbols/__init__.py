"""Public asyncio names: which of them a place or a value means."""

from __future__ import annotations

from loopwise.semantics.symbols.names import Use
from loopwise.semantics.symbols.public import held_class, is_asyncio, name_of, public
from loopwise.semantics.symbols.use import use_of

__all__ = ["Use", "held_class", "is_asyncio", "name_of", "public", "use_of"]
