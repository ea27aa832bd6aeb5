"""Splits a text into blocks by the first words of its statements, so that thousands of files can be indexed.

A syntax tree would say more, but a parse holds the interpreter's lock until it ends: a large file would stall the event
loop even from another thread. Only strings and comments are recognized; a statement ends where the next one of the same
indentation starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

# Each alternative starts with a byte of its own: so the engine skips what starts none of them.
_TOKENS = rb"""\n%s(  # a statement, and its first word if that is one of these
        (?:async[ \t]+def|def|class|if|elif|else|try|except|finally|with|__all__|__aenter__|__aiter__)\b|@
        |(?=[^\s\#)\]}"']))
    |\"{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:\"{3}|\Z)
    |'{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\Z)
    |"[^"\\\n]*(?:\\.[^"\\\n]*)*"?
    |'[^'\\\n]*(?:\\.[^'\\\n]*)*'?
    |\#[^\n]*"""
_DEFINITION = re.compile(rb"\n[ \t]+(?:async[ \t]+def|def|class)\b")
_NAME = re.compile(rb"(?:def|class)[ \t]+([^\s(:\[]+)")
# The end of a compound statement's first line or lines, and the indentation of what it holds; Python has 100 levels.
_SUITE = re.compile(rb":[ \t]*(?:\#[^\n]*)?\r?\n(?:[ \t]*(?:\#[^\n]*)?\r?\n){0,99}([ \t]{1,100})")
# What these hold is not there when the module is imported.
_NOT_IMPORTED = re.compile(rb"if[ \t(]*(?:__name__\b|(?:typing\.)?TYPE_CHECKING\b)")


class Block(NamedTuple):
    """A statement that defines or assigns a name, with its decorators, as bytes.

    ``word`` is ``async def``, ``def``, ``class``, or the name itself if that is ``__all__``, ``__aenter__`` or
    ``__aiter__``; ``start`` is the offset of the word in the text.
    """

    word: str
    name: str
    text: bytes
    start: int

    @property
    def head(self) -> bytes | None:
        """The statement with ``...`` for its body; ``None`` if its first lines cannot be told apart from the body."""
        suite = _SUITE.search(self.text, self.start)
        return self.text[: suite.start()] + b": ...\n" if suite is not None else None

    def held(self) -> Iterator[Block]:
        """The definitions directly in the statement's block."""
        suite = _SUITE.search(self.text, self.start)
        return blocks(self.text, suite[1]) if suite is not None else iter(())


def blocks(data: bytes, indent: bytes = b"") -> Iterator[Block]:
    """The definitions on lines that start with ``indent``, in order, also those under ``if``, ``try`` and ``with``.

    A first line counts if it has a line end before it.
    """
    decorated = -1
    for word, start, end in _statements(data, indent):
        begin = start if decorated < 0 else decorated
        decorated = begin if word == b"@" else -1
        if word.endswith((b"def", b"class")):
            name = _NAME.match(data, start + len(word) - len(word.split()[-1]))
            if name is not None:
                kind = " ".join(word.decode().split())
                yield Block(kind, name[1].decode(errors="replace"), data[begin:end], start - begin)
        elif word.startswith(b"__"):
            yield Block(word.decode(), word.decode(), data[start:end], 0)
        elif word and word != b"@" and _DEFINITION.search(data, start, end):
            text = data[start:end]
            suite = _SUITE.search(text)
            if suite is not None and len(suite[1]) > len(indent) and not _NOT_IMPORTED.match(text):
                yield from blocks(text, suite[1])


def _statements(data: bytes, indent: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The word, start and end of each statement that starts with a known word; it ends where any other one starts."""
    word, start = b"", 0
    for token in _tokens(indent).finditer(data):
        if token.lastindex is None:
            continue
        if word:
            yield word, start, token.start() + 1
        word, start = token[1], token.start(1)
    if word:
        yield word, start, len(data)


@lru_cache(64)
def _tokens(indent: bytes) -> re.Pattern[bytes]:
    spaces = b"".join(b"\\t" if byte == 9 else b"\\ " for byte in indent)
    return re.compile(_TOKENS.replace(b"%s", spaces), re.VERBOSE | re.DOTALL)
