"""What may be an asynchronous iterable or context manager, and how a message names it."""

from __future__ import annotations

from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import NONE, Foreign, Instance, Value, each
from loopwise.syntax import Node, text_of

_SPOKEN = (b"Async", b"async ", b"Stream", b"Lock", b"Semaphore", b"Condition", b"timeout")
# Classes of libraries that cannot be read: they are for `async with` alone.
_ASYNC_ONLY = frozenset(
    "aiohttp.ClientSession httpx.AsyncClient aiofiles.open aiosqlite.connect asyncpg.create_pool async_timeout.timeout"
    " anyio.create_task_group websockets.connect".split()
)


def may_be_async(unit: Unit, node: Node, known: frozenset[str] = frozenset()) -> bool:
    """Judged by its words, before it is evaluated: may it be an asynchronous iterable or context manager?

    A call must be of a class, or have the name of a coroutine function (async generators count) or one of ``known``; a
    name or attribute must stand in async code, or where such types are spoken of.
    """
    if node.type == "call":
        word = callee_word(node, unit.aliases)
        name = (word or "").lstrip("_")
        return not name or unit.coroutines is None or name[0].isupper() or word in unit.coroutines | known
    return unit.on_loop(node) or unit.once(("speaks of async", unit.root.id), lambda: _speaks(unit.root))


def _speaks(root: Node) -> bool:
    return any(word in (root.text or b"") for word in _SPOKEN)


def is_async_only(value: Value) -> bool:
    """Is it a library's context manager that is known to be for ``async with`` alone?"""
    found = _members(value)
    return bool(found) and all(isinstance(m, Foreign) and m.name.removesuffix("()") in _ASYNC_ONLY for m in found)


def value_label(unit: Unit, node: Node) -> str:
    """An expression as a message names it: its own text if that is short, else its class."""
    text = text_of(node)
    if len(text) <= 40 and "\n" not in text:
        return text
    names = {member.cls.qualname for member in _members(unit.value(node)) if isinstance(member, Instance)}
    return f"This {names.pop().lstrip('_')}" if len(names) == 1 else "This"


def _members(value: Value) -> list[Value]:
    return [member for member in each(value) if member != NONE]
