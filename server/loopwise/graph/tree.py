"""The graph unfolded from its entry points down, as a tree that a person reads; large modules fold."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.graph.project import Graph
from loopwise.graph.values import Edge, Kind, Ref

_DEEPEST = 12
_QUIET: frozenset[Kind] = frozenset({"calls"})


class Branch(msgspec.Struct, frozen=True):
    """A line of the tree."""

    kind: Kind | str
    """Of the edge; of an entry point the word ``entry``, of a folded module ``fold``."""
    label: str
    ref: Ref | None
    """What is reached."""
    place: Ref | None
    """The function in which the call is; ``None`` for an entry point."""
    line: int
    """Of the call, from 0; of an entry point that of its definition."""
    within: tuple[str, ...] = ()
    lost: bool = False
    overridden: int = 0
    """How many overrides the call may reach besides."""
    again: bool = False
    """Is what is below it shown elsewhere?"""
    branches: tuple[Branch, ...] = ()
    why: str = ""
    """Of an entry point: why it is one."""


class _Walk:
    def __init__(self, graph: Graph, deepest: int) -> None:
        self.graph = graph
        self.deepest = deepest
        self.shown: dict[tuple[Ref, bool], bool] = {}
        """What has been shown, on the event loop or off it, and whether there was anything below it."""

    def below(self, ref: Ref, way: tuple[Ref, ...], *, on_loop: bool) -> Iterator[Branch]:
        function = self.graph.function(ref)
        for edge in function.edges if function is not None else ():
            if edge.kind == "blocks":
                if on_loop and (edge.lasting or len(way) == 1 or function is None or function.is_async):
                    yield Branch("blocks", edge.label, None, ref, edge.line, edge.within)
            elif edge.target is not None and edge.target not in way:
                branch = self.branch(edge, edge.target, ref, way, on_loop=on_loop)
                if branch.kind not in _QUIET or branch.branches:
                    yield branch

    def branch(self, edge: Edge, target: Ref, place: Ref, way: tuple[Ref, ...], *, on_loop: bool) -> Branch:
        stays = edge.kind == "runs" or (on_loop and edge.kind not in {"thread", "process"})
        key = target, stays
        again = self.shown.get(key, False)
        below: tuple[Branch, ...] = ()
        if key not in self.shown and len(way) < self.deepest:
            self.shown[key] = False
            below = tuple(_merged(self.below(target, (*way, target), on_loop=stays)))
            self.shown[key] = bool(below)
        more = len(self.graph.reached(edge)) - 1
        return Branch(
            edge.kind,
            self.graph.label(target),
            target,
            place,
            edge.line,
            edge.within,
            edge.lost,
            more,
            again and edge.kind not in _QUIET,
            below,
        )


def unfolded(graph: Graph, starts: tuple[tuple[Ref, str], ...], deepest: int = _DEEPEST) -> tuple[Branch, ...]:
    """The tree below some functions, each with why it is an entry point; what was shown once is not shown again."""
    walk = _Walk(graph, deepest)
    found = []
    for ref, why in starts:
        function = graph.function(ref)
        if (ref, True) in walk.shown or function is None:
            continue
        walk.shown[ref, True] = True
        below = tuple(_merged(walk.below(ref, (ref,), on_loop=True)))
        found.append(Branch("entry", graph.label(ref), ref, None, function.line, branches=below, why=why))
    return tuple(found)


def _merged(branches: Iterator[Branch]) -> Iterator[Branch]:
    """Several calls of one function, made alike in one place, are one line."""
    seen: set[tuple[object, ...]] = set()
    for one in branches:
        key = one.kind, one.label, one.within, one.lost
        if key not in seen:
            seen.add(key)
            yield one
