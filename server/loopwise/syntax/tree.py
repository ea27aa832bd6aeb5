"""Questions about the nodes of trees."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from tree_sitter import Node, Query, QueryCursor

from loopwise.syntax.parsing import language
from loopwise.syntax.written import text_of
from loopwise.text import Span


def span_of(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)


def path_to(root: Node, span: Span) -> tuple[Node, ...]:
    """The nodes that contain ``span``, from the root to the smallest one."""
    # Not by `first_child_for_byte`: where tree-sitter finds no such child the binding crashes the interpreter.
    smallest = root.descendant_for_byte_range(span.start, span.end)
    path = [root]
    while smallest is not None and path[-1] != smallest:
        child = path[-1].child_with_descendant(smallest)
        if child is None:
            break
        path.append(child)
    return tuple(path)


def node_at(root: Node, span: Span) -> Node | None:
    """The smallest node that covers exactly ``span``; ``None`` if there is none."""
    node = root.descendant_for_byte_range(span.start, span.end)
    if node is None or node.start_byte != span.start or node.end_byte != span.end:
        return None
    return node


def name_at(root: Node, offset: int) -> Node | None:
    """The identifier that a cursor at ``offset`` touches, on either edge."""
    for at in (offset, offset - 1):
        if at < 0:
            continue
        node = root.descendant_for_byte_range(at, at)
        if node is not None and node.type == "identifier" and node.start_byte <= offset <= node.end_byte:
            return node
    return None


def field(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def parts_of(node: Node) -> list[Node]:
    """The named children of a node without comments, which may be between any two of them."""
    return [child for child in node.named_children if not child.is_extra]


def first_of(node: Node) -> Node | None:
    """The first of a node's parts."""
    return next(iter(parts_of(node)), None)


def last_of(node: Node) -> Node | None:
    """The last of a node's parts."""
    return next(reversed(parts_of(node)), None)


def previous_of(node: Node) -> Node | None:
    """The named sibling before a node, comments aside."""
    sibling = node.prev_named_sibling
    while sibling is not None and sibling.is_extra:
        sibling = sibling.prev_named_sibling
    return sibling


def next_of(node: Node) -> Node | None:
    """The named sibling after a node, comments aside."""
    sibling = node.next_named_sibling
    while sibling is not None and sibling.is_extra:
        sibling = sibling.next_named_sibling
    return sibling


def is_async(node: Node) -> bool:
    """Does the statement, definition or clause start with ``async``?"""
    first = node.child(0) if node.child_count else None
    return first is not None and first.type == "async"


def decorators_of(definition: Node) -> tuple[Node, ...]:
    """The expressions after the ``@`` of a function's or class's decorators."""
    parent = definition.parent
    if parent is None or parent.type != "decorated_definition":
        return ()
    marks = (child for child in parent.named_children if child.type == "decorator")
    return tuple(parts[0] for mark in marks if (parts := parts_of(mark)))


def unwrap(node: Node) -> Node:
    """The expression inside parentheses, ``type`` wrappers and expression statements."""
    while node.type in {"parenthesized_expression", "type", "expression_statement"} and node.named_child_count:
        inner = parts_of(node)
        if not inner:
            return node
        node = inner[0]
    return node


def arguments_of(call: Node) -> tuple[list[Node], dict[str, Node], bool]:
    """Positional and keyword argument expressions of a call, and whether ``*`` or ``**`` is among them."""
    positional: list[Node] = []
    keywords: dict[str, Node] = {}
    starred = False
    arguments = field(call, "arguments")
    if arguments is None:
        return positional, keywords, starred
    if arguments.type == "generator_expression":
        return [arguments], keywords, starred
    for node in arguments.named_children:
        if node.type == "keyword_argument":
            name, value = field(node, "name"), field(node, "value")
            if name is not None and value is not None:
                keywords[text_of(name)] = value
        elif node.type in {"list_splat", "dictionary_splat"}:
            starred = True
        elif node.type not in {"comment", "ERROR"}:
            positional.append(node)
    return positional, keywords, starred


def spread_of(call: Node) -> list[Node]:
    """The expressions after a ``*`` among the arguments of a call."""
    arguments = field(call, "arguments")
    splats = [n for n in parts_of(arguments) if n.type == "list_splat"] if arguments is not None else []
    return [parts[0] for splat in splats if (parts := parts_of(splat))]


def string_value(node: Node) -> str | None:
    """The text of a plain string literal; ``None`` for f-strings and others."""
    if node.type != "string":
        return None
    parts = [child for child in node.named_children if child.type == "string_content"]
    if any(child.type == "interpolation" for child in node.named_children):
        return None
    return "".join(text_of(part) for part in parts)


@cache
def _finder(types: frozenset[str]) -> Query:
    query: Query = Query(language(), " ".join(f"({name}) @found" for name in sorted(types)))
    return query


def nodes_of(root: Node, types: frozenset[str]) -> list[Node]:
    """All nodes of some types in ``root``, itself included, in source order, outer ones first."""
    found = QueryCursor(_finder(types)).captures(root).get("found", [])
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))


def walk(node: Node, into: frozenset[str] | None = None, skip: frozenset[str] = frozenset()) -> Iterator[Node]:
    """``node`` and its descendants, in source order; children of types in ``skip`` are yielded but not entered."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if current is node or current.type not in skip:
            if into is None or current is node or current.type in into:
                stack.extend(reversed(current.named_children))
