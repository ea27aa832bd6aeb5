"""Lines that are being typed."""

from __future__ import annotations

from loopwise.syntax import Node, in_brackets
from loopwise.text import Source


def runs_over(root: Node, source: Source, offset: int) -> bool:
    """Does the line of an offset end where the next one cannot go on, and does the tree take it to (``x =``)?

    tree-sitter finds no error in that.
    """
    line = source.line_at(offset)
    end = source.line_span(line).end
    if source.data[:end].endswith(b"\\") or line + 1 == len(source.starts):
        return False
    node = root.descendant_for_byte_range(end, source.starts[line + 1])
    if node is None or node.type in {"module", "block", "comment", "string", "string_content", "ERROR"}:
        return False
    is_head = any(child.type in {"block", ":"} for child in node.children)
    return not is_head and not in_brackets(node) and node.children[-1].type not in {")", "]", "}"}
