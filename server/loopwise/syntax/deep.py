"""Code that is nested so deeply that no one has written it.

Most questions about a node look at all the nodes around it: a thousand brackets in brackets cost a million looks, and a
generated file of 10 KB has 5,000.  So a statement that is nested more than 500 nodes deep is parsed as a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node, Tree

from loopwise.syntax.kinds import BLOCKS
from loopwise.text import Span

_DEEPEST = 500  # nodes: Python allows 100 blocks in blocks, and 200 brackets in brackets
_WIDEST = 5_000  # nodes below one that is an error: a query takes the square of their number


def deep_statements(tree: Tree) -> list[Span]:
    """The statements that are too deep, the outermost of those that are simple, and the ends of long errors."""
    found: dict[int, Span] = {}
    # Each with its depth, and the innermost statement that it is in.
    ahead: list[tuple[Node, int, Node | None]] = [(tree.root_node, 0, None)]
    while ahead:
        node, depth, statement = ahead.pop()
        if depth > _DEEPEST:
            place = statement or node
            found[place.start_byte] = Span(place.start_byte, place.end_byte)
            continue
        if node.descendant_count + depth <= _DEEPEST:
            continue
        if node.is_error and node.child_count > _WIDEST:
            start = node.children[_WIDEST].start_byte
            found[start] = Span(start, node.end_byte)
            continue
        is_block = node.type in BLOCKS
        ahead += [(child, depth + 1, child if is_block else statement) for child in node.children]
    return list(_outermost(sorted(found.values())))


def _outermost(spans: Sequence[Span]) -> Iterator[Span]:
    end = -1
    for span in spans:
        if span.start >= end:
            yield span
            end = span.end


def cut(shown: bytearray, spans: Sequence[Span]) -> None:
    """Put a number in the place of each span, and as many lines."""
    for span in spans:
        part = slice(span.start, span.end)
        shown[part] = b"0" + bytes(byte if byte in b"\r\n" else 32 for byte in shown[span.start + 1 : span.end])
