"""Finds the calls whose values a statement discards."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.syntax import Node, field, parts_of

# These evaluate their items at once. A generator expression does so only when it is iterated.
KEPT_ITEMS = frozenset({"list_comprehension", "set_comprehension", "dictionary_comprehension"})
_DISPLAYS = frozenset({"expression_statement", "parenthesized_expression", "tuple", "list", "set"})


def dropped(node: Node) -> Iterator[Node]:
    """The calls whose values an expression statement discards, in source order.

    These include the last one of ``a and b``, both branches of a conditional expression, and the items of a display or
    comprehension; those of a generator expression are never evaluated.
    """
    if node.type == "call":
        yield node
    elif node.type in _DISPLAYS:
        yield from (call for child in parts_of(node) for call in dropped(child))
    elif node.type == "boolean_operator":
        yield from _in(field(node, "right"))
    elif node.type == "conditional_expression" and len(parts_of(node)) >= 3:
        yield from (*dropped(parts_of(node)[0]), *dropped(parts_of(node)[-1]))
    elif node.type in KEPT_ITEMS:
        body = field(node, "body")
        yield from _in(field(body, "value") if body is not None and body.type == "pair" else body)


def _in(node: Node | None) -> Iterator[Node]:
    if node is not None:
        yield from dropped(node)
