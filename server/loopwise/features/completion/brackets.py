"""Finds brackets in half-typed code by tokens and indentation, where the parser gives up."""

from __future__ import annotations

import re

from loopwise.features.completion.lines import indent_of, line_end, line_start

TOKEN = re.compile(
    rb"(?P<string>\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')|(?P<comment>#[^\r\n]*)|(?P<sign>[()\[\]{}:])"
)
CLOSERS = {b"(": b")", b"[": b"]", b"{": b"}"}
_CLOSING = frozenset(CLOSERS.values())
_FIRST = re.compile(rb"[ \t]*([^\s]\w*)?")
# Keywords that can only start a statement: they end an expression that a bracket left open.
_STARTS = frozenset(b"def class import return with try while raise pass break continue global nonlocal del".split())
# A bound on the work for each keystroke.
_MOST_LINES = 60


def opened(text: bytes) -> list[bytes]:
    """The opening brackets that ``text`` does not close, outermost first."""
    stack: list[bytes] = []
    for token in TOKEN.finditer(text):
        sign = token["sign"]
        if sign in CLOSERS:
            stack.append(sign)
        elif sign in _CLOSING and stack:
            stack.pop()
    return stack


def has_colon(text: bytes) -> bool:
    """Is there a colon outside all brackets?"""
    depth = 0
    for token in TOKEN.finditer(text):
        sign = token["sign"]
        depth += (sign in CLOSERS) - (sign in _CLOSING)
        if sign == b":" and depth <= 0:
            return True
    return False


def statement_start(data: bytes, line: int) -> int:
    """The start of the statement that the line at ``line`` continues, above lines that leave a bracket open.

    A line that belongs to the one above it is indented deeper.
    """
    start, at = line, line
    indent = indent_of(data, line)
    for _ in range(_MOST_LINES):
        if at == 0:
            break
        at = line_start(data, at - 1)
        text = data[at : line_end(data, at)]
        if not text.strip() or indent_of(data, at) >= indent:
            continue
        if not opened(text):
            break
        start, indent = at, indent_of(data, at)
    return start


def closed(data: bytes, offset: int, indent: int) -> int:
    """The number of brackets opened before ``offset`` that are closed after it in the same statement.

    ``indent`` is that of the statement: code below it that is not indented deeper is another statement.
    """
    depth, found, at = 0, 0, offset
    for number in range(_MOST_LINES):
        end = line_end(data, at)
        if number and not _goes_on(data[at:end], indent, depth):
            break
        for token in TOKEN.finditer(data, at, end):
            sign = token["sign"]
            if sign in CLOSERS:
                depth += 1
            elif sign in _CLOSING:
                found += depth == 0
                depth = max(depth - 1, 0)
        at = end + 1
        if at > len(data):
            break
    return found


def _goes_on(text: bytes, indent: int, depth: int) -> bool:
    first = _FIRST.match(text)
    word = first[1] if first is not None else None
    if not word or depth:
        return True
    if word[:1] in _CLOSING:
        return len(text) - len(text.lstrip()) >= indent
    return word not in _STARTS and len(text) - len(text.lstrip()) > indent
