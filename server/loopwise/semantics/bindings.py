"""Bindings: the places that give names their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cached_property
from types import MappingProxyType

import msgspec

from loopwise.syntax import Node
from loopwise.text import Span


class Kind(Enum):
    """How a name gets its value; says what :attr:`Binding.value` is."""

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
    """One arm of a compound statement that encloses a binding."""

    statement: int  # relative start of the compound statement
    arm: int  # relative start of the arm's block
    kind: str  # the statement's node type
    guards: tuple[tuple[str, bool], ...] = ()  # conditions on sys.version_info, sys.platform: (text, must be)


class Binding(msgspec.Struct, frozen=True):
    """One place that gives a name (or an attribute of ``self``) a value."""

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


class Table(msgspec.Struct, frozen=True, dict=True):
    """All bindings of one unit, in source order."""

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
    def imports(self) -> tuple[Binding, ...]:
        """The bindings that imports make."""
        return tuple(binding for binding in self.bindings if binding.kind in {Kind.IMPORT, Kind.FROM})

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


def _grouped(pairs: Iterable[tuple[str, Binding]]) -> dict[str, tuple[Binding, ...]]:
    groups: dict[str, list[Binding]] = {}
    for name, binding in pairs:
        groups.setdefault(name, []).append(binding)
    return {name: tuple(found) for name, found in groups.items()}


def places(items: Sequence[Node]) -> Iterator[tuple[int | None, Node]]:
    """The targets of an unpacking with their indexes, from the end after a starred one, which has ``None``."""
    star = next((i for i, item in enumerate(items) if item.type in _STARS), len(items))
    for index, item in enumerate(items):
        if index == star and item.named_children:
            yield None, item.named_children[0]
        elif index != star:
            yield (index if index < star else index - len(items)), item


_STARS = frozenset({"list_splat_pattern", "list_splat", "splat_pattern"})
