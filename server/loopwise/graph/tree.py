"""Unfolds the graph from its entry points into a tree for people to read; large modules are folded."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.graph.project import Graph
from loopwise.graph.values import Edge, Kind, Ref

_DEEPEST = 12
# A plain call that leads to nothing asynchronous is of no interest in this tree.
_QUIET: frozenset[Kind] = frozenset({"calls"})


class Branch(msgspec.Struct, frozen=True):
    """A line of the tree."""

    kind: Kind | str
    """The edge's kind; ``entry`` for an entry point, ``fold`` for a folded module."""
    label: str
    ref: Ref | None
    """The function reached."""
    place: Ref | None
    """The function that contains the call; ``None`` for an entry point."""
    line: int
    """The line of the call, counted from 0; for an entry point, of its definition."""
    within: tuple[str, ...] = ()
    lost: bool = False
    overridden: int = 0
    """The number of overrides that the call may reach as well."""
    again: bool = False
    """Is the part below it shown elsewhere?"""
    branches: tuple[Branch, ...] = ()
    why: str = ""
    """The reason why it is an entry point."""


class _Walk:
    def __init__(self, graph: Graph, deepest: int) -> None:
        self.graph = graph
        self.deepest = deepest
        self.shown: dict[tuple[Ref, bool], bool] = {}
        """The functions shown, on or off the event loop, each with whether there was anything below it."""

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
        # What blocks matters on the loop only, so a function may be shown once on it and once off it.
        stays = edge.kind == "runs" or (on_loop and edge.kind not in {"thread", "process"})
        key = target, stays
        again = self.shown.get(key, False)
        below: tuple[Branch, ...] = ()
        if key not in self.shown and len(way) < self.deepest:
            # Set first, so that a cycle ends here.
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
    """The tree below some functions, each with the reason why it is an entry point; no subtree is shown twice."""
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
    """Merge calls of one function that are made in the same way from the same place."""
    seen: set[tuple[object, ...]] = set()
    for one in branches:
        key = one.kind, one.label, one.within, one.lost
        if key not in seen:
            seen.add(key)
            yield one
