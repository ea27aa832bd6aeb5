"""Finds the uses of a name below a node."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.syntax import IDENTIFIERS, Node, field, nodes_of, text_of


def uses(node: Node, name: str) -> Iterator[Node]:
    """The uses of a name in ``node``, except as an attribute or a keyword in a call."""
    for found in nodes_of(node, IDENTIFIERS):
        if text_of(found) != name or found.parent is None:
            continue
        parent = found.parent
        if parent.type == "attribute" and field(parent, "attribute") == found:
            continue
        if parent.type == "keyword_argument" and field(parent, "name") == found:
            continue
        yield found
