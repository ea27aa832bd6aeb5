"""Protocols of objects: the special methods that their classes certainly have, or certainly lack."""

from __future__ import annotations

from loopwise.analysis.asyncio.overriding import is_said
from loopwise.analysis.asyncio.rebinding import KEEP_METHODS, is_added
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import (
    NONE,
    ClassObject,
    Foreign,
    Function,
    Instance,
    Value,
    decorator_names,
    each,
    inheritance,
    members,
)
from loopwise.syntax import Node, field, parts_of, text_of

_LONG = 40  # characters of an expression that a message still quotes
# Parts of the names of all asynchronous context managers and iterables in asyncio and typing.
_SPOKEN = (b"Async", b"async ", b"Stream", b"Lock", b"Semaphore", b"Condition", b"timeout")
# Classes of libraries that cannot be read: they are for `async with` alone.
_ASYNC_ONLY = frozenset(
    "aiohttp.ClientSession httpx.AsyncClient aiofiles.open aiosqlite.connect asyncpg.create_pool async_timeout.timeout"
    " anyio.create_task_group websockets.connect".split()
)


def has(unit: Unit, value: Value, *methods: str) -> bool:
    """Does every possible value have one of the special methods?"""
    found = _members(value)
    return bool(found) and all(
        isinstance(m, Instance) and any(_has_method(unit, m.cls, method) for method in methods) for m in found
    )


def lacks(unit: Unit, value: Value, *methods: str) -> bool:
    """Does every possible value certainly lack all of the special methods?"""
    found = _members(value)
    return bool(found) and all(
        isinstance(m, Instance)
        and _is_readable(unit, m.cls)
        and not any(_has_method(unit, m.cls, name) for name in methods)
        and not is_added(unit, m.cls, methods)
        for m in found
    )


def may_be_async(unit: Unit, node: Node, known: frozenset[str] = frozenset()) -> bool:
    """May it be an asynchronous iterable or context manager?  Judged by its words, before it is evaluated.

    A call must be of a class, or have the name of a coroutine function (async generators count) or one of ``known``; a
    name or attribute must be in async code, or where such types are mentioned.
    """
    if node.type == "call":
        word = callee_word(node, unit.aliases)
        name = (word or "").lstrip("_")
        return not name or unit.coroutines is None or name[0].isupper() or word in unit.coroutines | known
    return unit.on_loop(node) or unit.per_edit.get(("speaks of async", unit.root.id), lambda: _speaks(unit.root))


def _speaks(root: Node) -> bool:
    return any(word in (root.text or b"") for word in _SPOKEN)


def async_only(value: Value) -> Evidence:
    """The evidence that it is a library's context manager for ``async with`` only; less if the library is not read.

    Another version may have had ``with`` as well: async_timeout 4 still allows it.
    """
    found = _members(value)
    if not found or not all(_library_name(member) in _ASYNC_ONLY for member in found):
        return Evidence.NONE
    read = (isinstance(member, Instance) and not member.cls.file.is_shipped for member in found)
    return Evidence.CERTAIN if all(read) else Evidence.LIKELY


def _library_name(value: Value) -> str:
    """The class name of a library object, as its top-level package exports it."""
    if isinstance(value, Instance) and value.cls.file.is_summary:
        return f"{value.cls.file.name.partition('.')[0]}.{value.cls.qualname}"
    return value.name.removesuffix("()") if isinstance(value, Foreign) else ""


def value_label(unit: Unit, node: Node) -> str:
    """An expression as named at the beginning of a message: its own text if short, else its class."""
    text = text_of(node)
    if len(text) <= _LONG and "\n" not in text:
        return f"Object '{text}'"
    names = {member.cls.qualname for member in _members(unit.value(node)) if isinstance(member, Instance)}
    return f"This {names.pop().lstrip('_')}" if len(names) == 1 else "This object"


def _members(value: Value) -> list[Value]:
    return [member for member in each(value) if member != NONE]


def _has_method(unit: Unit, cls: ClassObject, method: str) -> bool:
    """Does the class have the method, other than one that only raises?"""
    if next(members.found_in(unit.ev, cls, method), None) is None:
        return False
    function = unit.ev.attribute(Instance(cls), method)
    return not (isinstance(function, Function) and not function.file.is_stub and _only_raises(function.nodes[0]))


def _only_raises(function: Node) -> bool:
    body = field(function, "body")
    statements = [child for child in parts_of(body) if child.type != "comment"] if body is not None else []
    real = [one for one in statements if not is_said(one)]
    return bool(real) and real[0].type == "raise_statement"


def _is_readable(unit: Unit, cls: ClassObject) -> bool:
    """Are all bases of a class known, and is there nothing that could add methods to it?"""
    order = inheritance.mro(unit.ev, cls)
    seen = all(base.file.is_stub or set(decorator_names(base.node)) <= KEEP_METHODS for base in order)
    return seen and inheritance.is_whole(unit.ev, cls)
