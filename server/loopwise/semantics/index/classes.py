"""Uses of a class as far as its own file shows: entered by ``async with``, iterated by ``async for``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from loopwise.semantics.index.blocks import Block
from loopwise.semantics.index.heads import definition, dotted, parameters
from loopwise.syntax import Node, decorators_of, field, text_of

ClassKind = Literal["async context manager class", "async iterable class"]
UNTOLD = "(...)"  # the parameters of a class whose file does not show them

_ENTERED = frozenset({"AbstractAsyncContextManager", "AsyncContextManager", "AsyncContextDecorator", "AsyncExitStack"})
_ITERATED = frozenset({"AsyncIterable", "AsyncIterator", "AsyncGenerator"})
_WITHOUT_INIT = (_ENTERED | _ITERATED | {"object", "ABC", "Generic"}) - {"AsyncExitStack"}
# A file without one of these words has no class that matters.
WORDS = re.compile("|".join(sorted({"__aenter__", "__aiter__", *_ENTERED, *_ITERATED})).encode())


class Class(msgspec.Struct, frozen=True):
    """``parameters`` are those of its ``__init__``; ``None`` if it has only ``object``'s."""

    kinds: frozenset[ClassKind]
    parameters: str | None


def class_of(block: Block, before: Mapping[str, Class]) -> Class:
    """The class of a class statement; ``before`` holds those above it in the file, by name."""
    node = definition(block)
    if node is None:
        return Class(frozenset(), UNTOLD)
    members = {member.name: member for member in block.held()}
    bases = _bases(node)
    kinds: set[ClassKind] = {kind for base in bases if base in before for kind in before[base].kinds}
    last = {base.rpartition(".")[2] for base in bases}
    if "__aenter__" in members or not _ENTERED.isdisjoint(last):
        kinds.add("async context manager class")
    if "__aiter__" in members or not _ITERATED.isdisjoint(last):
        kinds.add("async iterable class")
    return Class(frozenset(kinds), _made_with(node, members, bases, before))


def _made_with(node: Node, members: Mapping[str, Block], bases: list[str], before: Mapping[str, Class]) -> str | None:
    init = definition(members["__init__"]) if "__init__" in members else None
    if init is not None:
        return parameters(init, bound=True)
    if decorators_of(node) or "__new__" in members:  # a dataclass, perhaps
        return UNTOLD
    for base in bases:
        if base in before:
            if before[base].parameters is not None:
                return before[base].parameters
        elif base.rpartition(".")[2] not in _WITHOUT_INIT:
            return UNTOLD
    return None


def _bases(node: Node) -> list[str]:
    """The dotted names of a class's bases; ``""`` for a base without one, and for a metaclass of the user's own."""
    clause = field(node, "superclasses")
    found = []
    for base in clause.named_children if clause is not None else ():
        if base.type == "keyword_argument":
            value = field(base, "value")
            if value is not None and text_of(value).rpartition(".")[2] != "ABCMeta":
                found.append("")
        elif base.type != "comment":
            found.append(dotted(base))
    return found
