"""The top-level names of one module that can be awaited, entered or iterated."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Literal

import msgspec

from loopwise.semantics.index.blocks import Block, blocks
from loopwise.semantics.index.classes import WORDS, Class, class_of
from loopwise.semantics.index.handlers import is_handler
from loopwise.semantics.index.heads import definition, dotted, listed, parameters, yields
from loopwise.syntax import decorators_of
from loopwise.text import as_name, decode

Kind = Literal[
    "coroutine function",
    "async generator function",
    "async context manager function",
    "async context manager class",
    "async iterable class",
]


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A top-level name that can follow ``await``, ``async with`` or ``async for``.

    A class that can be entered and iterated has two entries. ``parameters`` are as written, on one line, without
    ``self``; those of a class may be ``(...)``: unknown.
    """

    module: str  # dotted name as it is imported ("app.net")
    name: str
    kind: Kind
    parameters: str
    path: str


_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([^\W\d][\w.]*)|import[ \t]+([^\n#]+))", re.MULTILINE)
_COROUTINE = re.compile(
    rb"\basync[ \t]+def[ \t]+([\w\x80-\xff]+)|\bdef[ \t]+([\w\x80-\xff]+)[^\n]*->[^\n]*(?:Coroutine|Awaitable)\b"
)


def coroutine_functions(source: bytes) -> frozenset[str]:
    """The names of everything in a module's text (UTF-8) that returns an awaitable, defined at any depth."""
    found = {one or other for one, other in _COROUTINE.findall(source)}
    return frozenset(sys.intern(as_name(decode(name))) for name in found)


def imported_modules(source: bytes) -> frozenset[str]:
    """The absolute names of the modules that a text (UTF-8) imports, found line by line."""
    found: set[str] = set()
    for module, several in _IMPORT.findall(source):
        names = [module] if module else [part.strip().split(b" ")[0] for part in several.split(b",")]
        found.update(sys.intern(decode(name.strip())) for name in names)
    return frozenset(name for name in found if name)


def roots_of(modules: Iterable[str]) -> frozenset[str]:
    """The top-level packages of the given modules."""
    return frozenset(sys.intern(name.partition(".")[0]) for name in modules)


@lru_cache(maxsize=8192)
def is_test(path: str) -> bool:
    """Is a file a test, or a helper that only tests import?  Every file in a folder ``tests`` is."""
    pure = PurePath(path)
    return (
        pure.name == "conftest.py"
        or pure.name.startswith("test_")
        or pure.stem.endswith("_test")
        or not {"tests", "test"}.isdisjoint(pure.parts[:-1])
    )


def entries_of(source: bytes, module: str, path: str) -> tuple[Entry, ...]:
    """The entries of a module's text (UTF-8), in the order of its definitions; none without an ``async def``.

    Names missing from a literal ``__all__`` are left out; so are private names, fixtures and the tests in test files.
    """
    if b"async def" not in source:
        return ()
    found: dict[str, tuple[Sequence[Kind], str]] = {}
    classes: dict[str, Class] | None = {} if WORDS.search(source) else None
    lists: list[frozenset[str] | None] = []
    hidden = ("_", "test_") if is_test(path) else ("_",)
    for block in blocks(b"\n" + source.removeprefix(b"\xef\xbb\xbf")):
        if block.word == "__all__":
            lists.append(listed(block))
        elif block.word == "class" and classes is not None:
            made = classes[block.name] = class_of(block, classes)
            found[block.name] = sorted(made.kinds), made.parameters or "()"
        elif block.word == "async def" and not block.name.startswith(hidden):
            found[block.name] = _function(block)
    exported = lists[0] if len(lists) == 1 else None  # a list that grows is not read
    return tuple(
        # Names and parameters recur from module to module (`async_setup_entry(hass, entry)`): each is kept once.
        Entry(module, sys.intern(name), kind, sys.intern(written), path)
        for name, (kinds, written) in found.items()
        if name.isidentifier() and not name.startswith(hidden) and (exported is None or name in exported)
        for kind in kinds
    )


def _function(block: Block) -> tuple[Sequence[Kind], str]:
    """The kinds and the parameters of an ``async def``; no kind for a fixture or a handler, which no code calls."""
    node = definition(block)
    if node is None:
        return (), ""
    decorators = {dotted(decorator).rpartition(".")[2] for decorator in decorators_of(node)}
    if "fixture" in decorators or is_handler(node):
        return (), ""
    if "asynccontextmanager" in decorators:
        return ("async context manager function",), parameters(node)
    return ("async generator function" if yields(block) else "coroutine function",), parameters(node)
