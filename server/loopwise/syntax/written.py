"""The text of nodes: as it is written, and in the one form in which texts can be compared."""

from __future__ import annotations

import re

from tree_sitter import Node

from loopwise.text import as_name, decode

# A string, or what lies between two lines of an expression, with the comma before it.
_LAYOUT = re.compile(
    r"""(?P<string>"{3}(?:[^\\]|\\.)*?"{3}|'{3}(?:[^\\]|\\.)*?'{3}|"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<comma>,?)(?:[ \t]*(?:\#[^\r\n]*)?\\?[\r\n])+[ \t]*""",
    re.VERBOSE | re.DOTALL,
)
_OPENERS, _CLOSERS = ("(", "[", "{"), (")", "]", "}")
# Nodes whose lines are statements, or part of a string.
_OF_LINES = frozenset(
    "block case_clause class_definition comment concatenated_string decorated_definition elif_clause else_clause"
    " except_clause finally_clause for_statement function_definition if_statement match_statement module string"
    " string_content try_statement while_statement with_statement".split()
)


def source_of(node: Node) -> str:
    """The text of a node as it is written, for edits; a name is normalised as by Python."""
    text = decode(node.text or b"")
    return as_name(text) if node.type == "identifier" else text


def text_of(node: Node) -> str:
    """The text of a node, of an expression as if it were written on one line, so that texts can be compared."""
    text = source_of(node)
    return on_one_line(text) if "\n" in text and node.type not in _OF_LINES else text


def on_one_line(text: str) -> str:
    """An expression without line breaks and comments, and without commas before brackets closed on another line."""
    return _LAYOUT.sub(_joined, text)


def _joined(layout: re.Match[str]) -> str:
    if layout["string"]:
        return layout[0]
    before, after = layout.string[: layout.start()][-1:], layout.string[layout.end() :][:1]
    if after in _CLOSERS:
        return ""
    return layout["comma"] + ("" if after == "." or (before in _OPENERS and not layout["comma"]) else " ")
