"""Extracts the parts of a function's body that determine its result and the attributes of ``self``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from loopwise.semantics.libraries.written import LONGEST, flat, value_of
from loopwise.syntax import SCOPES, Node, field, text_of, unwrap, walk

_SELF = re.compile(rb"\bself\.\w+[ \t]*[:=]")
_SELF_NAME = re.compile(r"self\.\w+")
_WORD = re.compile(r"[^\W\d]\w*")
_MOST = 12  # returns of one function that are looked at


def own_yields(body: Node) -> list[Node]:
    """The ``yield`` expressions of a function itself, not of nested ones."""
    if b"yield" not in (body.text or b""):
        return []
    return [node for node in walk(body, skip=SCOPES) if node.type == "yield"]


def kept_of(body: Node, yields: list[Node], nested: Callable[[Node], list[str]], *, annotated: bool) -> list[str]:
    """The lines of a body that return values or assign to ``self``, and those that bind the local names in them.

    For an ``annotated`` function the result is known, so only assignments to ``self`` are kept.
    """
    if annotated:
        lines, ends = ["yield"] if yields else [], []
    else:
        results = [node for node in walk(body, skip=SCOPES) if node.type == "return_statement" and node.named_children]
        lines = [f"yield {_result(node)}".rstrip() for node in yields[:_MOST]]
        ends = [f"return {_result(node)}" for node in results[:_MOST]]
    given = list(dict.fromkeys(_attributes(body))) if _SELF.search(body.text or b"") else []
    wanted = set(_WORD.findall(" ".join([*lines, *ends, *given])))
    return [*(_made_of(body, wanted, nested) if wanted else ()), *given, *lines, *ends]


def _attributes(body: Node) -> Iterator[str]:
    """The assignments to attributes of ``self``."""
    for node in walk(body, skip=SCOPES):
        left, right, annotation = field(node, "left"), field(node, "right"), field(node, "type")
        if node.type != "assignment" or left is None or left.type != "attribute":
            continue
        if _SELF_NAME.fullmatch(text_of(left)):
            said = f": {flat(annotation)}" if annotation is not None else ""
            value = f" = {value_of(unwrap(right))}" if right is not None and right.type != "assignment" else ""
            if said or value:
                yield f"{text_of(left)}{said}{value}"


def _result(node: Node) -> str:
    inner = node.named_children[0] if node.named_children else None
    if inner is None or any(child.type == "from" for child in node.children):
        return "..."
    return value_of(inner)


def _made_of(body: Node, wanted: set[str], nested: Callable[[Node], list[str]]) -> Iterator[str]:
    """The assignments of the wanted names, and of the names these use in turn; stubs for nested functions."""
    found: list[tuple[Node, str, list[str]]] = []
    for node in walk(body, skip=SCOPES):
        name, lines = _binding(node, nested)
        if name:
            found.append((node, name, lines))
    before = -1
    while before != len(wanted):
        before = len(wanted)
        for _, name, lines in found:
            if name in wanted:
                wanted.update(_WORD.findall(" ".join(lines)))
    for node, name, lines in found:
        if name in wanted:
            deep = _depth(node, body) and "\n" not in "".join(lines) and len(lines) == 1
            yield from ["if ...:", f" {lines[0]}"] if deep else lines


def _binding(node: Node, nested: Callable[[Node], list[str]]) -> tuple[str, list[str]]:
    """The name that a statement binds, and the statement's lines."""
    if node.type == "function_definition":
        name = field(node, "name")
        return (text_of(name), nested(node)) if name is not None else ("", [])
    if node.type == "as_pattern" and node.parent is not None and node.parent.type == "with_item":
        return _entered(node)
    if node.type != "assignment":
        return "", []
    left, right, annotation = field(node, "left"), field(node, "right"), field(node, "type")
    if left is None or left.type != "identifier" or (right is None and annotation is None):
        return "", []
    said = f": {flat(annotation)}" if annotation is not None else ""
    return text_of(left), [f"{text_of(left)}{said}" + (f" = {value_of(right)}" if right is not None else "")]


def _entered(pattern: Node) -> tuple[str, list[str]]:
    alias, text = field(pattern, "alias"), flat(pattern.named_children[0])
    word = "async with" if _is_async_with(pattern) else "with"
    name = text_of(alias) if alias is not None else ""
    return (name, [f"{word} {text} as {name}: ..."]) if name.isidentifier() and len(text) <= LONGEST else ("", [])


def _is_async_with(node: Node) -> bool:
    outer: Node | None = node
    while outer is not None and outer.type != "with_statement":
        outer = outer.parent
    return outer is not None and bool(outer.children) and outer.children[0].type == "async"


def _depth(node: Node, body: Node) -> bool:
    """Is a statement nested deeper than the function's own block?"""
    statement: Node | None = node
    while statement is not None and statement.parent is not None and statement.parent.type != "block":
        statement = statement.parent
    return statement is not None and statement.parent != body
