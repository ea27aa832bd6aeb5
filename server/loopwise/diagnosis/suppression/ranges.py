"""The lines to which a comment on its own line applies: ruff's and pylint's, each by the tool's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from loopwise.diagnosis.suppression.directives import Directive, Kind, Reach
from loopwise.semantics.bindings import File
from loopwise.syntax import Node


class Ranged(msgspec.Struct, frozen=True):
    """A comment and the 0-based lines it applies to, both ends included."""

    directive: Directive
    first: int
    last: int


def ranges(file: File, found: Iterable[Directive]) -> Iterator[Ranged]:
    """The comments of a file, in source order, that apply to lines other than their own."""
    every = list(found)
    for directive in every:
        line = file.source.line_at(directive.span.start)
        match directive.reach:
            case Reach.NEXT_LINE:
                yield Ranged(directive, line + 1, line + 1)
            case Reach.NEXT_STATEMENT:
                yield Ranged(directive, line, _head_end(file, line))
            case Reach.BLOCK:
                yield from _of_block(file, directive, line, every)


def _of_block(file: File, directive: Directive, line: int, every: Iterable[Directive]) -> Iterator[Ranged]:
    """Apply it to the end of the block; for pylint, word by word, because each can be re-enabled separately."""
    last = _block_end(file, line)
    ends = [each for each in every if each.reach is Reach.TAKES_BACK and each.kind is directive.kind]
    if directive.kind is Kind.PYLINT:
        for word in directive.words:
            one = msgspec.structs.replace(directive, words=(word,))
            names = (file.source.line_at(each.span.start) for each in ends if word.text in _names(each))
            yield Ranged(one, line, next((end for end in names if line < end <= last), last))
        return
    same = (
        file.source.line_at(each.span.start)
        for each in ends
        if _names(each) == _names(directive) and _indent(file, each) == _indent(file, directive)
    )
    yield Ranged(directive, line, next((end for end in same if line < end <= last), last))


def _names(directive: Directive) -> frozenset[str]:
    return frozenset(word.text for word in directive.words)


def _indent(file: File, directive: Directive) -> int:
    return directive.span.start - file.source.starts[file.source.line_at(directive.span.start)]


def _block_end(file: File, line: int) -> int:
    """The last line of the block that contains a comment on its own line: before the next one indented less."""
    data, starts = file.source.data, file.source.starts
    indent = _indent_of(data, starts[line])
    for number in range(line + 1, len(starts)):
        text = data[starts[number] : file.source.line_span(number).end].strip()
        if text and not text.startswith(b"#") and _indent_of(data, starts[number]) < indent:
            if not _is_in_string(file, starts[number]):
                return number - 1
    return len(starts) - 1


def _indent_of(data: bytes, start: int) -> int:
    rest = data[start : start + 200]
    return len(rest) - len(rest.lstrip(b" \t\f"))


def _is_in_string(file: File, at: int) -> bool:
    node: Node | None = file.root.descendant_for_byte_range(at, at)
    while node is not None and node.type not in {"string", "block", "module", "argument_list", "list", "tuple"}:
        node = node.parent
    return node is not None and node.type not in {"block", "module"} and node.start_byte < at


def _head_end(file: File, line: int) -> int:
    """The last line of the statement below a comment; for a compound statement, the line of its colon."""
    data, starts = file.source.data, file.source.starts
    below = range(line + 1, len(starts))
    texts = ((number, data[starts[number] : file.source.line_span(number).end].strip()) for number in below)
    first = next((number for number, text in texts if text and not text.startswith(b"#")), None)
    if first is None:
        return line
    at = starts[first] + _indent_of(data, starts[first])
    node = file.root.descendant_for_byte_range(at, at + 1)
    while node is not None and node.parent is not None and node.parent.type not in {"block", "module"}:
        node = node.parent
    if node is None:
        return first
    colon = next((child for child in node.children if child.type == ":"), None)
    return file.source.line_at(colon.start_byte if colon is not None else max(at, node.end_byte - 1))
