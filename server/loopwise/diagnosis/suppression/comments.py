"""Finds the comments in a file that apply to a place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.diagnosis.suppression.directives import Directive, Kind, Reach, directives, is_own
from loopwise.diagnosis.suppression.ranges import Ranged, ranges
from loopwise.semantics.bindings import File
from loopwise.syntax import Node, field, path_to
from loopwise.text import Span

# Both start with a character for the search to jump to, which is ten times as fast as looking for the words.
_WHOLE_FILE = re.compile(rb"#[ \t]*(?:loopwise|flake8|ruff|pylint|(?:based)?pyright)[ \t]*[:=]", re.IGNORECASE)
_RANGED = re.compile(rb"#[ \t]*(?:ruff|pylint)[ \t]*:[ \t]*(?:ignore|disable|enable)", re.IGNORECASE)
_OURS = re.compile(rb"#[ \t]*(?:loopwise|noqa|flake8|ruff)", re.IGNORECASE)


class Comments:
    """The directives of one file, found on demand; a file without any costs a search for their words."""

    def __init__(self, file: File) -> None:
        self.file = file
        self._lines: dict[int, tuple[Directive, ...]] = {}
        self._whole: tuple[Directive, ...] | None = None
        self._ranges: tuple[Ranged, ...] | None = None

    def about(self, span: Span) -> Iterator[Directive]:
        """The directives that apply to a place: those for the whole file, and on its lines; see ``lines_of``."""
        yield from self.of_whole_file()
        for line in lines_of(self.file, span):
            yield from self.on_line(line)
        first = self.file.source.line_at(span.start)
        yield from (each.directive for each in self._ranged() if each.first <= first <= each.last)

    def on_line(self, line: int) -> tuple[Directive, ...]:
        """The directives on a 0-based line that apply to that line only."""
        if line not in self._lines:
            span = self.file.source.line_span(line)
            # Most lines have no comment, and this is the fastest test.
            some = b"#" in self.file.source.data[span.start : span.end]
            found = directives(self.file, span.start, span.end) if some else ()
            self._lines[line] = tuple(each for each in found if each.reach is Reach.LINE)
        return self._lines[line]

    def of_whole_file(self) -> tuple[Directive, ...]:
        """The directives that apply to the whole file, wherever they are."""
        if self._whole is None:
            self._whole = tuple(each for each in self._found_by(_WHOLE_FILE) if each.whole)
        return self._whole

    def _ranged(self) -> tuple[Ranged, ...]:
        """The directives that apply to lines other than their own, with these lines."""
        if self._ranges is None:
            self._ranges = tuple(ranges(self.file, self._found_by(_RANGED)))
        return self._ranges

    def ours(self) -> list[Directive]:
        """The directives in the file that only Loopwise understands, at least in part; in source order."""
        found = self._found_by(_OURS)
        return [each for each in found if any(is_own(each, word.text) for word in each.words) or _is_bare_own(each)]

    def _found_by(self, words: re.Pattern[bytes]) -> Iterator[Directive]:
        """The directives on lines that match a pattern."""
        source = self.file.source
        for line in dict.fromkeys(source.line_at(found.start()) for found in words.finditer(source.data)):
            span = source.line_span(line)
            yield from directives(self.file, span.start, span.end)

    def line_of(self, directive: Directive) -> int:
        return self.file.source.line_at(directive.span.start)


def lines_of(file: File, span: Span) -> tuple[int, ...]:
    """The 0-based lines on which a comment applies to a place: where it starts and ends, and where its statement does.

    Of a compound statement that is where its head ends, with the colon.  Of a decorator they are also where the
    decorated head starts and ends: that is where flake8's plugins report what is wrong with a decorated function.
    """
    source, path = file.source, path_to(file.root, span)
    last = max(span.start, span.end - 1)
    places = (span.start, last, _statement_end(path, span), *_decorated_head(path))
    return tuple(dict.fromkeys(source.line_at(place) for place in places))


def _statement_end(path: tuple[Node, ...], span: Span) -> int:
    """The last byte of the simple statement, or of the head, that contains a place."""
    for node in reversed(path):
        block = next((child for child in node.children if child.type == "block"), None)
        if block is not None and span.start < block.start_byte:
            return _head_end(node, block)
        if node.type == "decorator" or (node.parent is not None and node.parent.type in {"block", "module"}):
            return max(node.end_byte - 1, node.start_byte)
    return max(span.start, span.end - 1)


def _decorated_head(path: tuple[Node, ...]) -> tuple[int, ...]:
    """The start and end of the head below a decorator."""
    decorator = next((node for node in reversed(path) if node.type == "decorator"), None)
    decorated = (
        field(decorator.parent, "definition") if decorator is not None and decorator.parent is not None else None
    )
    body = field(decorated, "body") if decorated is not None else None
    return (decorated.start_byte, _head_end(decorated, body)) if decorated is not None and body is not None else ()


def _head_end(node: Node, block: Node) -> int:
    """Byte offset of the colon before a block."""
    colons = [child for child in node.children if child.type == ":" and child.end_byte <= block.start_byte]
    return colons[-1].start_byte if colons else node.start_byte


def _is_bare_own(directive: Directive) -> bool:
    return directive.bare and directive.kind is Kind.OURS
