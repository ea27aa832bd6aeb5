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
_CODE = re.compile(rb"[^\r\n]")


def with_older_syntax(data: bytes) -> bytes:
    """A text without lazy imports, defaults of type parameters, and ``**`` in dictionary comprehensions.

    Nothing in it tells whether such syntax is in a string, so ask only about texts that the grammar cannot parse.
    """
    out = bytearray(_LAZY.sub(rb"\1None;", data))
    for found in _PARAMETERS.finditer(data):  # PEP 696, Python 3.13
        for start, end, sign in _defaults(data, found.end()):
            out[start:end] = sign + data[start + 1 : end] if sign else _CODE.sub(b" ", data[start:end])
    for found in _UNPACKED.finditer(data):  # PEP 798, Python 3.15
        if _is_comprehension(data, found.end()):
            out[found.end() - 2 : found.end()] = b"  "
    return bytes(out)


def _defaults(data: bytes, start: int) -> Iterator[tuple[int, int, bytes]]:
    """The defaults in a list of type parameters: each from its ``=`` on, with the sign that makes it part of a bound.

    The sign is empty for ``*Ts`` and ``**P``, which have no bound.
    """
    begun, sign, before = -1, b":", b","
    for text, at, depth in _within(data, start):
        ends = depth < 0 or (depth == 0 and text == b",")
        if begun >= 0 and ends:
            yield begun, at, sign
        if ends:
            begun, sign = -1, b":"
        elif depth == 0 and before == b"," and text == b"*":
            sign = b""
        elif depth == 0 and text == b":" and begun < 0:
            sign = b"|"
        elif depth == 0 and text == b"=" and begun < 0:
            begun = at
        before = text if not text.isspace() else before


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
