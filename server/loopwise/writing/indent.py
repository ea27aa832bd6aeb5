"""Moves lines into a block and out of one; the lines of multi-line strings are left as they are."""

from __future__ import annotations

from loopwise.semantics.bindings import File
from loopwise.syntax import STRINGS, Node, field, nodes_of, path_to
from loopwise.text import Edit, Span, decode

# PEP 8, for files without any indentation to copy.
_STEP = b"    "


def indent_of(file: File, at: int) -> bytes | None:
    """The white space before the code at a byte offset; ``None`` if other code comes before it on the line."""
    source = file.source
    before = source.data[source.starts[source.line_at(at)] : at]
    return before if not before.strip(b" \t\f") else None


def newline_of(file: File, at: int) -> bytes:
    """The line end at a byte offset; a line feed on the last line."""
    source, line = file.source, file.source.line_at(at)
    if line + 1 >= len(source.starts):
        return b"\n"
    return source.data[source.line_span(line).end : source.starts[line + 1]]


def parting(file: File, at: int) -> str:
    """The separator to put after a statement inserted at a byte offset: a new line with its indentation, or ``; ``."""
    data = file.source.data
    line = file.source.starts[file.source.line_at(at)]
    lead = decode(data[line:at])
    return "; " if lead.strip() else ("\r\n" if data[line - 2 : line] == b"\r\n" else "\n") + lead


def step_of(file: File, body: Node, outer: bytes) -> bytes | None:
    """A block's indentation relative to its statement; ``None`` if it is on the statement's line."""
    inner = indent_of(file, body.start_byte)
    if inner is None or not inner.startswith(outer) or len(inner) == len(outer):
        return None
    return inner[len(outer) :]


def usual_step(indent: bytes) -> bytes:
    """One step of indentation, in the style of the code around."""
    if indent.startswith(b"\t"):
        return b"\t"
    return _STEP if not indent or len(indent) % len(_STEP) == 0 else indent[:2]


def unwrapped(file: File, statement: Node) -> tuple[Edit, ...]:
    """Remove the head of a ``with`` (or of another statement with one block) and dedent its block; comments are kept.

    Empty if the layout of the lines does not allow it.
    """
    body, colon = field(statement, "body"), next((c for c in statement.children if c.type == ":"), None)
    indent = indent_of(file, statement.start_byte)
    if body is None or colon is None or indent is None:
        return ()
    source = file.source
    last = source.line_at(colon.start_byte)
    if source.line_at(body.start_byte) == last:
        return (Edit(Span(statement.start_byte, body.start_byte), b""),)
    step = step_of(file, body, indent)
    if step is None:
        return ()
    below, line_end = source.starts[last + 1], source.line_span(last).end
    rest = source.data[colon.end_byte : line_end]
    kept = len(rest) - len(rest.lstrip())
    if rest.strip():
        head = Edit(Span(statement.start_byte, colon.end_byte + kept), b"")
    else:
        head = Edit(Span(source.starts[source.line_at(statement.start_byte)], below), b"")
    return (head, *moved_out(file, Span(below, statement.end_byte), indent, step))


def moved_out(file: File, span: Span, indent: bytes, step: bytes) -> tuple[Edit, ...]:
    """Remove one ``step`` from the lines that begin in ``span`` with ``indent`` and that step."""
    edits = []
    for start in line_starts(file, span):
        at = start + len(indent)
        if file.source.data[start : at + len(step)] == indent + step:
            edits.append(Edit(Span(at, at + len(step)), b""))
    return tuple(edits)


def moved_in(file: File, span: Span, indent: bytes, step: bytes) -> tuple[Edit, ...]:
    """Insert one ``step`` after ``indent`` in the lines that begin in ``span`` and are not blank."""
    source, edits = file.source, []
    for start in line_starts(file, span):
        if source.data[start : source.line_span(source.line_at(start)).end].strip():
            at = start + len(indent) if source.data[start:].startswith(indent) else start
            edits.append(Edit(Span(at, at), step))
    return tuple(edits)


def line_starts(file: File, span: Span) -> list[int]:
    """Byte offsets of the lines that begin in a span, except for those that begin within a string."""
    source = file.source
    lines = range(source.line_at(span.start), source.line_at(max(span.start, span.end - 1)) + 1)
    path = path_to(file.root, span)
    strings = [*(node for node in path if node.type in STRINGS), *nodes_of(path[-1], STRINGS)]
    starts = (source.starts[line] for line in lines)
    return [start for start in starts if not any(s.start_byte < start < s.end_byte for s in strings)]


def lead_of(file: File, at: int) -> bytes:
    """The white space at the start of the line of a byte offset."""
    line = file.source.data[file.source.starts[file.source.line_at(at)] : at]
    return line[: len(line) - len(line.lstrip(b" \t\f"))]


def moved(file: File, span: Span, indent: bytes) -> str:
    """The text of a span, reindented for a line that begins with ``indent``: further lines move along with the first.

    The lines of multi-line strings stay as they are.
    """
    data, old, at = file.source.data, lead_of(file, span.start), span.start
    parts: list[bytes] = []
    for start in line_starts(file, span):
        line = data[start : file.source.line_span(file.source.line_at(start)).end]
        if start > span.start and line.startswith(old) and line.strip():
            parts += [data[at:start], indent]
            at = start + len(old)
    return decode(b"".join([*parts, data[at : span.end]]))
