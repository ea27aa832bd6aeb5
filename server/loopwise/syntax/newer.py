"""Writes syntax that the grammar does not know yet as older syntax with the same names in the same places.

Bytes are only replaced, never added or removed, so that every offset stays valid.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.syntax.recovery import TOKEN

_LAZY = re.compile(rb"^([ \t]*)lazy[ \t](?=[ \t]*(?:import|from)\b)", re.MULTILINE)  # PEP 810, Python 3.15
_PARAMETERS = re.compile(rb"^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+\w+[ \t]*\[", re.MULTILINE)
_UNPACKED = re.compile(rb"\{\s*\*\*")


def with_older_syntax(data: bytes) -> bytes:
    """A text without lazy imports, defaults of type parameters, and ``**`` in dictionary comprehensions.

    Nothing in it tells whether such syntax is in a string, so ask only about texts that the grammar cannot parse.
    """
    out = bytearray(_LAZY.sub(rb"\1None;", data))
    for found in _PARAMETERS.finditer(data):  # PEP 696, Python 3.13
        for at, sign in _defaults(data, found.end()):
            out[at : at + 1] = sign
    for found in _UNPACKED.finditer(data):  # PEP 798, Python 3.15
        if _is_comprehension(data, found.end()):
            out[found.end() - 2 : found.end()] = b"  "
    return bytes(out)


def _defaults(data: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """The bytes to replace in a list of type parameters, so that each default is part of a bound: offset and byte.

    ``*Ts`` and ``**P``, which have no bound, lose their stars.
    """
    equals, sign, before = -1, b":", b","
    stars: list[int] = []
    for text, at, depth in _within(data, start):
        if depth < 0 or (depth == 0 and text == b","):
            if equals >= 0:
                yield from ((equals, sign), *((star, b" ") for star in stars))
            equals, sign, stars = -1, b":", []
        elif depth == 0 and text == b"*" and before in {b",", b"=", b"*"}:
            stars.append(at)
        elif depth == 0 and equals < 0 and text in {b":", b"="}:
            equals, sign = (at, sign) if text == b"=" else (-1, b"|")
        before = before if text.isspace() else text


def _is_comprehension(data: bytes, start: int) -> bool:
    """Is there a ``for`` before the next comma or the end of the brackets?"""
    for text, _, depth in _within(data, start):
        if depth < 0 or (depth == 0 and text in {b",", b":"}):
            return False
        if depth == 0 and text == b"for":
            return True
    return False


def _within(data: bytes, start: int) -> Iterator[tuple[bytes, int, int]]:
    """The tokens up to the bracket that closes those around ``start``: text, offset, and depth, -1 for that bracket."""
    depth = 0
    for found in TOKEN.finditer(data, start):
        depth += (found.lastgroup == "open") - (found.lastgroup == "close")
        yield found[0], found.start(), depth
        if depth < 0:
            return
