"""The project's call graph: what each function calls, awaits, starts, passes to threads and blocks on."""

from __future__ import annotations

from loopwise.graph.around import is_lock
from loopwise.graph.at import definition_at, function_at
from loopwise.graph.build import Builder
from loopwise.graph.chart import Chart
from loopwise.graph.folding import folded
from loopwise.graph.project import Graph, Incoming
from loopwise.graph.targets import targets
from loopwise.graph.tree import Branch, unfolded
from loopwise.graph.values import Edge, Function, ModuleGraph, Ref
from loopwise.graph.words import said

__all__ = [
    "Branch",
    "Builder",
    "Chart",
    "Edge",
    "Function",
    "Graph",
    "Incoming",
    "ModuleGraph",
    "Ref",
    "definition_at",
    "folded",
    "function_at",
    "is_lock",
    "said",
    "targets",
    "unfolded",
]
