"""Names that a project's modules define, found without parsing: coroutine functions, and methods that override them."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from loopwise.text import decode

# A class or a function at the start of a line.
_HEAD = re.compile(rb"\n([ \t]*)(?:class[ \t]+(\w+)[^(:\n]*(?:\(([^)]*)\)|:)|(async[ \t]+)?def[ \t]+(\w+))")
_BASE = re.compile(rb"(?:^|,)[ \t\r\n]*(?:\w+\.)*(\w+)[ \t\r\n]*(?=[,\[]|$)")


class Subclass(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A class; all names are reduced to their last parts."""

    name: str
    bases: tuple[str, ...]
    others: tuple[str, ...]
    """Its methods that are not coroutine functions: plain ones, and generators."""
    coroutines: tuple[str, ...] = ()
    """Its methods that are coroutine functions, if it has bases."""


class ProjectNames(msgspec.Struct, frozen=True):
    """The names of a whole project."""

    coroutines: frozenset[str] = frozenset()
    """The functions that return an awaitable."""
    overrides: frozenset[str] = frozenset()
    """``Base.method`` if a class derived from ``Base``, directly or not, has a ``method`` that is not a coroutine
    function, and ``async Base.method`` if it has one that is; only for names that methods of both kinds have."""


def subclasses(source: bytes) -> tuple[Subclass, ...]:
    """The classes in a module's text (UTF-8) that override methods, or whose methods others may override."""
    return tuple(_subclasses(b"\n" + source)) if b"class " in source else ()


def joined(coroutines: Iterable[Iterable[str]], classes: Iterable[Subclass]) -> ProjectNames:
    """Combine the names of each module into those of the project."""
    names = frozenset(name for some in coroutines for name in some)
    listed = list(classes)
    bases: dict[str, set[str]] = {}
    for one in listed:
        bases.setdefault(one.name, set()).update(one.bases)
    plain = frozenset(method for one in listed for method in one.others)
    overrides = (
        f"{kind}{base}.{method}"
        for one in listed
        if one.bases
        for kind, methods in (("", names.intersection(one.others)), ("async ", plain.intersection(one.coroutines)))
        if methods
        for base in _ancestors(one.name, bases)
        for method in methods
    )
    return ProjectNames(names, frozenset(overrides))


def _subclasses(data: bytes) -> Iterator[Subclass]:
    heads = list(_HEAD.finditer(data))
    for index, head in enumerate(heads):
        if head[2] is not None:
            bases = tuple(_name(base) for base in _BASE.findall(head[3] or b""))
            methods = list(_methods(data, heads, index))
            others = tuple(name for name, is_coroutine in methods if not is_coroutine)
            if bases or others:
                coroutines = tuple(name for name, is_coroutine in methods if is_coroutine) if bases else ()
                yield Subclass(_name(head[2]), bases, others, coroutines)


def _methods(data: bytes, heads: list[re.Match[bytes]], index: int) -> Iterator[tuple[str, bool]]:
    """The methods of the class at ``index``, and whether each is a coroutine function."""
    outer, inner = len(heads[index][1]), None
    for at in range(index + 1, len(heads)):
        head = heads[at]
        if len(head[1]) <= outer:
            return
        inner = len(head[1]) if inner is None else inner
        if head[5] is None or len(head[1]) != inner:
            continue
        end = heads[at + 1].start() if at + 1 < len(heads) else len(data)
        yield _name(head[5]), head[4] is not None and data.find(b"yield", head.end(), end) < 0


def _ancestors(name: str, bases: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    todo = [name]
    while todo:
        fresh = [base for base in bases.get(todo.pop(), ()) if base not in found]
        found.update(fresh)
        todo += fresh
    return found


def _name(name: bytes) -> str:
    return sys.intern(decode(name))
