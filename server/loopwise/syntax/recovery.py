"""Repairs half-typed code: keeps an unfinished statement from swallowing the code below it.

Bytes are only replaced, never added or removed, so that every offset stays valid. To a parser ``x = f(a`` continues on
the next line; ``x = f;a`` does not, and has the same names in the same places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

_STRING = rb"""\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)
    |\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?"""
_SPACE = rb"\\(?:\r\n?|\n)|\#[^\r\n]*"
_FLAGS = re.VERBOSE | re.DOTALL
# All of a text is looked at in large parts, and what turns out to be unfinished in small ones.
_PART = re.compile(
    rb"(?P<line>(?:\r\n?|\n)[ \t\f]*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<string>" + _STRING + rb")"
    rb"|(?P<space>" + _SPACE + rb")|(?P<code>[^()\[\]{}'\"\#\r\n\\]+)|.",
    _FLAGS,
)
TOKEN = re.compile(
    rb"(?P<space>\s+|" + _SPACE + rb")|(?P<string>" + _STRING + rb")|(?P<word>[^\W\d]\w*|[\x80-\xff]+)"
    rb"|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<number>\d[\w.]*|\.{3})|(?P<sign>.)",
    _FLAGS,
)
_FIRST = re.compile(rb"[^\W\d]\w*|[^\s#]")
_LAST = re.compile(rb"(?:\w+|.)\Z", re.DOTALL)
# A line that starts with one of these is a statement, whatever is still open above it.
_STARTS = frozenset(
    b"def class import return with try while raise pass break continue global nonlocal del assert elif except finally"
    b" @".split()
)
_NEEDS_MORE_WORDS = frozenset(
    b"if while with for in is not and or as await lambda assert del from import elif async def class".split()
)
_LONGEST = 1 + max(len(word) for word in _NEEDS_MORE_WORDS)
# After these, Python expects an operand, so the parser continues on the next line.
_NEEDS_MORE_SIGNS = frozenset(b". = + - * / % @ & | ^ ~ < >".split())
# Keywords whose statement ends in a colon or takes an expression: a semicolon after them is an error.
_BLOCKS = frozenset(b"if elif while for with async match case except return else try".split())
_GO_ON = frozenset((b")", b"]", b"}", b"'", b'"'))
_CLOSERS = {b"(": b")", b"[": b"]", b"{": b"}"}
_ROOM = re.compile(rb"[ \t]*(?:\r\n?|\n)*(?=\r\n?|\n)")  # before the newline that ends the statement
_NO_CODE = re.compile(rb"\#[^\r\n]*|[\r\n]")
_CONFLICT = re.compile(rb"^(?:<{7}|={7}|>{7}|\|{7})(?=[ \r\n])", re.MULTILINE)  # what git leaves


class _Token(NamedTuple):
    kind: str
    text: bytes
    start: int


class _Line(NamedTuple):
    """The tokens of a logical line, and its indentation in bytes."""

    indent: int
    tokens: list[_Token]


def recovered(data: bytes) -> bytes:
    """``data`` with unfinished statements completed, in the same number of bytes."""
    out = bytearray(_CONFLICT.sub(lambda mark: b"#" + mark[0][1:], data))
    for line, next_indent in _unfinished(bytes(out)):
        openers = _open(line.tokens)
        if line.tokens[0].text == b"from" and len(openers) == 1:
            _unfold(out, line, openers[0][0])
        elif openers:
            _close(out, line, openers, deeper=next_indent > line.indent)
        else:
            _trim(out, line)
    return bytes(out)


def in_string(data: bytes, offset: int) -> bool:
    """Is a byte offset inside a string, as far as quotes tell?"""
    parts = takewhile(lambda part: part.start() < offset, _PART.finditer(data))
    return any(part.lastgroup == "string" and part.end() > offset for part in parts)


def _unfinished(data: bytes) -> Iterator[tuple[_Line, int]]:
    """Logical lines that are incomplete, each with the indentation of the next line."""
    start, indent, depth = 0, len(data) - len(data.lstrip(b" \t\f")), 0
    last: re.Match[bytes] | None = None
    for part in _PART.finditer(data):
        if part.lastgroup != "line":
            depth += (part.lastgroup == "open") - (part.lastgroup == "close" and depth > 0)
            last = last if part.lastgroup == "space" or part[0].isspace() else part
            continue
        first = _FIRST.match(data, part.end())
        width = len(part[0].lstrip(b"\r\n"))
        if first is None or (depth and not _is_statement(first[0], width, indent)):
            continue
        if last is not None and (depth or _may_need_more(last[0])):
            line = _Line(indent, _tokens(data, start, part.start()))
            if depth or _needs_more(line.tokens):
                yield line, width
        start, indent, depth, last = part.end(), width, 0, None
    line = _Line(indent, _tokens(data, start, len(data)))
    if depth or (_needs_more(line.tokens) and line.tokens[0].text != b"from"):
        yield line, 0


def _tokens(data: bytes, start: int, end: int) -> list[_Token]:
    found = (_Token(str(m.lastgroup), m[0], m.start()) for m in TOKEN.finditer(data, start, end))
    return [token for token in found if token.kind != "space"]


def _is_statement(first: bytes, width: int, indent: int) -> bool:
    """Does a statement start here inside brackets, so that a closing bracket must be missing?"""
    return first in _STARTS or (width <= indent and first not in _GO_ON)


def _may_need_more(part: bytes) -> bool:
    last = _LAST.search(part.rstrip()[-_LONGEST:])
    return last is not None and (last[0] in _NEEDS_MORE_WORDS or last[0] in _NEEDS_MORE_SIGNS)


def _needs_more(tokens: list[_Token]) -> bool:
    if not tokens:
        return False
    last = tokens[-1]
    if last.text == b"*" and tokens[-2:-1] and tokens[-2].text == b"import":
        return False
    return last.text in _NEEDS_MORE_SIGNS or (last.kind == "word" and last.text in _NEEDS_MORE_WORDS)


def _open(tokens: list[_Token]) -> list[tuple[_Token, _Token | None]]:
    """Brackets that are never closed, each with the token before it."""
    stack: list[tuple[_Token, _Token | None]] = []
    before: _Token | None = None
    for token in tokens:
        if token.kind == "open":
            stack.append((token, before))
        elif token.kind == "close" and stack:
            stack.pop()
        before = token
    return stack


def _unfold(out: bytearray, line: _Line, opener: _Token) -> None:
    """Repair ``from x import (`` with the code below it, as if it were on one line."""
    last = line.tokens[-1]
    out[opener.start : opener.start + 1] = b" "
    part = slice(opener.start, last.start)
    out[part] = _NO_CODE.sub(lambda found: b" " * len(found[0]), bytes(out[part]))
    _trim(out, line._replace(tokens=[token for token in line.tokens if token is not opener]))


def _close(out: bytearray, line: _Line, openers: list[tuple[_Token, _Token | None]], *, deeper: bool) -> None:
    last = line.tokens[-1]
    end = last.start + len(last.text)
    room = _ROOM.match(out, end)
    if room is not None and len(room[0]) > len(openers) and not _needs_more(line.tokens):
        closers = b"".join(_CLOSERS[opener.text] for opener, _ in reversed(openers))
        out[end : end + len(closers)] = closers
        return
    words = [token.text for token in line.tokens[:2]]
    heads = words[0] in {b"def", b"class"} or words == [b"async", b"def"]
    if heads and deeper and openers[0][0] == line.tokens[-1]:
        _replace(out, line.tokens[:-2], b"if")  # `def f(` above its body becomes `if  f:`
        out[openers[0][0].start] = ord(":")
        return
    if heads:
        _replace(out, line.tokens[: 1 + (words[0] == b"async")], b"del")
    for opener, before in openers:
        called = before is not None and (before.kind in {"close", "string"} or _is_name(before))
        sign = b"+" if words[0] in _BLOCKS else b";"
        out[opener.start] = ord(sign if called else b" ")
    _trim(out, line)


def _is_name(token: _Token) -> bool:
    return token.kind == "word" and token.text not in _NEEDS_MORE_WORDS | _BLOCKS


def _replace(out: bytearray, tokens: list[_Token], by: bytes) -> None:
    """Write ``by`` over some tokens."""
    start, end = tokens[0].start, tokens[-1].start + len(tokens[-1].text)
    out[start:end] = by.ljust(end - start)


def _trim(out: bytearray, line: _Line) -> None:
    """Blank out the tokens at the end of a line that require an operand after them."""
    tokens = list(line.tokens)
    if [token.text for token in tokens[:1]] == [b"from"] and tokens[-1].text == b"import":
        _replace(out, tokens[:1], b"0;")
    while _needs_more(tokens):
        last = tokens.pop()
        out[last.start : last.start + len(last.text)] = b" " * len(last.text)
