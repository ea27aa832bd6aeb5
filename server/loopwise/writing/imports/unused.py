"""Removes imports that an edit leaves unused."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.semantics.bindings import Binding, File, Kind
from loopwise.syntax import Node, path_to, span_of
from loopwise.text import Edit, Span, decode, encode

_WORD = re.compile(r"\w+")
_IMPORTS = frozenset({"import_statement", "import_from_statement"})


def without_unused(before: File, after: File, of: File, removed: bytes | None = None) -> tuple[Edit, ...]:
    """Edits of ``of``, one of the two files, that remove its module-level imports whose last use was in ``before``.

    ``removed`` is the deleted text, if known. An import is kept if a package's ``__init__`` has it, ``__all__`` or a
    string names it, or a comment marks it.
    """
    if after.package or after.cells or b"__all__" in after.source.data:
        return ()
    words = frozenset(_WORD.findall(decode(removed))) if removed is not None else None
    listed = (b for b in of.table.bindings if b.kind in {Kind.IMPORT, Kind.FROM} and not b.branches)
    gone = (
        binding
        for binding in listed
        if (binding.name in words if words is not None else _is_used(before, binding.name))
        and not _is_used(after, binding.name)
    )
    return tuple(edit for binding in gone for edit in _removed(of, binding))


def _is_used(file: File, name: str) -> bool:
    """Does the code use a name outside of imports and of comments on their own lines?  A use in a string counts."""
    imports = [span_of(node) for node in file.root.named_children if node.type in _IMPORTS]
    data, pattern = file.source.data, re.compile(rb"(?<![\w.])" + re.escape(encode(name)) + rb"(?!\w)")
    for match in pattern.finditer(data):
        line = data[data.rfind(b"\n", 0, match.start()) + 1 : match.start()]
        if not line.lstrip().startswith(b"#") and not any(one.start <= match.start() < one.end for one in imports):
            return True
    return False


def _removed(file: File, binding: Binding) -> Iterator[Edit]:
    """Remove the binding's part of its import statement, or the statement's lines if it imports nothing else."""
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
    """The span of all lines of a statement, including their ends."""
    source = file.source
    last = source.line_at(statement.end_byte)
    end = source.starts[last + 1] if last + 1 < len(source.starts) else len(source.data)
    return Span(source.starts[source.line_at(statement.start_byte)], end)
