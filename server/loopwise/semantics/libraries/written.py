"""Writes code on one line, without comments and without parts that do not determine a name's type."""

from __future__ import annotations

from loopwise.syntax import COMPREHENSIONS, Node, field, text_of
from loopwise.text import decode

LONGEST = 200  # bytes of an expression that is kept as it is
_EMPTY = {
    "string": '""',
    "concatenated_string": '""',
    "list": "[]",
    "dictionary": "{}",
    "set": "set()",
    "integer": "0",
    "float": "0.0",
}


def flat(node: Node) -> str:
    """A node's text on one line; the contents of multi-line strings are left out."""
    text = node.text or b""
    if b"\n" not in text and b"\r" not in text and b"#" not in text:
        return decode(text)
    return _joined(_leaves(node))


def _leaves(node: Node) -> list[Node]:
    """The tokens of an expression, without comments."""
    found: list[Node] = []
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type == "string" or not one.child_count:
            found.append(one)
        else:
            stack += reversed(one.children)
    return [one for one in found if one.type not in {"comment", "line_continuation"}]


def _joined(leaves: list[Node]) -> str:
    """Join tokens, with a space if anything separated them; nothing is inserted inside a string."""
    made, end = "", leaves[0].start_byte if leaves else 0
    for leaf in leaves:
        piece = text_of(leaf)
        if leaf.type == "string" and "\n" in piece:
            piece = '""'
        blank = leaf.start_byte > end and made[-1:] not in {"", "(", "[", "{"} and piece not in {")", "]", "}", ","}
        made, end = f"{made} {piece}" if blank else made + piece, leaf.end_byte
    return made


def short(node: Node) -> str:
    """A condition if it is short, else ``...``."""
    text = flat(node)
    return text if len(text) <= LONGEST else "..."


def value_of(node: Node) -> str:
    """An assigned value, reduced to what determines its type."""
    if node.type in _EMPTY and not (node.type in {"list", "dictionary", "set"} and len(node.text or b"") <= LONGEST):
        return _EMPTY[node.type]
    if node.type in COMPREHENSIONS:
        return "..."
    text = flat(node)
    if len(text) <= LONGEST:
        return text
    callee = field(node, "function") if node.type == "call" else None
    called = flat(callee) if callee is not None else ""
    return f"{called}()" if called and len(called) <= LONGEST else "..."
