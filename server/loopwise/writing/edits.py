"""Edits of expressions and statements: insert, replace, await."""

from __future__ import annotations

from collections.abc import Iterable

from loopwise.syntax import Node, field
from loopwise.text import Edit, Span, encode
from loopwise.writing.imports import Imported


def insert(at: int, text: str) -> Edit:
    """Insert ``text`` before the byte offset ``at``."""
    return Edit(Span(at, at), encode(text))


def replace(node: Node, text: str) -> Edit:
    """Replace a node with ``text``."""
    return Edit(Span(node.start_byte, node.end_byte), encode(text))


def without_async(statement: Node) -> Edit:
    """Remove the ``async`` of a statement or clause."""
    return Edit(Span(statement.start_byte, statement.children[1].start_byte), b"")


def needs_brackets(node: Node) -> bool:
    """Would ``await`` before the expression apply to only a part of it, or bind to the code around it?"""
    outer = node.parent
    if outer is None:
        return False
    if outer.type in {"attribute", "subscript"}:
        return outer.named_children[0] == node
    return outer.type == "call" and field(outer, "function") == node


def awaited(node: Node, text: str | None = None) -> tuple[Edit, ...]:
    """Put ``await`` before an expression, in parentheses if needed; ``text``, if given, replaces the expression."""
    if text is not None:
        whole = f"(await {text})" if needs_brackets(node) else f"await {text}"
        return (replace(node, whole),)
    if needs_brackets(node):
        return (insert(node.start_byte, "(await "), insert(node.end_byte, ")"))
    return (insert(node.start_byte, "await "),)


def called_instead(call: Node, written: Imported, brackets: tuple[str, str]) -> tuple[Edit, ...]:
    """Make the call one of ``written`` with the same arguments; ``brackets`` are the texts around it (``await``)."""
    callee, (before, after) = field(call, "function"), brackets
    if callee is None:
        return ()
    head = Edit(Span(call.start_byte, callee.end_byte), encode(f"{before}{written.text}"))
    return (*written.edits, head, *([insert(call.end_byte, after)] if after else []))


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Merge insertions at the same offset: editors apply several there in no defined order."""
    by_span: dict[tuple[int, int], bytes] = {}
    for edit in edits:
        key = (edit.span.start, edit.span.end)
        before = by_span.get(key)
        by_span[key] = edit.text if before is None else _one_block(before, edit.text)
    return tuple(Edit(Span(*key), text) for key, text in by_span.items())


def _one_block(first: bytes, second: bytes) -> bytes:
    """Join two statements without the blank lines between them, keeping those around them."""
    if not second.endswith((b"\n", b"\r")):  # a word before the existing code
        return first + second
    statement = first.rstrip(b"\r\n")
    newline = b"\r\n" if first[len(statement) :].startswith(b"\r\n") else b"\n"
    return statement + newline + second.lstrip(b"\r\n")


def merged(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits in source order, adjacent ones merged: editors disagree on the order of two at one place."""
    found: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.span.start, edit.span.end)):
        if found and found[-1].span.end == edit.span.start:
            last = found.pop()
            edit = Edit(Span(last.span.start, edit.span.end), last.text + edit.text)
        found.append(edit)
    return tuple(found)


def in_list(generator: Node) -> tuple[Edit, ...]:
    """Turn a generator expression, with its own parentheses or as the only argument of a call, into a list."""
    first, last = generator.children[1], generator.children[-2]
    shared = generator.parent is not None and generator.parent.type == "call"
    opening, closing = Span(generator.start_byte, first.start_byte), Span(last.end_byte, generator.end_byte)
    return Edit(opening, b"([" if shared else b"["), Edit(closing, b"])" if shared else b"]")
