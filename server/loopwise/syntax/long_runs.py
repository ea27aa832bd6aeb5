"""Long runs of comments, which the parser does not see.

The grammar's scanner looks through all the comments ahead at each of them, to know how far the code after them is
indented: 4,000 lines of comments in a row take it a second.  So the inner ones of a long run are blanked before a text
is parsed.  Those at both ends stay, and those that tell where a block ends: nodes of code are where they would be.
The text of a node is still that of the file.  Lines that are only a backslash cost the same, and are treated alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise
from typing import NamedTuple

from tree_sitter import Node, Tree

from loopwise.syntax.recovery import in_string
from loopwise.text import Span

_LONG = 64  # comments
_KEPT = 8  # at each end
_DEPTHS = 100  # blocks of Python are no deeper
_COMMENTS = re.compile(rb"#[^\n\0]*(?:\n[ \t\f\r\n]*#[^\n\0]*)*")
_COMMENT = re.compile(rb"(?:^|(?<=\n))[ \t\f\r]*(?P<mark>#[^\n]*)")
_BACKSLASHES = re.compile(rb"\\\r?\n(?:[ \t\f\r]*\\\r?\n)+")
_BACKSLASH = re.compile(rb"\\")
_CODE = re.compile(rb"[^\r\n]+")
_QUOTES = (b'"""', b"'''")
_MARKS = frozenset({"comment", "line_continuation"})
_IN_STRINGS = ("string", "interpolation", "escape", "format")


class Run(NamedTuple):
    """Comments in a row: where the first is, whether quotes in them could end a string, and what is blanked."""

    start: int
    quoted: bool
    blanks: tuple[Span, ...]


@lru_cache(4)
def long_runs(data: bytes) -> tuple[Run, ...]:
    """The long runs of comments in a text, as far as they are not in strings, which a tree tells."""
    comments = _COMMENTS.finditer(data) if data.count(b"#") > _LONG else ()
    slashes = _BACKSLASHES.finditer(data) if b"\\\n" in data or b"\\\r\n" in data else ()
    found = [_comments(data, one.start(), one.end()) for one in comments if _is_long(one, b"#")]
    return tuple(chain(filter(None, found), (_slashes(one) for one in slashes if _is_long(one, b"\\"))))


def _is_long(found: re.Match[bytes], mark: bytes) -> bool:
    return found.end() - found.start() > 2 * _LONG and found[0].count(mark) > _LONG


def _comments(data: bytes, start: int, end: int) -> Run | None:
    first = data.find(b"\n", start, end) + 1  # what is before may follow code, or be in a string
    marks = (
        [(one.start(), one.start("mark"), one.end()) for one in _COMMENT.finditer(data, first, end)] if first else []
    )
    if len(marks) <= _LONG:
        return None
    widths = [_width(data[line:mark]) for line, mark, _ in marks]
    kept = set(chain(range(_KEPT), range(len(marks) - _KEPT, len(marks)), _ends_of_blocks(widths)))
    blanks = tuple(Span(mark, end) for at, (_, mark, end) in enumerate(marks) if at not in kept)
    return Run(marks[0][1], any(quote in data[first:end] for quote in _QUOTES), blanks) if blanks else None


def _ends_of_blocks(widths: Sequence[int]) -> Iterator[int]:
    """Comments that are indented less than all before them, and the one before each: a block ends between the two."""
    deeper = (at for at, (before, now) in enumerate(pairwise(accumulate(widths, min)), 1) if now < before)
    return chain.from_iterable((at - 1, at) for at, _ in zip(deeper, range(_DEPTHS), strict=False))


def _width(blank: bytes) -> int:
    """The indentation of a line in columns, as the scanner counts."""
    last = max(blank.rfind(b"\f"), blank.rfind(b"\r")) + 1
    return sum(8 if one == 9 else 1 for one in blank[last:])


def _slashes(found: re.Match[bytes]) -> Run:
    marks = [found.start() + one.start() for one in _BACKSLASH.finditer(found[0])]
    return Run(found.start(), quoted=False, blanks=tuple(Span(at, at + 1) for at in marks[_KEPT:-_KEPT]))


def without(data: bytes, runs: Sequence[Run]) -> bytearray:
    """A text with the inner comments of runs blanked: as long, with as many lines."""
    out = bytearray(data)
    for run in runs:
        for blank in run.blanks:
            part = slice(blank.start, blank.end)
            out[part] = _CODE.sub(lambda found: b" " * len(found[0]), data[part])
    return out


def is_comment(root: Node, offset: int) -> bool:
    """Is the ``#`` at a byte offset that of a comment, be it one that was blanked?"""
    leaf = root.descendant_for_byte_range(offset, offset + 1)
    return leaf is not None and (leaf.type == "comment" or _is_blanked(leaf))


def blanked_in(tree: Tree, data: bytes) -> list[Run]:
    """The runs that were blanked before ``data`` was parsed into a tree."""
    starts = ((run, run.blanks[0].start) for run in long_runs(data))
    leaves = ((run, tree.root_node.descendant_for_byte_range(start, start + 1)) for run, start in starts)
    return [run for run, leaf in leaves if leaf is not None and _is_blanked(leaf)]


def _is_blanked(leaf: Node) -> bool:
    return leaf.child_count > 0 and not leaf.type.startswith(_IN_STRINGS)


def are_comments(tree: Tree, data: bytes, run: Run) -> bool:
    """Is a run of what looks like comments one, to the parser that did not see its inner ones?

    If the first is a comment, so are the others: none of the text between was blanked.  Only where the tree has errors
    may the parser have taken up anew what is a string, if quotes that end it were blanked.
    """
    leaf = tree.root_node.descendant_for_byte_range(run.start, run.start + 1)
    if leaf is None or leaf.type not in _MARKS:
        return False
    return not (run.quoted and tree.root_node.has_error and in_string(data, run.start))
