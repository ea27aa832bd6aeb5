"""What of a function's body says what it gives, and what methods make of ``self``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from loopwise.semantics.libraries.written import LONGEST, flat, value_of
from loopwise.syntax import Node, field, nodes_of, text_of, unwrap, walk

SELF = re.compile(rb"\bself\.\w+[ \t]*(?::[^=\n]*)?=(?!=)|\bself\.\w+[ \t]*:")
_NESTED = frozenset({"function_definition", "class_definition", "lambda"})
_WORD = re.compile(r"[^\W\d]\w*")
_METHODS = frozenset({"function_definition"})
_MOST = 12  # returns of one function that are looked at


def own_yields(body: Node) -> list[Node]:
    """The ``yield`` expressions of a function itself."""
    if b"yield" not in (body.text or b""):
        return []
    return [node for node in walk(body, skip=_NESTED) if node.type == "yield"]


def kept_of(function: Node, body: Node, yields: list[Node], nested: Callable[[Node], list[str]]) -> list[str]:
    """The lines of a body that say what the function returns: its results and the local names in them."""
    results = [node for node in walk(body, skip=_NESTED) if node.type == "return_statement" and node.named_children]
    lines = [f"yield {_result(node)}".rstrip() for node in yields[:_MOST]]
    ends = [f"return {_result(node)}" for node in results[:_MOST]]
    wanted = set(_WORD.findall(" ".join([*lines, *ends])))
    if not wanted:
        return []
    return [*_made_of(function, body, wanted, nested), *lines, *ends]


def _result(node: Node) -> str:
    inner = node.named_children[0] if node.named_children else None
    if inner is None or any(child.type == "from" for child in node.children):
        return "..."
    return value_of(inner)


def _made_of(
    function: Node, body: Node, wanted: set[str], nested: Callable[[Node], list[str]]
) -> Iterator[str]:
    """The assignments of the wanted names and of those in them; of nested functions their stubs."""
    found: list[tuple[Node, str, list[str]]] = []
    for node in walk(body, skip=_NESTED):
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
            yield from [f"if ...: {lines[0]}"] if deep else lines


def _binding(node: Node, nested: Callable[[Node], list[str]]) -> tuple[str, list[str]]:
    """The name that a statement binds, and the statement's lines."""
    if node.type == "function_definition":
        name = field(node, "name")
        return (text_of(name), nested(node)) if name is not None else ("", [])
    if node.type == "as_pattern" and node.parent is not None and node.parent.type == "with_item":
        alias, value = field(node, "alias"), node.named_children[0]
        word = "async with" if _is_async_with(node) else "with"
        text = flat(value)
        name = text_of(alias) if alias is not None else ""
        return (name, [f"{word} {text} as {name}: ..."]) if name.isidentifier() and len(text) <= LONGEST else ("", [])
    if node.type != "assignment":
        return "", []
    left, right, annotation = field(node, "left"), field(node, "right"), field(node, "type")
    if left is None or left.type != "identifier" or (right is None and annotation is None):
        return "", []
    said = f": {flat(annotation)}" if annotation is not None else ""
    return text_of(left), [f"{text_of(left)}{said}" + (f" = {value_of(right)}" if right is not None else "")]


def _is_async_with(node: Node) -> bool:
    outer: Node | None = node
    while outer is not None and outer.type != "with_statement":
        outer = outer.parent
    return outer is not None and bool(outer.children) and outer.children[0].type == "async"


def _depth(node: Node, body: Node) -> bool:
    """Does a statement stand deeper than a function's own block?"""
    statement: Node | None = node
    while statement is not None and statement.parent is not None and statement.parent.type != "block":
        statement = statement.parent
    return statement is not None and statement.parent != body


def self_attributes(body: Node, bound: frozenset[str]) -> Iterator[str]:
    """The attributes that the methods of a class give ``self`` and its body does not bind."""
    seen = set(bound)
    for method in nodes_of(body, _METHODS):
        parameters = _annotations(method)
        if not parameters or next(iter(parameters)) != "self" or not SELF.search(method.text or b""):
            continue
        inner = field(method, "body")
        for node in walk(inner, skip=_NESTED) if inner is not None else ():
            name, line = _attribute(node, parameters)
            if name and name not in seen:
                seen.add(name)
                yield line


def _annotations(function: Node) -> dict[str, str]:
    """The parameters of a function with their annotations, where there are any."""
    parameters = field(function, "parameters")
    found: dict[str, str] = {}
    for node in parameters.named_children if parameters is not None else ():
        name = field(node, "name") or (node.named_children[0] if node.named_children else node)
        annotation = field(node, "type")
        if name.type == "identifier":
            found[text_of(name)] = flat(annotation) if annotation is not None else ""
    return found


def _attribute(node: Node, parameters: dict[str, str]) -> tuple[str, str]:
    if node.type != "assignment":
        return "", ""
    left, right, annotation = field(node, "left"), field(node, "right"), field(node, "type")
    owner, name = (field(left, "object"), field(left, "attribute")) if left is not None else (None, None)
    if owner is None or name is None or text_of(owner) != "self":
        return "", ""
    if annotation is not None:
        return text_of(name), f"{text_of(name)}: {flat(annotation)}"
    value = unwrap(right) if right is not None else None
    if value is not None and value.type == "identifier" and parameters.get(text_of(value)):
        return text_of(name), f"{text_of(name)}: {parameters[text_of(value)]}"
    said = value_of(value) if value is not None and not _is_local(value, parameters) else "..."
    return text_of(name), f"{text_of(name)} = {said}"


def _is_local(value: Node, parameters: dict[str, str]) -> bool:
    """Is an assigned value made of what only the method has: its parameters, its other names?"""
    first = value
    while first.type in {"call", "attribute", "subscript", "await"}:
        inner = field(first, "function") or field(first, "object") or field(first, "value")
        first = inner or first.named_children[0]
    if first.type != "identifier":
        return first.type not in {"string", "integer", "float", "true", "false", "none", "list", "dictionary", "set"}
    return text_of(first) in parameters or (value.type == "identifier" and not text_of(first)[0].isupper())


