"""Half-typed code made whole: a statement that is not finished is kept from swallowing what stands below it.

Bytes are only put in the place of others, never added or taken away: every offset stays what it was.
To a parser ``x = f(a`` goes on in the next line; ``x = f;a`` does not, and has the same names in the same places.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    rb"""(?P<space>[ \t\f]+|\\(?:\r\n?|\n)|\#[^\r\n]*)
    |(?P<line>(?:\r\n?|\n)[ \t\f]*)
    |(?P<string>\"{3}(?:[^\\]|\\.)*?(?:\"{3}|\Z)|'{3}(?:[^\\]|\\.)*?(?:'{3}|\Z)
        |\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?)
    |(?P<word>[^\W\d]\w*|[\x80-\xff]+)
    |(?P<open>[(\[{])
    |(?P<close>[)\]}])
    |(?P<number>\d[\w.]*)
    |(?P<sign>.)""",
    re.X | re.S,
)
# A line that starts with one of these is a statement, whatever is still open above it.
_STARTS = frozenset(
    b"def class import return with try while raise pass break continue global nonlocal del assert elif except finally"
    b" @".split()
)
_NEEDS_MORE_WORDS = frozenset(b"if while with for in is not and or as await lambda assert del from import elif async def class".split())
_NEEDS_MORE_SIGNS = frozenset(b". = + - * / % @ & | ^ ~ < >".split())
_BLOCKS = frozenset(b"if elif while for with async match case except return else try".split())
_CLOSERS = {b"(": b")", b"[": b"]", b"{": b"}"}


class _Token(NamedTuple):
    kind: str
    text: bytes
    start: int


class _Line(NamedTuple):
    """The tokens of a logical line, and how far it is indented."""

    indent: int
    tokens: list[_Token]


def mended(data: bytes) -> bytes:
    """``data`` with unfinished statements finished, in as many bytes."""
    out = bytearray(data)
    for line, next_indent in _unfinished(data):
        openers = _open(line.tokens)
        if openers:
            _close(out, line, openers, deeper=next_indent > line.indent)
        else:
            _trim(out, line)
    return bytes(out)


def _unfinished(data: bytes) -> list[tuple[_Line, int]]:
    """Logical lines that lack something, each with the indent of the line that follows."""
    found: list[tuple[_Line, int]] = []
    line, depth = _Line(_width(data), []), 0
    matches = [_Token(str(m.lastgroup), m[0], m.start()) for m in _TOKEN.finditer(data)]
    tokens = [token for token in matches if token.kind != "space"]
    for index, token in enumerate(tokens):
        if token.kind != "line":
            depth += (token.kind == "open") - (token.kind == "close" and depth > 0)
            line.tokens.append(token)
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if after is None or after.kind == "line":
            continue  # nothing on the next line
        indent = len(token.text.lstrip(b"\r\n"))
        if depth and not _is_statement(line, indent, after):
            continue
        if depth or _needs_more(line.tokens):
            found.append((line, indent))
        line, depth = _Line(indent, []), 0
    return found


def _width(data: bytes) -> int:
    return len(data) - len(data.lstrip(b" \t\f"))


def _is_statement(line: _Line, indent: int, first: _Token) -> bool:
    """Inside brackets: is what comes a statement of its own, so that a bracket must have been forgotten?"""
    return first.text in _STARTS or (indent <= line.indent and first.kind not in {"close", "string"})


def _needs_more(tokens: list[_Token]) -> bool:
    if not tokens:
        return False
    last = tokens[-1]
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


def _close(out: bytearray, line: _Line, openers: list[tuple[_Token, _Token | None]], *, deeper: bool) -> None:
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
    """The word ``by`` in the place of some tokens."""
    start, end = tokens[0].start, tokens[-1].start + len(tokens[-1].text)
    out[start:end] = by.ljust(end - start)


def _trim(out: bytearray, line: _Line) -> None:
    """Blank what at the end of a line wants something behind it."""
    tokens = list(line.tokens)
    if [token.text for token in tokens[:1]] == [b"from"] and tokens[-1].text == b"import":
        _replace(out, tokens[:1], b"0;")
    while _needs_more(tokens):
        last = tokens.pop()
        out[last.start : last.start + len(last.text)] = b" " * len(last.text)
