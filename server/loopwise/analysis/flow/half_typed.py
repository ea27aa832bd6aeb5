"""Detects lines that are still being typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File
from loopwise.syntax import NAMES, Node, in_brackets, nodes_of, parts_of
from loopwise.text import Source, Span, encode

if TYPE_CHECKING:
    from loopwise.analysis.unit import Unit

_STATEMENTS = frozenset({"expression_statement"})
# The word being typed is the last one on its line, since editors put the cursor behind it.
_LAST_WORD = re.compile(rb"(\w+)[ \t]*\r?$", re.MULTILINE)


def runs_over(root: Node, source: Source, offset: int) -> bool:
    """Does the parser join the line of an offset to the next one, although that cannot continue it (``x =``)?

    tree-sitter reports no error there.
    """
    line = source.line_at(offset)
    end = source.line_span(line).end
    if source.data[:end].endswith(b"\\") or line + 1 == len(source.starts):
        return False
    node = root.descendant_for_byte_range(end, source.starts[line + 1])
    if node is None or node.type in {"module", "block", "comment", "string", "string_content", "ERROR"}:
        return False
    is_head = any(child.type in {"block", ":"} for child in node.children)
    return not is_head and not in_brackets(node) and node.children[-1].type not in {")", "]", "}"}


def is_guessed(file: File, span: Span) -> bool:
    """Do the lines of a span differ from their parsed form, because they are half-typed and were repaired?"""
    root, source = file.root, file.source
    lines = source.starts[source.line_at(span.start)], source.line_span(source.line_at(span.end)).end
    start, end = max(lines[0], root.start_byte), min(lines[1], root.end_byte)
    parsed = root.text or b""
    return parsed[start - root.start_byte : end - root.start_byte] != source.data[start:end]


def may_still_be_read(unit: Unit, function: Node, name: str) -> bool:
    """May a name be read by code that is being typed, or indirectly, by ``locals()``?

    If so, the function contains errors, or one of its lines ends in a prefix of the name.
    """
    words = unit.per_edit.get(("last words", function.id), lambda: _last_words(unit.file, function))
    return words is None or any(encode(name[:size]) in words for size in range(1, len(name)))


def _last_words(file: File, function: Node) -> frozenset[bytes] | None:
    """The words at the ends of a function's lines; ``None`` if it contains errors, or reads all of its names."""
    text = file.source.data[function.start_byte : function.end_byte]
    if function.has_error or function.text != text or any(map(_is_begun, nodes_of(function, _STATEMENTS))):
        return None
    return frozenset(_LAST_WORD.findall(text)) if b"locals()" not in text else None


def _is_begun(statement: Node) -> bool:
    """Is a statement only a name, or the word ``await``?  Such code is unfinished."""
    only = parts_of(statement)[0] if len(parts_of(statement)) == 1 else None
    if only is not None and only.type == "assignment":
        right = only.child_by_field_name("right")
        return right is not None and right.text == b"await"
    return only is not None and only.type in NAMES
