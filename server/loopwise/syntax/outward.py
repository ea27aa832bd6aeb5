"""The nodes around a node."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

_NEAR = 24  # parents that are asked for one by one


def outward(node: Node, root: Node) -> Iterator[Node]:
    """The nodes around a node, the innermost first, up to the root of its tree.

    tree-sitter finds a parent by going down from the root: in code that is nested a thousand levels deep each costs
    as much as all of them together.
    """
    inner = node
    for _ in range(_NEAR):
        outer = inner.parent
        if outer is None:
            return
        yield outer
        inner = outer
    yield from reversed(_path(root, inner))


def _path(root: Node, node: Node) -> list[Node]:
    found: list[Node] = []
    outer: Node | None = root
    while outer is not None and outer != node:
        found.append(outer)
        outer = outer.child_with_descendant(node)
    return found
