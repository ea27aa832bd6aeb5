"""The place of a request: the nodes and statements that a cursor touches or a selection contains."""

from __future__ import annotations

import re

from loopwise.analysis.unit import Unit
from loopwise.syntax import BLOCKS, BODIES, Node, field, path_to
from loopwise.text import Span

_BLANK = b" \t\f"
_LEADING = re.compile(rb"\A(?:\s|#[^\r\n]*[\r\n])+")


def touched(unit: Unit, span: Span) -> tuple[Node, ...]:
    """The nodes around a selection or cursor, outermost first.

    A cursor right after a node touches it; one in a line's leading white space touches the first node of the line.
    """
    return unit.per_edit.get(("touched", span), lambda: path_to(unit.file.root, _moved(unit, span)))


def _moved(unit: Unit, span: Span) -> Span:
    data = unit.file.source.data
    if span.start != span.end:
        return trimmed(data, span)
    at, line = span.start, unit.file.source.line_span(unit.file.source.line_at(span.start))
    if not data[line.start : at].strip(_BLANK):
        text = data[at : line.end]
        at += len(text) - len(text.lstrip(_BLANK))
    # Right behind a word the cursor still belongs to it.
    elif data[at - 1 : at].strip() and not _is_word(data[at : at + 1]):
        at -= 1
    return Span(at, at)


def _is_word(byte: bytes) -> bool:
    return byte.isalnum() or byte == b"_" or byte >= b"\x80"


def trimmed(data: bytes, span: Span) -> Span:
    """A selection without surrounding white space, and comments before it; a cursor if it contains nothing else."""
    text = data[span.start : span.end]
    start = span.start + len(text) - len(_LEADING.sub(b"", text))
    return Span(start, max(start, span.start + len(text.rstrip())))


def statement_at(unit: Unit, span: Span) -> Node | None:
    """The innermost statement at the place; ``None`` between the statements of a compound statement's block."""
    path = touched(unit, span)
    pairs = zip(path[::-1], path[-2::-1], strict=False)  # each with its parent
    found = next((node for node, outer in pairs if outer.type in BLOCKS), None)
    if found is None or found.type in {"comment", "block"} or path[-1].type == "comment":
        return None
    return found if is_simple(found) or span.start < head_end(found) else None


def is_simple(statement: Node) -> bool:
    """Is it a statement without a block?"""
    return head_end(statement) == statement.end_byte


def head_end(statement: Node) -> int:
    """End offset of a compound statement's head, where its first block begins; the end of a simple statement."""
    inner = field(statement, "definition") or statement
    body = field(inner, "body") or field(inner, "consequence")
    return body.start_byte if body is not None else statement.end_byte


def selected(unit: Unit, span: Span) -> list[Node]:
    """The selected statements, all in one block; for a cursor, the statement whose code or head it touches."""
    if span.start == span.end:
        found = statement_at(unit, span)
        return [found] if found is not None else []
    whole = trimmed(unit.file.source.data, span)
    path = touched(unit, span)
    block = next((node for node in reversed(path) if node.type in BLOCKS), None)
    inside = block.named_children if block is not None else []
    found_all = [one for one in inside if one.start_byte < whole.end and whole.start < one.end_byte]
    return [one for one in found_all if one.type != "comment"]


def innermost(unit: Unit, span: Span, kind: str) -> Node | None:
    """The innermost node of a type around the place, within the same function."""
    for node in reversed(touched(unit, span)):
        if node.type == kind:
            return node
        if node.type in BODIES:
            return None
    return None
