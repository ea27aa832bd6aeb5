"""Adds a name to an existing ``from`` statement, laid out and sorted like its other names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loopwise.syntax import Node, field, source_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing.imports.header import Header
from loopwise.writing.imports.order import place_among

_WIDEST = 100  # columns, unless the file has wider lines


def statements_of(header: Header, module: str) -> Iterator[Node]:
    """The statements ``from module import …`` at module level; ``module`` is absolute."""
    for node in (node for line in header.lines for node in line.code):
        source = field(node, "module_name") if node.type == "import_from_statement" else None
        named = node.children_by_field_name("name")
        if source is not None and named and header.file.absolute("".join(source_of(source).split())) == module:
            yield node


def has_one_name_each(header: Header) -> bool:
    """Does the file import one name per statement?  It does if one module has two statements for two names."""
    names: dict[str, list[int]] = {}
    for line in header.lines:
        if line.is_import and line.is_from:
            names.setdefault(line.module, []).append(len(line.code[0].children_by_field_name("name")))
    return any(len(counts) > 1 for counts in names.values()) and all(set(counts) == {1} for counts in names.values())


def extension(header: Header, statement: Node, name: str) -> tuple[Edit, ...]:
    """The edits that add ``name`` to a statement; empty if a line would get too long."""
    items = statement.children_by_field_name("name")
    index = place_among(name, [_name(item) for item in items], list(_other_names(header, statement)))
    rows = [header.file.source.line_at(item.start_byte) for item in items]
    vertical = rows[-1] > header.file.source.line_at(statement.start_byte) and len(set(rows)) == len(rows)
    in_brackets = statement.children[-1].type == ")" or any(child.type == ")" for child in statement.children)
    if not (vertical and in_brackets):
        edit = _beside(items, index, name)
        return (edit,) if _fits(header, edit) else ()
    if index == 0 and header.file.source.data[_line_start(header, items[0]) : items[0].start_byte].strip():
        indent = " " * 4 if len(items) == 1 else _indent(header, items[1])
        return (_put(items[0].start_byte, f"{name},{header.newline}{indent}"),)
    return _below(header, statement, items, index, name)


def _beside(items: Sequence[Node], index: int, name: str) -> Edit:
    if index < len(items):
        return _put(items[index].start_byte, f"{name}, ")
    return _put(items[-1].end_byte, f", {name}")


def _below(header: Header, statement: Node, items: Sequence[Node], index: int, name: str) -> tuple[Edit, ...]:
    """Add a line for the name below that of the preceding item, or of the opening parenthesis."""
    opening = next(child for child in statement.children if child.type == "(")
    closing = next(child for child in reversed(statement.children) if child.type == ")")
    before = items[index - 1] if index else opening
    line = header.newline + _indent(header, items[min(index, len(items) - 1)]) + name
    comma = before.next_sibling if index else opening
    while comma is not None and comma.type in {"comment", "line_continuation"}:
        comma = comma.next_sibling
    source = header.file.source
    row = source.line_at(before.end_byte)
    ends = before.end_byte if source.line_at(closing.start_byte) == row else source.line_span(row).end
    if comma is not None and comma.type in {",", "("}:
        ends = max(ends, comma.end_byte) if source.line_at(comma.end_byte) == row else source.line_span(row).end
        return (_put(ends, f"{line},"),)
    if ends == before.end_byte:
        return (_put(ends, f",{line}"),)
    return _put(before.end_byte, ","), _put(ends, line)


def _line_start(header: Header, node: Node) -> int:
    return header.file.source.starts[header.file.source.line_at(node.start_byte)]


def _indent(header: Header, item: Node) -> str:
    return decode(header.file.source.data[_line_start(header, item) : item.start_byte])


def _put(at: int, text: str) -> Edit:
    return Edit(Span(at, at), encode(text))


def _fits(header: Header, edit: Edit) -> bool:
    source = header.file.source
    span = source.line_span(source.line_at(edit.span.start))
    width = len(decode(source.data[span.start : span.end])) + len(edit.text)
    if width <= _WIDEST:
        return True
    return any(len(line) >= width for line in source.text.splitlines())


def _other_names(header: Header, statement: Node) -> Iterator[list[str]]:
    for node in (node for line in header.lines for node in line.code):
        if node.type == "import_from_statement" and node != statement:
            yield [_name(item) for item in node.children_by_field_name("name")]


def _name(item: Node) -> str:
    name = field(item, "name") if item.type == "aliased_import" else item
    return source_of(name) if name is not None else ""
