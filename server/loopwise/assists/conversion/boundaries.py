"""Boundaries: plain functions that stay plain and run their calls in an event loop: entry points, tests, threads."""

from __future__ import annotations

from collections.abc import Sequence

from loopwise.analysis.unit import Unit
from loopwise.assists.parts import accepted
from loopwise.graph import Function, Incoming
from loopwise.semantics.index import is_test
from loopwise.syntax import Node

# What the entry points of programs are called, where nothing in the project calls them.
_ENTRIES = frozenset("cli entry_point entrypoint main run_cli".split())


def boundary(unit: Unit, definition: Node, function: Function, incoming: Sequence[Incoming]) -> str:
    """The reason why a plain function is a boundary; empty if it is to become async itself."""
    if any(edge.kind == "runs" for edge in function.edges):
        return "it runs an event loop itself"
    kinds = {kind for _, kind in accepted(unit, definition) if kind is not None}
    if "plain" in kinds:
        return "its decorator takes only plain functions"
    if is_test(unit.file.key) and (not incoming or function.name.rpartition(".")[2].startswith("test")):
        return "a test"
    if incoming and all(edge.kind in {"process", "thread"} for _, edge in incoming):
        return "it runs in a thread of its own"
    if not incoming and function.name in _ENTRIES:
        return "an entry point"
    if not incoming and not kinds and any("." in mark.partition("(")[0] for mark in function.decorators):
        return "its decorator may take only plain functions"
    return ""
