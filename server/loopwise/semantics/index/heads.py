"""The heads of definitions: parameters, decorators, bases; each parsed on its own, without the body."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.semantics.index.blocks import Block
from loopwise.syntax import SCOPES, Node, field, parse, string_value, text_of, unwrap, walk
from loopwise.text import Source, decode

_YIELD = re.compile(rb"\byield\b")
_LAID_OUT = re.compile(r"(?<=[(\[{]) |,? (?=[)\]}])")


def definition(block: Block) -> Node | None:
    """The node of a block's definition, with ``...`` for its body if its head can be told apart from the body."""
    head = block.head
    if head is not None:
        root = parse(Source.of(head)).root_node
        if not root.has_error:
            return next(_definitions(root), None)
    return _whole(block)


def yields(block: Block) -> bool:
    """Does a block's function have a ``yield`` of its own?"""
    if not _YIELD.search(block.text, block.start):
        return False
    node = _whole(block)
    body = field(node, "body") if node is not None else None
    return body is not None and any(node.type == "yield" for node in walk(body, skip=SCOPES))


def _whole(block: Block) -> Node | None:
    return next(_definitions(parse(Source.of(block.text)).root_node), None)


def _definitions(root: Node) -> Iterator[Node]:
    for node in root.named_children:
        inner = field(node, "definition") if node.type == "decorated_definition" else node
        if inner is not None and inner.type in {"function_definition", "class_definition"}:
            yield inner


def parameters(function: Node, *, bound: bool = False) -> str:
    """The parameters as written, on one line, without comments; if ``bound``, without the first."""
    node = field(function, "parameters")
    parts = [part for part in node.named_children if part.type != "comment"] if node is not None else []
    if bound and parts and parts[0].type in {"identifier", "typed_parameter"}:
        del parts[0]
        if parts and parts[0].type == "positional_separator":
            del parts[0]
    return f"({', '.join(_on_one_line(part) for part in parts)})"


def _on_one_line(node: Node) -> str:
    """The text of an expression or parameter on one line, without comments and line breaks."""
    text = node.text or b""
    if b"\n" not in text:
        return decode(text)
    for comment in reversed([inner for inner in walk(node) if inner.type == "comment"]):
        start, end = comment.start_byte - node.start_byte, comment.end_byte - node.start_byte
        text = text[:start] + text[end:]
    joined = " ".join(filter(None, (line.strip() for line in decode(text).split("\n"))))
    return _LAID_OUT.sub("", joined)


def dotted(expression: Node) -> str:
    """``pytest.fixture`` of ``pytest.fixture(scope="module")``, ``Base`` of ``Base[int]``; else ``""``."""
    while expression.type in {"call", "subscript"}:
        inner = field(expression, "function" if expression.type == "call" else "value")
        if inner is None:
            return ""
        expression = inner
    return text_of(expression) if expression.type in {"identifier", "attribute"} else ""


def listed(block: Block) -> frozenset[str] | None:
    """The names that a statement assigns to ``__all__``; ``None`` if it does not assign a literal list of strings."""
    statements = parse(Source.of(block.text)).root_node.named_children
    assignment = unwrap(statements[0]) if statements else None
    if assignment is None or assignment.type != "assignment":
        return None
    left, right = field(assignment, "left"), field(assignment, "right")
    if left is None or right is None or left.type != "identifier" or right.type not in {"list", "tuple"}:
        return None
    names = [string_value(item) for item in right.named_children if item.type != "comment"]
    return frozenset(name for name in names if name is not None) if None not in names else None
