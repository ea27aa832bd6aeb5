"""Trees: parsing, parsing again after an edit, half-typed code made whole, and questions about nodes."""

from __future__ import annotations

from tree_sitter import Node, Tree

from loopwise.syntax.awaits import await_of, awaited_part
from loopwise.syntax.tree import (
    COMPREHENSIONS,
    SMALL,
    Edited,
    Step,
    arguments_of,
    damage,
    decorators_of,
    field,
    in_brackets,
    is_async,
    name_at,
    node_at,
    nodes_of,
    parse,
    path_to,
    span_of,
    spread_of,
    string_value,
    text_of,
    unwrap,
    walk,
)

__all__ = [
    "COMPREHENSIONS",
    "SMALL",
    "Edited",
    "Node",
    "Step",
    "Tree",
    "arguments_of",
    "await_of",
    "awaited_part",
    "damage",
    "decorators_of",
    "field",
    "in_brackets",
    "is_async",
    "name_at",
    "node_at",
    "nodes_of",
    "parse",
    "path_to",
    "span_of",
    "spread_of",
    "string_value",
    "text_of",
    "unwrap",
    "walk",
]
