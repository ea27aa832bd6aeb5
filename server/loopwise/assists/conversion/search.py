"""Finds the graph of all modules that a conversion of a function needs, and converts it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Literal

from loopwise.assists.conversion.plan import converted, wanted
from loopwise.assists.conversion.reverse import reverted
from loopwise.assists.conversion.values import Conversion
from loopwise.graph import Graph, Ref
from loopwise.project import View

Goal = Literal["async", "plain"]
"""The kind that a function is converted to."""

_MOST_ROUNDS = 40  # from a function to its callers, and theirs


def conversion(
    ref: Ref, goal: Goal, graph_of: Callable[[Iterable[Ref]], Graph], view_of: Callable[[str], View | None]
) -> Conversion:
    """Convert a function to the kind in ``goal``.

    ``graph_of`` returns the graph of all modules that name one of some functions, ``view_of`` the view of a file by its
    key.
    """
    if goal == "plain":
        graph = graph_of({ref})
        family = {ref, *graph.relatives(ref)}
        return reverted(graph if len(family) == 1 else graph_of(family), ref, cache(view_of))
    refs = frozenset({ref})
    graph = graph_of(refs)
    for _ in range(_MOST_ROUNDS):
        more = wanted(graph, refs)
        if more == refs:
            break
        refs, graph = more, graph_of(more)
    return converted(graph, ref, cache(view_of))
