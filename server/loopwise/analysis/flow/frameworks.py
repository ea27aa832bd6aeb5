"""The framework whose event loop runs a module, if that is not asyncio's."""

from __future__ import annotations

import re

from loopwise.analysis.unit import Unit

_IMPORTED = re.compile(
    rb"^\s*(?:import|from)\s+(autobahn\.twisted|twisted|treq|trio|curio|asyncio|anyio)\b", re.MULTILINE
)
_ASYNCIO = frozenset({b"asyncio", b"anyio"})
_SHOWN = {b"curio": "curio", b"trio": "trio"}


def other_framework(unit: Unit) -> str:
    """``trio``, ``curio`` or ``Twisted`` if it runs the module; empty if asyncio may do so."""
    return unit.per_edit.get("other framework", lambda: framework_in(unit.file.source.data))


def framework_in(data: bytes) -> str:
    """The framework that a module's text imports, unless it imports asyncio or anyio as well; else empty.

    Twisted can run on asyncio's loop too: a module that names that reactor is asyncio's.
    """
    found = {one[1] for one in _IMPORTED.finditer(data)}
    if found & _ASYNCIO or b"asyncioreactor" in data:
        return ""
    return next((_SHOWN.get(one, "Twisted") for one in sorted(found)), "")


__all__ = ["framework_in", "other_framework"]
