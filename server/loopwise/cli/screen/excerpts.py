"""Code excerpts: one line with an underlined part."""

from __future__ import annotations

from unicodedata import category, east_asian_width

import msgspec

from loopwise.text import Source, Span, decode

_MOST = 88  # columns of a line of code: with its number a terminal of 100
_TURNING = frozenset("\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of text, with which code could be displayed as something else."""
_BEFORE = 30  # columns kept before the underlined part of a line that is too long


class Excerpt(msgspec.Struct, frozen=True):
    """A line ready to be shown in fixed columns: tabs expanded, a long line cut."""

    number: int
    """Line number, counted from 1."""
    code: str
    start: int
    """Column of the underlined part, counted from 0; a wide character takes two."""
    end: int

    @property
    def carets(self) -> str:
        return " " * self.start + "^" * max(1, self.end - self.start)


def excerpt(source: Source, span: Span) -> Excerpt:
    """The line in which ``span`` begins, with the part of ``span`` on that line underlined."""
    line = source.line_at(span.start)
    whole = source.line_span(line)
    before = _shown(source.data[whole.start : span.start])
    marked = _shown(source.data[span.start : min(span.end, whole.end)])
    after = _shown(source.data[min(span.end, whole.end) : whole.end]).rstrip()
    if _width(before + marked + after) > _MOST and _width(before) > _BEFORE:
        before = "…" + before[-_BEFORE:]
    room = max(0, _MOST - _width(before + marked))
    after = after if len(after) <= room else after[:room] + "…"
    start = _width(before)
    return Excerpt(line + 1, before + marked + after, start, start + _width(marked))


def _shown(data: bytes) -> str:
    text = decode(data).replace("\t", "    ")
    return "".join("�" if char in _TURNING or category(char) == "Cc" else char for char in text)


def _width(text: str) -> int:
    """The width in terminal columns."""
    wide = sum(east_asian_width(char) in "WF" for char in text)
    none = sum(category(char) in {"Mn", "Me", "Cf"} for char in text)
    return len(text) + wide - none
