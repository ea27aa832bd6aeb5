"""Places in texts, marked in the texts themselves, so that no test counts lines and columns.

One place is a ``$0``; many are claims: comment lines below a line of code, with carets under the symbol.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MARK = "$0"
_CARETS = re.compile(r"^(?P<lead>\s*#\s*)(?P<carets>\^+)\s+(?P<says>\S.*)$")
_HERE = re.compile(r"^(?P<lead>\s*)#\s*<-\s+(?P<says>\S.*)$")
_SYMBOL = re.compile(r"[^\W\d]\w*")
_UNITS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


class Place(NamedTuple):
    """A line and a column in it, both from 0."""

    line: int
    column: int


class Claim(NamedTuple):
    """A claim about one symbol of a text."""

    line: int
    """Line of the symbol, from 0, in the text without claims."""
    column: int
    """Column of the symbol's first character, in code points."""
    symbol: str
    says: str
    offset: int
    """Offset of the symbol's first character, in code points of the text without claims."""

    def __str__(self) -> str:
        return f"{self.line + 1}:{self.column + 1} {self.symbol}"


def cursor(text: str) -> tuple[str, int]:
    """Return the text without its one ``$0``, and the offset (code points) of that.

    >>> cursor("await asyncio.sl$0eep(1)")
    ('await asyncio.sleep(1)', 16)
    """
    before, found, after = text.partition(MARK)
    if not found or MARK in after:
        raise ValueError(f"the text needs exactly one {MARK}: {text!r}")
    return before + after, len(before)


def claims(text: str) -> tuple[str, list[Claim]]:
    """The text without its claims, and the claims.

    A claim is a comment line below the code that it is about, the carets under all of the symbol::

        jobs = asyncio.Queue()
        #              ^^^^^ asyncio.Queue

    A symbol too far left for carets is marked by an arrow if the ``#`` is below its first character::

        await asyncio.sleep(1)
        # <- await

    One line of code can have several claims below it.
    """
    kept: list[str] = []
    found: list[Claim] = []
    start = 0  # of the last line kept
    for line in text.splitlines(keepends=True):
        carets, here = _CARETS.match(line), _HERE.match(line)
        match = carets or here
        if match is None:
            start += len(kept[-1]) if kept else 0
            kept.append(line)
            continue
        if not kept:
            raise ValueError(f"no code above {line!r}")
        column = len(match["lead"])
        symbol = _SYMBOL.match(kept[-1], column)
        if symbol is None or (carets and symbol.end() != carets.end("carets")):
            raise ValueError(f"{line.strip()!r} does not stand below a whole symbol of {kept[-1].rstrip()!r}")
        found.append(Claim(len(kept) - 1, column, symbol[0], match["says"].rstrip(), start + column))
    return "".join(kept), found


def place(text: str, offset: int, encoding: str = "utf-16") -> Place:
    """The place of an offset (code points) in ``text``; columns in the units of ``encoding``, as LSP names it.

    >>> place("x = '🦊', y", 9)
    Place(line=0, column=10)
    """
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    line = before.rpartition("\n")[2]
    codec, size = _UNITS[encoding]
    return Place(before.count("\n"), len(line.encode(codec)) // size)


def subject(hover: str) -> str:
    """Return the subject of a hover: the name in its signature, else its first line, without Markdown.

    A finding comes above the card of the name, its rule below that.
    """
    parts = re.split(r"^[-─]{3,}$", hover, flags=re.MULTILINE)
    hover = parts[1].lstrip("\n") if len(parts) > 2 and re.match(r"\s*LW\d", parts[-1]) else hover
    first, _, rest = hover.partition("\n")
    signature = re.match(r"(?:(?:async def|def|class) )?([\w.]+)", rest if first.startswith("```") else first)
    if signature is not None and (first.startswith("```") or re.match("async def |def |class ", first)):
        return signature[1]
    return re.sub(r"[*`]", "", first)
