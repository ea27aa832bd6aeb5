"""Syntax trees: parsing, incremental parsing, and questions about nodes.

This module alone imports tree-sitter. tree-sitter returns a tree for any text; broken code becomes ``ERROR`` nodes
among intact ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from loopwise.syntax.recovery import recovered
from loopwise.text import Edit, Source, Span, as_name, decode

# Up to this size (bytes) a text with syntax errors is parsed from scratch on each edit: tree-sitter's recovery
# from an error can differ between an edited and a fresh tree, and a fresh parse of so little takes 2 ms.
SMALL = 64 * 1024

_FAR = 40  # how deep a line is looked at
_WANTS_MORE = re.compile(rb"(?:\.|\bimport)(?=[ \t]*(?:\#[^\r\n]*)?[\r\n])")


@cache
def _language() -> Language:
    return Language(tree_sitter_python.language())


def _parser() -> Parser:
    """A new parser for each text: a parser cannot be shared between threads, and creating one takes 1 µs."""
    return Parser(_language())


def parse(source: Source) -> Tree:
    """Parse a text from scratch (about 4 ms per 1,000 lines); a small broken one is repaired first."""
    tree = _parser().parse(source.data)
    if len(source.data) > SMALL or not _broken(tree, source.data):
        return tree
    whole = recovered(source.data)
    better = _parser().parse(whole) if whole != source.data else tree
    return better if damage(better, whole) < damage(tree, source.data) else tree


class Step(NamedTuple):
    """One edit in tree-sitter's terms: byte offsets, then rows and byte columns."""

    start: int
    end: int
    new_end: int
    start_point: tuple[int, int]
    end_point: tuple[int, int]
    new_end_point: tuple[int, int]

    @classmethod
    def of(cls, old: Source, edit: Edit, new: Source) -> Step:
        """The step from one text to the next."""
        start, end, new_end = edit.span.start, edit.span.end, edit.new_end
        return cls(start, end, new_end, old.point(start), old.point(end), new.point(new_end))


class Edited(NamedTuple):
    """A text whose tree is some edits old; it is parsed on demand, once for all of them."""

    tree: Tree
    source: Source
    """The text that the tree was made from."""
    steps: tuple[Step, ...]
    new: Source

    def then(self, edit: Edit, new: Source) -> Edited:
        """The text after one more edit."""
        return Edited(self.tree, self.source, (*self.steps, Step.of(self.new, edit, new)), new)

    def parse(self) -> Tree:
        """Parse the current text, reusing the parts of the old tree that the edits left alone."""
        root, small = self.tree.root_node, max(len(self.source.data), len(self.new.data)) <= SMALL
        if small and root.text != self.source.data[root.start_byte : root.end_byte]:
            return parse(self.new)  # the tree is of a recovered text
        edited = self.tree.copy()
        for step in self.steps:
            edited.edit(*step)
        result = _parser().parse(self.new.data, edited)
        return parse(self.new) if len(self.new.data) <= SMALL and _broken(result, self.new.data) else result


def _broken(tree: Tree, data: bytes) -> bool:
    return tree.root_node.has_error or _runs_on(tree, data)


def _runs_on(tree: Tree, data: bytes) -> bool:
    """Is a line joined to the next one, although that cannot continue it (``queue.``, ``from x import``)?"""
    for match in _WANTS_MORE.finditer(data):
        leaf = tree.root_node.descendant_for_byte_range(match.start(), match.start())
        if leaf is not None and leaf.type in {".", "import"} and not in_brackets(leaf):
            return True
    return False


def in_brackets(node: Node) -> bool:
    """Is a node inside a closed pair of brackets?"""
    parent = node.parent
    for _ in range(_FAR):
        if parent is None or parent.type.endswith(("_statement", "_definition", "block", "module")):
            return False
        if parent.child_count and parent.children[-1].type in {")", "]", "}"}:
            return True
        parent = parent.parent
    return False


def damage(tree: Tree, data: bytes) -> int:
    """The number of bytes that a tree assigns no meaning to."""
    total, stack = int(_runs_on(tree, data)), [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            total += 1 + sum(child.end_byte - child.start_byte for child in node.children if not child.child_count)
        stack += [child for child in node.children if child.has_error]
    return total


def text_of(node: Node) -> str:
    """The text of a node; a name is normalised as by Python."""
    text = decode(node.text or b"")
    return as_name(text) if node.type == "identifier" else text


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
    return tuple(mark.named_children[0] for mark in marks if mark.named_children)


def unwrap(node: Node) -> Node:
    """The expression inside parentheses, ``type`` wrappers and expression statements."""
    while node.type in {"parenthesized_expression", "type", "expression_statement"} and node.named_child_count:
        inner = [child for child in node.named_children if child.type != "comment"]
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
    splats = [n for n in arguments.named_children if n.type == "list_splat"] if arguments is not None else []
    return [splat.named_children[0] for splat in splats if splat.named_children]


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
    query: Query = Query(_language(), " ".join(f"({name}) @found" for name in sorted(types)))
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
