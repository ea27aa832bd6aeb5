"""The operands of ``await`` expressions."""

from __future__ import annotations

from tree_sitter import Node

from loopwise.syntax.tree import field


def awaited_part(wait: Node) -> Node | None:
    """The operand of an ``await`` expression.

    The grammar nests the power in ``await f() ** 2`` below the ``await``; Python awaits only ``f()``.
    """
    inner = next((child for child in wait.named_children if child.type != "comment"), None)
    return field(inner, "left") if inner is not None and _is_power(inner) else inner


def await_of(node: Node) -> Node | None:
    """The ``await`` whose operand an expression is, ignoring parentheses; ``None`` if there is none."""
    outer = node.parent
    while outer is not None and outer.type == "parenthesized_expression":
        node, outer = outer, outer.parent
    if outer is not None and _is_power(outer) and field(outer, "left") == node:
        outer = outer.parent
    return outer if outer is not None and outer.type == "await" else None


def _is_power(node: Node) -> bool:
    operator = field(node, "operator") if node.type == "binary_operator" else None
    return operator is not None and operator.type == "**"
