"""Warms the caches: computes in advance what the first requests on a file will need."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.features.completion import library
from loopwise.features.hover import hover
from loopwise.project import View
from loopwise.semantics.bindings import Kind, table_of
from loopwise.syntax import Node, node_at, text_of, walk

_MOST = 60  # places looked at


def steps(view: View) -> Iterator[None]:
    """Read the tables of all units, and evaluate the names of asyncio and imported modules; each step is short."""
    yield from _tables(view.file.root)
    yield from library.steps(view)
    for binding in view.file.table.bindings:
        source = view.file.absolute(binding.module) if binding.kind is Kind.FROM else None
        if source is not None:
            view.evaluator.module_member(source, binding.member)
            yield
    members = frozenset(name.rpartition(".")[2] for name in view.api.symbols)
    seen: set[str] = set()
    for number, node in enumerate(walk(view.file.root)):
        if node.type == "identifier" and text_of(node) in members - seen:
            seen.add(text_of(node))
            hover(view, node.start_byte)
            yield
        elif number % 400 == 0:
            yield
        if len(seen) >= _MOST:
            return


def _tables(unit: Node) -> Iterator[None]:
    for binding in table_of(unit).bindings:
        if binding.kind in {Kind.FUNCTION, Kind.CLASS} and binding.value is not None:
            inner = node_at(unit, binding.value.shifted(unit.start_byte))
            if inner is not None:
                yield from _tables(inner)
                yield
