"""The arguments of a call, matched to parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from loopwise.semantics.bindings import Binding, File
from loopwise.semantics.infer.values import UNKNOWN, Value
from loopwise.syntax import Node, arguments_of, spread_of

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


class Argument(msgspec.Struct, frozen=True):
    """An argument: a value, or a node that is evaluated when needed."""

    file: File | None = None
    node: Node | None = None
    known: Value = UNKNOWN
    spread: bool = False  # `*node`

    def value(self, ev: Evaluator) -> Value:
        if self.file is not None and self.node is not None:
            value = ev.value(self.file, self.node)
            return ev.iterated(value) if self.spread else value
        return self.known


class Arguments(msgspec.Struct, frozen=True):
    """All arguments of a call."""

    positional: tuple[Argument, ...] = ()
    keywords: dict[str, Argument] = {}
    starred: bool = False  # `*` or `**` may fill any parameter
    spread: tuple[Argument, ...] = ()  # the code after a `*`

    @classmethod
    def of_values(cls, values: Iterable[Value]) -> Arguments:
        return cls(tuple(Argument(known=value) for value in values))

    @classmethod
    def of_nodes(cls, file: File, nodes: Iterable[Node]) -> Arguments:
        return cls(tuple(Argument(file, node) for node in nodes))


NO_ARGUMENTS = Arguments(starred=True)


def arguments_in(file: File, node: Node) -> Arguments:
    """The arguments of a call expression."""
    positional, keywords, starred = arguments_of(node)
    return Arguments(
        tuple(Argument(file, item) for item in positional),
        {name: Argument(file, item) for name, item in keywords.items()},
        starred,
        tuple(Argument(file, item, spread=True) for item in spread_of(node)),
    )


def pairs(parameters: tuple[Binding, ...], args: Arguments) -> list[tuple[Binding, Argument]]:
    """Pair each argument with its parameter."""
    found = []
    takers = [p for p in parameters if not p.keyword_only and p.splat != "**"]
    position = 0
    for argument in args.positional:
        if position >= len(takers):
            break
        found.append((takers[position], argument))
        # ``*args`` takes all further positional arguments.
        if takers[position].splat != "*":
            position += 1
    rest = {p.splat: p for p in parameters if p.splat}
    found += [(rest["*"], argument) for argument in args.spread if "*" in rest]
    by_name = {p.name: p for p in parameters if not p.splat}
    for name, argument in args.keywords.items():
        parameter = by_name.get(name, rest.get("**"))
        found += [(parameter, argument)] if parameter is not None else []
    return found
