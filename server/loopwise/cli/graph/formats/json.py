"""For programs: each function with its edges."""

from __future__ import annotations

import json
from typing import Any

from loopwise.graph import Chart, Edge, Function, Graph, Ref


def drawn(chart: Chart) -> str:
    graph = chart.graph
    entries = {branch.ref: branch.why for branch in chart.branches}
    functions = [_function(graph, ref, one, entries.get(ref)) for ref, one in graph.functions() if _says(ref, one)]
    return json.dumps({"title": chart.title, "functions": functions}, indent=2) + "\n"


def _says(ref: Ref, function: Function) -> bool:
    return bool(ref.name or function.edges)


def _function(graph: Graph, ref: Ref, function: Function, entry: str | None) -> dict[str, Any]:
    return {
        "name": graph.label(ref),
        "path": ref.path,
        "line": function.line + 1,
        "async": function.is_async,
        "entry": entry,
        "locks": [{"name": lock.name, "line": lock.line + 1} for lock in function.locks],
        "edges": [_edge(graph, edge) for edge in function.edges],
    }


def _edge(graph: Graph, edge: Edge) -> dict[str, Any]:
    return {
        "kind": edge.kind,
        "written": edge.label,
        "targets": [graph.label(ref) for ref in graph.reached(edge)],
        "line": edge.line + 1,
        "within": list(edge.within),
        "not_stored": edge.lost,
    }
