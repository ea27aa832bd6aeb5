"""Code that fixes write, and the text of a rule from its module's docstring."""

from __future__ import annotations

from typing import TypedDict

from loopwise.rules.unit import Unit
from loopwise.syntax import Node, field
from loopwise.text import Edit, Span, encode


class Texts(TypedDict):
    """What a rule's module says about it."""

    title: str
    text: str


def about(docstring: str | None) -> Texts:
    """A rule's title and text: the first line of its module's docstring, and the rest of it."""
    first, _, rest = (docstring or "").partition("\n")
    return Texts(title=first.strip(), text=rest.strip())


def insert(at: int, text: str) -> Edit:
    """``text`` put before the byte at ``at``."""
    return Edit(Span(at, at), encode(text))


def replace(node: Node, text: str) -> Edit:
    """``text`` in the place of a node."""
    return Edit(Span(node.start_byte, node.end_byte), encode(text))


def without_async(statement: Node) -> Edit:
    """The ``async`` before a statement or clause taken away."""
    return Edit(Span(statement.start_byte, statement.children[1].start_byte), b"")


def needs_brackets(node: Node) -> bool:
    """Would ``await`` before the expression take hold of less than all of it, or what stands around it of too much?"""
    outer = node.parent
    if outer is None:
        return False
    if outer.type in {"attribute", "subscript"}:
        return outer.named_children[0] == node
    return outer.type == "call" and field(outer, "function") == node


def awaited(node: Node, text: str | None = None) -> tuple[Edit, ...]:
    """``await`` before an expression, in brackets where what follows would bind closer; ``text`` in its place."""
    if text is not None:
        whole = f"(await {text})" if needs_brackets(node) else f"await {text}"
        return (replace(node, whole),)
    if needs_brackets(node):
        return (insert(node.start_byte, "(await "), insert(node.end_byte, ")"))
    return (insert(node.start_byte, "await "),)


def awaited_call(unit: Unit, call: Node, module: str, name: str) -> tuple[Edit, ...]:
    """The call made one of ``module.name`` with the same arguments, and awaited."""
    callee = field(call, "function")
    if callee is None:
        return ()
    written = unit.imported(call, module, name)
    head = Span(call.start_byte, callee.end_byte)
    if needs_brackets(call):
        return (*written.edits, Edit(head, encode(f"(await {written.text}")), insert(call.end_byte, ")"))
    return (*written.edits, Edit(head, encode(f"await {written.text}")))


__all__ = ["Texts", "about", "awaited", "awaited_call", "insert", "needs_brackets", "replace", "without_async"]
