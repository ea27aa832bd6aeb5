"""Splits a page's text into sections, and a section into blocks, without interpreting them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import pairwise

import msgspec

# CommonMark's rule for fences: up to three spaces, at least three marks, no backquote in the info string.
_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")
FOOTER_FIELDS = ("Prefer", "Raises", "See also")
_FOOTER = re.compile(rf"(?:{'|'.join(FOOTER_FIELDS)}):")


class Kind(IntEnum):
    """The kind of a block; the numbers are the order in which kinds appear in a card."""

    ALSO = 0
    ASKED = 1
    TEXT = 2
    PITFALL = 3
    SAMPLE = 4
    SNIPPET = 5
    FOOTER = 6


_FENCED = (Kind.SAMPLE, Kind.SNIPPET)


class Section(msgspec.Struct, frozen=True):
    """A ``## Heading`` and the lines below it up to the next."""

    heading: str
    line: int
    """Line of the heading, counted from 1."""
    lines: tuple[str, ...]


class Block(msgspec.Struct, frozen=True):
    """Neighbouring lines of one kind; a sample or snippet has its fences removed."""

    kind: Kind
    line: int
    lines: tuple[str, ...]
    info: str = ""
    """The info string of the opening fence."""
    closed: bool = True


def sections(lines: Sequence[str]) -> Iterator[Section]:
    """The sections of a page; ``## `` inside a fenced block is not a heading."""
    for start, end in pairwise([*_headings(lines), len(lines)]):
        yield Section(lines[start][3:].strip(), start + 1, tuple(lines[start + 1 : end]))


def blocks(section: Section) -> Iterator[Block]:
    """The blocks of a section, in order."""
    at, lines = 0, section.lines
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        line, kind = section.line + at + 1, _kind(lines[at])
        if kind in _FENCED:
            block, at = _fenced(lines, at, line, kind)
        else:
            start, at = at, _end(lines, at, kind)
            block = Block(kind, line, tuple(text.rstrip() for text in lines[start:at]))
        yield block


def _headings(lines: Sequence[str]) -> Iterator[int]:
    at = 0
    while at < len(lines):
        if _FENCE.match(lines[at]):
            at = _fence_end(lines, at) or at
        elif lines[at].startswith("## "):
            yield at
        at += 1


def _kind(line: str) -> Kind:
    if line.startswith(">"):
        return Kind.PITFALL
    if line.startswith("Also:"):
        return Kind.ALSO
    if line.startswith("Asked:"):
        return Kind.ASKED
    if _FOOTER.match(line):
        return Kind.FOOTER
    fence = _FENCE.match(line)
    if not fence:
        return Kind.TEXT
    return Kind.SNIPPET if fence["info"].split()[:1] == ["snippet"] else Kind.SAMPLE


def _end(lines: Sequence[str], start: int, kind: Kind) -> int:
    end = start + 1
    while end < len(lines) and lines[end].strip() and _kind(lines[end]) is kind:
        end += 1
    return end


def _fenced(lines: Sequence[str], start: int, line: int, kind: Kind) -> tuple[Block, int]:
    end = _fence_end(lines, start)
    opening = _FENCE.match(lines[start])
    block = Block(
        kind,
        line,
        tuple(lines[start + 1 : len(lines) if end is None else end]),
        info=opening["info"].strip() if opening else "",
        closed=end is not None,
    )
    return block, len(lines) if end is None else end + 1


def _fence_end(lines: Sequence[str], start: int) -> int | None:
    """Index of the closing fence; None if another fence opens first, so that one mistake does not swallow the page."""
    opening = _FENCE.match(lines[start])
    marks = opening["marks"] if opening else ""
    for at in range(start + 1, len(lines)):
        fence = _FENCE.match(lines[at])
        if fence and fence["marks"].startswith(marks):
            return None if fence["info"].strip() else at
    return None
