"""Clauses that the grammar represents in several forms."""

from __future__ import annotations

from tree_sitter import Node

from loopwise.syntax.tree import unwrap


def caught_classes(clause: Node) -> list[Node]:
    """The classes in an ``except`` clause: one, those of a tuple, or (PEP 758) several without parentheses."""
    found: list[Node] = []
    for value in clause.children_by_field_name("value"):
        kind = unwrap(value.named_children[0] if value.type == "as_pattern" else value)
        found += kind.named_children if kind.type == "tuple" else [kind]
    return found
