"""Suspension points: where a coroutine function lets the event loop continue, by ``await`` or otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.syntax import Node, is_async, nodes_of

_WAITING = frozenset({"await", "for_statement", "with_statement", "for_in_clause", "yield"})
# Their bodies run later, or as another coroutine.
_NESTED = frozenset({"function_definition", "lambda", "class_definition", "generator_expression"})


def own(node: Node, types: frozenset[str]) -> Iterator[Node]:
    """The nodes of some types in ``node``, itself included, that run when it runs: not those of nested functions."""
    found = nodes_of(node, types)
    if not found:
        return
    inner = nodes_of(node, _NESTED)
    spans = [(one.start_byte, one.end_byte) for one in inner if one.id != node.id]
    for one in found:
        if not any(start <= one.start_byte and one.end_byte <= end for start, end in spans):
            yield one


def waits(node: Node) -> Iterator[Node]:
    """The suspension points: ``await``, ``async for``, ``async with``, and ``yield`` of an async generator."""
    for one in own(node, _WAITING):
        if one.type in {"await", "yield"} or is_async(one):
            yield one


def first_wait(node: Node) -> Node | None:
    """The first suspension point in ``node``; ``None`` if there is none."""
    return next(waits(node), None)
