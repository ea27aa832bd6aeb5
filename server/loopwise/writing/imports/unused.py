"""Imports that a change of the code leaves without use."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.semantics.bindings import Binding, File, Kind
from loopwise.syntax import Node, nodes_of, path_to, text_of
from loopwise.text import Edit, Span

_NAMES = frozenset({"identifier"})
_STRINGS = frozenset({"string_content"})
_IMPORTS = frozenset({"import_statement", "import_from_statement"})


def without_unused(before: File, after: File, of: File) -> tuple[Edit, ...]:
    """Edits of ``of``, one of the two, without its imports at module level whose last use was in ``before``.

    What a package's ``__init__`` imports, what ``__all__`` or a string names, and what a comment marks stays.
    """
    if after.package or after.cells or b"__all__" in after.source.data:
        return ()
    bindings = [b for b in of.table.bindings if b.kind in {Kind.IMPORT, Kind.FROM} and not b.branches]
    if not bindings:
        return ()
    used, was_used = _used(after), _used(before)
    gone = [b for b in bindings if b.name in was_used and b.name not in used]
    return tuple(edit for binding in gone for edit in _removed(of, binding))


def _used(file: File) -> frozenset[str]:
    """The names that the code says outside of imports, those in strings too."""
    spans = [(node.start_byte, node.end_byte) for node in nodes_of(file.root, _IMPORTS)]
    names = {
        text_of(node)
        for node in nodes_of(file.root, _NAMES)
        if not any(start <= node.start_byte < end for start, end in spans)
    }
    words = (word for node in nodes_of(file.root, _STRINGS) for word in re.findall(r"\w+", text_of(node)))
    return frozenset(names.union(words))


def _removed(file: File, binding: Binding) -> Iterator[Edit]:
    """The binding's part of its import statement, or all lines of one that imports nothing else."""
    path = path_to(file.root, binding.at)
    statement = next((node for node in path if node.type in _IMPORTS), None)
    if statement is None or b"#" in _lines(file, statement):
        return
    items = statement.children_by_field_name("name")
    item = next((node for node in items if node.start_byte <= binding.at.start < node.end_byte), None)
    if len(items) == 1 and _is_alone(file, statement):
        yield Edit(_line_span(file, statement), b"")
    elif item is not None and len(items) > 1:
        yield Edit(_with_comma(items, item), b"")


def _with_comma(items: list[Node], item: Node) -> Span:
    index = items.index(item)
    if index + 1 < len(items):
        return Span(item.start_byte, items[index + 1].start_byte)
    return Span(items[index - 1].end_byte, item.end_byte)


def _is_alone(file: File, statement: Node) -> bool:
    return _lines(file, statement).strip() == file.source.data[statement.start_byte : statement.end_byte]


def _lines(file: File, statement: Node) -> bytes:
    span = _line_span(file, statement)
    return file.source.data[span.start : span.end]


def _line_span(file: File, statement: Node) -> Span:
    """All of the lines of a statement, their ends included."""
    source = file.source
    last = source.line_at(statement.end_byte)
    end = source.starts[last + 1] if last + 1 < len(source.starts) else len(source.data)
    return Span(source.starts[source.line_at(statement.start_byte)], end)
