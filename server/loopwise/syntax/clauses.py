"""Clauses whose grammar has several forms."""

from __future__ import annotations

from tree_sitter import Node

from loopwise.syntax.tree import unwrap


def caught_classes(clause: Node) -> list[Node]:
    """What an ``except`` clause names: one class, those of a tuple, or (PEP 758) some without parentheses."""
    found: list[Node] = []
    for value in clause.children_by_field_name("value"):
        kind = unwrap(value.named_children[0] if value.type == "as_pattern" else value)
        found += kind.named_children if kind.type == "tuple" else [kind]
    return found
