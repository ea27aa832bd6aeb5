"""Texts, spans and edits; the only module in which byte, code point and UTF-16 columns meet.

Everywhere else a place is a byte offset into :attr:`Source.data`, which is UTF-8. Lone surrogates, which an editor may
send, are kept as the three bytes of their UTF-8 form.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum

_LINE_END = re.compile(rb"\r\n|\r|\n")
# Deleting continuation bytes leaves one byte per code point.
_CONTINUATION = bytes(range(0x80, 0xC0))
# Only characters of four UTF-8 bytes take two UTF-16 units; their first byte is 0xF0 or above.
_NOT_FOUR_BYTE_LEAD = bytes(range(0xF0))


class Encoding(str, Enum):
    """The unit in which a client counts columns (LSP's ``positionEncoding``)."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of byte offsets."""

    start: int
    end: int

    def shifted(self, by: int) -> Span:
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes of ``span`` by ``text`` (UTF-8)."""

    span: Span
    text: bytes

    @property
    def new_end(self) -> int:
        """Byte offset of the end of the inserted text, in the new source."""
        return self.span.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Region:
    """The difference between a text and an older one: bytes ``start`` to ``old`` became bytes ``start`` to ``new``."""

    start: int
    old: int
    new: int

    @classmethod
    def of(cls, edit: Edit) -> Region:
        return cls(edit.span.start, edit.span.end, edit.new_end)

    @property
    def growth(self) -> int:
        return self.new - self.old

    def then(self, edit: Edit) -> Region:
        """The region after one more edit."""
        start, end = min(self.start, edit.span.start), max(self.new, edit.span.end)
        return Region(start, self.old + end - self.new, end + edit.new_end - edit.span.end)

    def shifted(self, by: int) -> Region:
        return Region(self.start + by, self.old + by, self.new + by)

    def moved(self, span: Span) -> Span | None:
        """The present span of a span in the older text; ``None`` if its text changed."""
        if span.end <= self.start:
            return span
        return span.shifted(self.growth) if span.start >= self.old else None

    def stretched(self, span: Span) -> Span | None:
        """The same as :meth:`moved`, but a span that contains the entire region grows with it."""
        if span.start < self.start and span.end >= self.old:
            return Span(span.start, span.end + self.growth)
        return self.moved(span)


@dataclass(frozen=True, slots=True)
class Source:
    """An immutable text: its bytes and the byte offset at which each line starts.

    Lines end at ``\\n``, ``\\r\\n`` and ``\\r`` only, as in LSP: not at form feeds or U+2028.
    """

    data: bytes
    starts: list[int]

    @classmethod
    def of(cls, text: str | bytes) -> Source:
        """The source of a text; bytes are taken as UTF-8."""
        data = encode(text) if isinstance(text, str) else text
        return cls(data, [0, *_ends(data)])

    @property
    def text(self) -> str:
        return decode(self.data)

    def edited(self, edit: Edit) -> Source:
        """The source after ``edit``; only the lines it touches are scanned again."""
        start, end = edit.span.start, edit.span.end
        data = b"".join((self.data[:start], edit.text, self.data[end:]))
        shift = edit.new_end - end
        # One byte of context on each side: an edit can part or join a "\r\n".
        first = self.line_at(max(start - 1, 0))
        after = self.line_at(min(end + 1, len(self.data))) + 1
        begin = self.starts[first]
        stop = self.starts[after] + shift if after < len(self.starts) else len(data)
        starts = self.starts[: first + 1]
        starts.extend(begin + at for at in _ends(data[begin:stop]))
        if after < len(self.starts):
            if starts[-1] == stop and len(starts) > 1:
                starts.pop()
            rest = self.starts[after:]
            starts += [at + shift for at in rest] if shift else rest
        return Source(data, starts)

    def line_at(self, offset: int) -> int:
        """The 0-based line that contains a byte offset."""
        return bisect_right(self.starts, offset) - 1

    def line_span(self, line: int) -> Span:
        """The bytes of a 0-based line without its line end; the end of the text if there is no such line."""
        if line >= len(self.starts):
            return Span(len(self.data), len(self.data))
        start = self.starts[line]
        if line + 1 == len(self.starts):
            return Span(start, len(self.data))
        end = self.starts[line + 1]
        return Span(start, start + len(self.data[start:end].rstrip(b"\r\n")))

    def offset(self, line: int, column: int, encoding: Encoding = Encoding.UTF16) -> int:
        """Byte offset of a 0-based position; a column beyond the line's end means its end."""
        span = self.line_span(line)
        text = self.data[span.start : span.end]
        if encoding is Encoding.UTF8 or text.isascii():
            at = min(column, len(text))
        else:
            at = _bytes_for(text, column, encoding)
        while 0 < at < len(text) and 0x80 <= text[at] < 0xC0:
            at -= 1
        return span.start + at

    def position(self, offset: int, encoding: Encoding = Encoding.UTF16) -> tuple[int, int]:
        """The 0-based line and column of a byte offset."""
        line = self.line_at(offset)
        return line, units(self.data[self.starts[line] : offset], encoding)

    def point(self, offset: int) -> tuple[int, int]:
        """Row and byte column, as tree-sitter counts them."""
        line = self.line_at(offset)
        return line, offset - self.starts[line]


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def as_name(text: str) -> str:
    """A name as Python reads it (NFKC): two spellings of one name, ``\u00e9`` and ``e\u0301``, are equal."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def decode(data: bytes) -> str:
    """The text of UTF-8 bytes; invalid UTF-8 (half a character at a cut) becomes U+FFFD."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def units(data: bytes, encoding: Encoding) -> int:
    """The length of the UTF-8 text ``data`` in units of ``encoding``."""
    if encoding is Encoding.UTF8 or data.isascii():
        return len(data)
    points = len(data.translate(None, _CONTINUATION))
    if encoding is Encoding.UTF32:
        return points
    return points + len(data.translate(None, _NOT_FOUR_BYTE_LEAD))


def _ends(data: bytes) -> list[int]:
    return [match.end() for match in _LINE_END.finditer(data)]


def _bytes_for(text: bytes, column: int, encoding: Encoding) -> int:
    """The length in bytes of the longest prefix of ``text`` that has at most ``column`` units."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if units(text[:middle], encoding) <= column:
            low = middle
        else:
            high = middle - 1
    return low
