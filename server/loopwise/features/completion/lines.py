"""Physical lines around a byte offset."""

from __future__ import annotations


def line_start(data: bytes, offset: int) -> int:
    """The start of the line that contains ``offset``."""
    return max(data.rfind(b"\n", 0, offset), data.rfind(b"\r", 0, offset)) + 1


def line_end(data: bytes, offset: int) -> int:
    """The end of the line that contains ``offset``, before its line end."""
    ends = [end for sign in (b"\n", b"\r") if (end := data.find(sign, offset)) >= 0]
    return min(ends, default=len(data))


def line_before(data: bytes, offset: int) -> bytes:
    """The text on the line before ``offset``."""
    return data[line_start(data, offset) : offset]


def indent_of(data: bytes, line: int) -> int:
    """The indentation of the line at ``line``, in bytes."""
    text = data[line : line_end(data, line)]
    return len(text) - len(text.lstrip())
