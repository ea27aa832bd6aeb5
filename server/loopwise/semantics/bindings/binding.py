"""Bindings: where names get their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from types import MappingProxyType

import msgspec

from loopwise.syntax import Node
from loopwise.text import Region, Span


class Kind(Enum):
    """The construct that binds a name; determines what :attr:`Binding.value` is."""

    ASSIGN = "assign"  # the right-hand side
    DECLARE = "declare"  # an annotation alone
    PARAMETER = "parameter"  # the default
    FOR = "for"  # the iterable
    WITH = "with"  # the context manager
    EXCEPT = "except"  # the exception class or classes
    FUNCTION = "function"  # the definition
    CLASS = "class"  # the definition
    IMPORT = "import"
    FROM = "from"
    ALIAS = "alias"  # the right-hand side of a `type` statement
    CASE = "case"  # the pattern before the `as`
    OUTER = "outer"  # `global` or `nonlocal`
    OPAQUE = "opaque"  # bound, to what is not worth knowing: parts of patterns, augmented assignments


class Branch(msgspec.Struct, frozen=True):
    """One branch of a compound statement that encloses a binding."""

    statement: int  # relative start of the compound statement
    arm: int  # relative start of the arm's block
    kind: str  # the statement's node type
    guards: tuple[tuple[str, bool], ...] = ()  # conditions on sys.version_info, sys.platform: (text, must be)


class Binding(msgspec.Struct, frozen=True):
    """One binding of a name (or of an attribute of ``self``) to a value."""

    name: str
    kind: Kind
    at: Span  # the name, relative to the unit
    value: Span | None = None  # see Kind
    annotation: Span | None = None
    path: tuple[int | None, ...] = ()  # indexes when unpacked, outermost first; None: a starred target
    asynchronous: bool = False  # `async for`, `async with`
    branches: tuple[Branch, ...] = ()  # outermost first
    module: str = ""  # imports: as written, leading dots kept
    member: str = ""  # `from module import member`
    splat: str = ""  # parameters: "", "*" or "**"
    keyword_only: bool = False  # parameters


_EMPTY: Mapping[str, tuple[Binding, ...]] = MappingProxyType({})


class Scanned(msgspec.Struct, frozen=True, dict=True):
    """The results of one pass over a unit, in source order."""

    bindings: tuple[Binding, ...]
    attributes: tuple[tuple[str, Binding], ...]  # (object's name, binding of its attribute)
    stars: tuple[Binding, ...]  # `from module import *`
    returns: tuple[Span, ...]  # expressions of `return` statements
    yields: tuple[tuple[Span, bool], ...]  # expressions of `yield`, and whether `yield from`
    is_generator: bool

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Binding, ...]]:
        return _grouped((binding.name, binding) for binding in self.bindings)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The start offsets of the bound names."""
        return tuple(binding.at.start for binding in self.bindings)


class Table(msgspec.Struct, frozen=True, dict=True):
    """All bindings of one unit, in source order.

    ``region`` is where the unit differs from the scanned text: in the body of one function or class inside it, which
    binds nothing in the unit.  Bindings are moved to their present offsets when they are asked for.
    """

    scanned: Scanned
    region: Region | None = None

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        return self.moved(self.scanned.bindings)

    @cached_property
    def attributes(self) -> tuple[tuple[str, Binding], ...]:
        found = self.scanned.attributes
        return tuple((owner, self.moved((binding,))[0]) for owner, binding in found) if self.region else found

    @cached_property
    def stars(self) -> tuple[Binding, ...]:
        return self.moved(self.scanned.stars)

    @property
    def returns(self) -> tuple[Span, ...]:
        return self.scanned.returns  # of functions, which are never moved

    @property
    def yields(self) -> tuple[tuple[Span, bool], ...]:
        return self.scanned.yields

    @property
    def is_generator(self) -> bool:
        return self.scanned.is_generator

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Binding, ...]]:
        return self.scanned.by_name if self.region is None else _Moved(self)

    @cached_property
    def imports(self) -> tuple[Binding, ...]:
        """The bindings made by imports."""
        found = self.scanned.bindings
        return self.moved(tuple(binding for binding in found if binding.kind in {Kind.IMPORT, Kind.FROM}))

    def attributes_of(self, owner: str) -> Mapping[str, tuple[Binding, ...]]:
        """Bindings of ``owner.attribute`` made in this unit, by attribute."""
        return self._by_owner.get(owner, _EMPTY)

    @cached_property
    def _by_owner(self) -> Mapping[str, Mapping[str, tuple[Binding, ...]]]:
        owners = {owner for owner, _ in self.attributes}
        return {o: _grouped((b.name, b) for owner, b in self.attributes if owner == o) for o in owners}

    @cached_property
    def parameters(self) -> tuple[Binding, ...]:
        return tuple(binding for binding in self.bindings if binding.kind is Kind.PARAMETER)

    def moved(self, bindings: tuple[Binding, ...]) -> tuple[Binding, ...]:
        """Move bindings from their offsets in the scanned text to the present ones."""
        region = self.region
        return bindings if region is None else tuple(moved(binding, region) for binding in bindings)


class _Moved(Mapping[str, tuple[Binding, ...]]):
    """The bindings of a table by name, moved to present offsets one name at a time."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._found: dict[str, tuple[Binding, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Binding, ...]:
        if name not in self._found:
            self._found[name] = self._table.moved(self._table.scanned.by_name[name])
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.scanned.by_name)

    def __len__(self) -> int:
        return len(self._table.scanned.by_name)


def moved(binding: Binding, region: Region) -> Binding:
    """Move a binding to its offsets after an edit that touches no part of it."""
    if binding.at.start < region.start and (binding.value is None or binding.value.end < region.start):
        return binding

    def now(span: Span | None) -> Span | None:
        return region.stretched(span) if span is not None else None

    branches = tuple(
        msgspec.structs.replace(each, statement=_at(each.statement, region), arm=_at(each.arm, region))
        for each in binding.branches
    )
    at = now(binding.at) or binding.at
    value, annotation = now(binding.value), now(binding.annotation)
    return msgspec.structs.replace(binding, at=at, value=value, annotation=annotation, branches=branches)


def _at(offset: int, region: Region) -> int:
    return offset + region.growth if offset >= region.old else offset


def _grouped(pairs: Iterable[tuple[str, Binding]]) -> dict[str, tuple[Binding, ...]]:
    groups: dict[str, list[Binding]] = {}
    for name, binding in pairs:
        groups.setdefault(name, []).append(binding)
    return {name: tuple(found) for name, found in groups.items()}


def places(items: Sequence[Node]) -> Iterator[tuple[int | None, Node]]:
    """The targets of an unpacking with their indexes: ``None`` for a starred target, counted from the end after it."""
    star = next((i for i, item in enumerate(items) if item.type in _STARS), len(items))
    for index, item in enumerate(items):
        if index == star and item.named_children:
            yield None, item.named_children[0]
        elif index != star:
            yield (index if index < star else index - len(items)), item


_STARS = frozenset({"list_splat_pattern", "list_splat", "splat_pattern"})
