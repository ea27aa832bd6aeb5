"""Imports visible at a place: the existing spelling of a name, and the names that are free for a new import."""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from loopwise.semantics.bindings import (
    Binding,
    Branch,
    File,
    Kind,
    Table,
    branches_of,
    comprehension_clause,
    table_of,
    visible,
)
from loopwise.semantics.infer import reaching_bindings
from loopwise.semantics.modules import stub
from loopwise.syntax import COMPREHENSIONS, Node, name_at, path_to, span_of
from loopwise.text import Span, encode

# Packages that import their submodules themselves: `import asyncio` is enough for `asyncio.subprocess`.
_EAGER = frozenset({"asyncio", "os"})
_IMPORTS = frozenset({Kind.IMPORT, Kind.FROM})


class Place(msgspec.Struct, frozen=True):
    """A byte offset in a file, and the nodes around it, outermost first."""

    file: File
    at: int
    path: tuple[Node, ...]


class _Meaning(msgspec.Struct, frozen=True):
    """The bindings of the scope in which a name is looked up; empty if a comprehension binds it."""

    unit: Node
    bindings: tuple[Binding, ...]
    flowing: bool  # does what runs before the place decide which of them it is


@lru_cache(maxsize=1)
def place_at(file: File, at: int) -> Place:
    """The place at a byte offset."""
    name = name_at(file.root, at)
    return Place(file, at, path_to(file.root, span_of(name) if name is not None else Span(at, at)))


def written(place: Place, module: str, name: str | None) -> str | None:
    """The spelling of ``module.name`` with what is bound at the place; ``None`` if no import leads to it."""
    found = []
    for unit, flowing in _scopes(place):
        for binding in _table(place, unit).imports:
            text = _gives(place.file, binding, module, name)
            if text is not None and _holds(place, _Meaning(unit, (binding,), flowing), module, name):
                found.append(text)
    found.sort(key=lambda text: "." in text)  # what was imported by name first
    return found[0] if found else _through_star(place, module, name)


def is_free(place: Place, name: str, module: str, member: str | None) -> bool:
    """Can an import of ``module`` (or of its ``member``) bind ``name`` at module level, and be seen at the place?"""
    if hasattr(builtins, name):
        return False
    meaning = _meaning(place, name)
    if meaning is not None and meaning.unit != place.file.root:
        return False
    return all(_is_same(place.file, b, module, member) for b in place.file.table.by_name.get(name, ()))


def _is_same(file: File, binding: Binding, module: str, member: str | None) -> bool:
    """Does a binding cover the import to be added?  ``import a.b`` and ``import a.c`` both bind ``a``."""
    if member is None:
        return binding.kind is Kind.IMPORT and binding.module == module.partition(".")[0] == binding.name
    return binding.kind is Kind.FROM and file.absolute(binding.module) == module and binding.member == member


def _gives(file: File, binding: Binding, module: str, name: str | None) -> str | None:
    """The spelling of ``module.name`` through one binding; ``None`` if the binding does not lead there."""
    rest = f".{name}" if name is not None else ""
    if binding.kind is Kind.IMPORT:
        inner = module.removeprefix(binding.module)
        loaded = f"{binding.member or binding.module}.".startswith(f"{module}.") or binding.module in _EAGER
        reached = module == binding.module or (inner.startswith(".") and inner != module and loaded)
        return f"{binding.name}{inner}{rest}" if reached else None
    if binding.kind is not Kind.FROM:
        return None
    source = file.absolute(binding.module)
    if name is not None and source == module and binding.member == name:
        return binding.name
    return f"{binding.name}{rest}" if f"{source}.{binding.member}" == module else None


def _holds(place: Place, wanted: _Meaning, module: str, name: str | None) -> bool:
    """Does the name mean the wanted binding, and nothing else, when the code at the place runs?"""
    (binding,) = wanted.bindings
    meaning = _meaning(place, binding.name)
    if meaning is None or meaning.unit != wanted.unit or binding not in meaning.bindings:
        return False
    unit, around = meaning.unit, branches_of(place.path, meaning.unit)
    if not _runs(binding, around):
        return False
    if meaning.flowing and unit.start_byte + binding.at.end > place.at:
        return False
    for other in _reached(place, meaning):
        same = _gives(place.file, other, module, name) is not None
        submodule = other.kind is Kind.IMPORT and other.module == binding.module == other.name
        if not (same or submodule or _parted(binding, other)):
            return False
    return True


def _reached(place: Place, meaning: _Meaning) -> tuple[Binding, ...]:
    if not meaning.flowing:
        return meaning.bindings
    return reaching_bindings(meaning.bindings, meaning.unit, place.path, place.path[-1])


def _runs(binding: Binding, around: tuple[Branch, ...]) -> bool:
    """Is the binding made whenever the place runs, or whenever the program can use it (``try``, version tests)?"""
    return all(
        branch.kind in {"with_statement", "try_statement"} or (branch.guards and not _for_types(branch))
        for branch in _apart(binding, around)
    )


def _apart(binding: Binding, around: tuple[Branch, ...]) -> Iterator[Branch]:
    """The branches around a binding that are not also around the place."""
    arms = {(branch.statement, branch.arm) for branch in around}
    return (branch for branch in binding.branches if (branch.statement, branch.arm) not in arms)


def _for_types(branch: Branch) -> bool:
    """Is it a branch that only type checkers take?"""
    return any(test.endswith("TYPE_CHECKING") and taken for test, taken in branch.guards)


def _parted(one: Binding, other: Binding) -> bool:
    """Are two bindings in different branches of one statement?"""
    arms = {branch.statement: branch.arm for branch in one.branches}
    return any(arms.get(branch.statement, branch.arm) != branch.arm for branch in other.branches)


def _through_star(place: Place, module: str, name: str | None) -> str | None:
    """The bare name, if ``from module import *`` binds it."""
    if name is None or _meaning(place, name) is not None:
        return None
    base = place.file.root.start_byte
    for star in place.file.table.stars:
        given = place.file.absolute(star.module) == module and _runs(star, ())
        if given and base + star.at.end <= place.at and _is_exported(module, name):
            return name
    return None


def _is_exported(module: str, name: str) -> bool:
    """Does ``import *`` bind a name?  The stub's ``__all__`` decides; without one, any name that is not private."""
    file = stub(module)
    if file is None or not file.table.by_name.get("__all__"):
        return not name.startswith("_")
    return encode(f'"{name}"') in file.source.data


def _meaning(place: Place, name: str) -> _Meaning | None:
    """The innermost scope around the place that binds ``name``; ``None`` if no scope does."""
    use = place.path[-1]
    for scope, inside, flowing in visible(place.path, use):
        if scope.type in COMPREHENSIONS:
            if comprehension_clause(scope, name, use) is not None:
                return _Meaning(scope, (), flowing)
        elif inside:
            bindings = _table(place, scope).by_name.get(name, ())
            if bindings and not any(binding.kind is Kind.OUTER for binding in bindings):
                return _Meaning(scope, bindings, flowing)
    return None


def _scopes(place: Place) -> Iterator[tuple[Node, bool]]:
    for scope, inside, flowing in visible(place.path, place.path[-1]):
        if inside and scope.type not in COMPREHENSIONS:
            yield scope, flowing


def _table(place: Place, unit: Node) -> Table:
    return place.file.table if unit == place.file.root else table_of(unit)
