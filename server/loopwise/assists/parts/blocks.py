"""Moves statements into the block of a new one, and finds names for the new variables in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import line_of, newline_of
from loopwise.syntax import Node, source_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.versions import version_text
from loopwise.writing import moved_in, usual_step

# Tried in this order until no numbered name in the function uses the prefix.
_PREFIXES = ("t", "task", "own_task")


class Lines(msgspec.Struct, frozen=True):
    """The full lines of one statement, or of several consecutive ones."""

    start: int
    """Start offset of the first line."""
    end: int
    """End offset of the last statement; a comment may follow."""
    after: int
    """End offset of the last line, comment included."""
    indent: str
    step: str
    newline: str


def lines_of(unit: Unit, statements: Sequence[Node]) -> Lines | None:
    """The lines of consecutive statements; ``None`` if other code shares these lines."""
    first, last = line_of(unit, statements[0]), line_of(unit, statements[-1])
    if first is None or last is None:
        return None
    start = unit.file.source.starts[unit.file.source.line_at(statements[0].start_byte)]
    step = _step(unit, statements[0], first.indent)
    return Lines(start, statements[-1].end_byte, last.after, first.indent, step, first.newline)


def line_above(unit: Unit, statement: Node) -> Lines | None:
    """The place for lines above a statement, which may have a block; ``None`` if other code precedes it on its line."""
    start = unit.file.source.starts[unit.file.source.line_at(statement.start_byte)]
    indent = decode(unit.file.source.data[start : statement.start_byte])
    if indent.strip():
        return None
    step = _step(unit, statement, indent)
    return Lines(start, start, start, indent, step, newline_of(unit))


def _step(unit: Unit, statement: Node, indent: str) -> str:
    """The statement's indentation relative to that of the enclosing statement."""
    outer = statement.parent.parent if statement.parent is not None else None
    if outer is not None and outer.type != "module":
        span = unit.file.source.line_span(unit.file.source.line_at(outer.start_byte))
        line = decode(unit.file.source.data[span.start : span.end])
        lead = line[: len(line) - len(line.lstrip())]
        if indent.startswith(lead) and indent != lead:
            return indent[len(lead) :]
    return decode(usual_step(encode(indent)))


def wrapped(unit: Unit, lines: Lines, head: str, edits: Iterable[Edit] = ()) -> tuple[Edit, ...]:
    """Move the lines into the block of a statement with ``head``; ``edits`` change the code in them."""
    source, changed = unit.file.source, list(edits)
    below = source.starts[source.line_at(lines.start) + 1 :][:1]
    rest = Span(below[0], lines.end) if below and below[0] < lines.end else None
    moved = moved_in(unit.file, rest, encode(lines.indent), encode(lines.step)) if rest is not None else ()
    gone = [edit.span for edit in changed if edit.span.start < edit.span.end]
    # Lines that a change deletes need no indentation.
    kept = [edit for edit in moved if not any(one.start < edit.span.start <= one.end for one in gone)]
    opening = Edit(Span(lines.start, lines.start), encode(f"{lines.indent}{head}:{lines.newline}{lines.step}"))
    return joined([opening, *kept, *changed])


def joined(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Merge insertions at the same offset, in their order."""
    found: dict[Span, Edit] = {}
    for edit in edits:
        before = found.get(edit.span)
        found[edit.span] = Edit(edit.span, before.text + edit.text) if before is not None else edit
    return tuple(found.values())


def numbered(unit: Unit, node: Node, count: int) -> list[str]:
    """``t1``, ``t2``, … under names that are unused in the function around ``node``."""
    text = source_of(unit.function(node) or unit.file.root)
    prefix = next((one for one in _PREFIXES if not re.search(rf"\b{one}\d+\b", text)), "_task")
    return [f"{prefix}{number}" for number in range(1, count + 1)]


def too_old(unit: Unit, name: str) -> str:
    """The reason why an API of Python 3.11 cannot be used; empty if it can."""
    if unit.target.floor >= (3, 11):
        return ""
    return f"{name} was added in Python 3.11, and this project supports {version_text(unit.target.floor)}"


__all__ = ["Lines", "joined", "line_above", "lines_of", "numbered", "too_old", "wrapped"]
