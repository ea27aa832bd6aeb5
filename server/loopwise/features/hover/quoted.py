"""Code that is text to the parser: quoted annotations, type comments, and what a notebook's magics run."""

from __future__ import annotations

import re

import msgspec

from loopwise.semantics.bindings import File
from loopwise.syntax import Node, path_to
from loopwise.text import Source, Span

_TYPE = re.compile(rb"#[ \t]*type:(?![ \t]*ignore\b)[ \t]*(?P<code>[^#\r\n]+)")
# The magics that run the rest of their line, as `project.notebook` writes them: `%time f()` is `_#ime f()`.
_MAGIC = re.compile(rb"#(?:apture|ebug|run|ime|imeit)(?:[ \t]+-\w+(?:[ \t]*\d+)?)*[ \t]+(?P<code>[^-\s].*)")

_DOTTED = re.compile(rb"\w+(?:\.\w+)+")


class Quoted(msgspec.Struct, frozen=True):
    """A piece of code as a file of its own, in the scope of the place where it is."""

    file: File
    start: int
    """Offset of the code in the file around it, in bytes."""


def quoted_at(file: File, offset: int) -> Quoted | None:
    """The quoted code at a byte offset of a file."""
    path = path_to(file.root, Span(offset, offset))
    node = path[-1]
    if node.type == "string_content" and any(outer.type == "type" for outer in path):
        return _part(file, node, node.text or b"", 0)
    if any(outer.type == "type_parameter" and outer.has_error for outer in path):
        return _dotted(file, node, offset)
    if node.type != "comment":
        return None
    said = node.text or b""
    escaped = bool(file.cells) and file.source.data[: node.start_byte].endswith(b"_")
    found = (_MAGIC if escaped else _TYPE).match(said)
    if found is None:
        return None
    # The arguments and the result of a function are a tuple as well as any.
    return _part(file, node, found["code"].replace(b"->", b", "), found.start("code"))


def _dotted(file: File, node: Node, offset: int) -> Quoted | None:
    """The dotted name around an offset; the parser takes defaults of type parameters for parts of their bounds."""
    found = next((m for m in _DOTTED.finditer(file.source.data, *_line(file, offset)) if m.end() > offset), None)
    if found is None or found.start() > offset:
        return None
    part = _part(file, node, found[0], 0)
    return msgspec.structs.replace(part, start=found.start())


def _line(file: File, offset: int) -> tuple[int, int]:
    span = file.source.line_span(file.source.line_at(offset))
    return span.start, span.end


def _part(file: File, node: Node, code: bytes, start: int) -> Quoted:
    return Quoted(File(file.name, file.key, Source.of(code), outer=(file, node)), node.start_byte + start)
