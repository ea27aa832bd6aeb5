"""The cells of a notebook, combined into the one module that they are to the Python that runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from loopwise.syntax import is_broken, parse
from loopwise.text import Source, Span

# What IPython takes for itself: `%magic`, `!command` and `?help` at the start of a line or as what is assigned, and
# `help?` at its end; none of it is Python, except for `%` in an expression that goes on from line to line.
_ESCAPE = re.compile(
    rb"^(?P<before>[ \t]*(?:(?![ \t])[\w.,\[\]'\" \t]+=[ \t]*(?=[%!]))?)(?P<magic>[%!?].*)$"
    rb"|^(?P<asked>[ \t]*[%\w.]+)(?P<help>\?\??)[ \t]*$",
    re.MULTILINE,
)
_CELL_MAGIC = re.compile(rb"\A\s*%%(?P<name>\w*)")
# Those that run the rest of their cell as it is, as IPython's documentation of its magics says.
_RUNNING = frozenset({b"capture", b"debug", b"prun", b"time", b"timeit"})
# Lines after a half-typed cell, so that the parser does not continue it in the next cell; the first that works is used.
_ENDINGS = (b"", b"\n0", b"\n:0", b"\npass", b"\n)", b"\n}")
_OTHER = b"_._(0)\n"  # a statement of another cell
_LONG = 16 * 1024  # bytes: a broken cell so long has no ending, because it is parsed for each of them


class Cell(msgspec.Struct, frozen=True, dict=True):
    """A code cell of the editor."""

    uri: str
    version: int
    source: Source
    is_python: bool = True
    """Does the editor treat it as Python?"""

    @cached_property
    def code(self) -> bytes | None:
        """The cell as Python with the same lines; ``None`` for a cell in another language.

        Columns are the same as well in lines without magics.
        """
        data = self.source.data
        magic = _CELL_MAGIC.match(data)
        if not self.is_python or (magic is not None and magic["name"] not in _RUNNING):
            return None
        if magic is not None:
            data = data[: magic.start("name") - 2] + b"#!" + data[magic.start("name") - 2 :]
        if _ESCAPE.search(data) is None or not parse(Source.of(data)).root_node.has_error:
            return data
        return b"".join(_readable(data.splitlines(keepends=True)))

    @cached_property
    def ending(self) -> bytes:
        """Code between this cell and the next, which belongs to neither: cells are compiled separately."""
        code = self.code
        if code is None or len(code) > _LONG or not _may_continue(code):
            return b""
        return next((ending for ending in _ENDINGS if _is_ended(code, ending)), b"")


class Notebook(msgspec.Struct, frozen=True, dict=True):
    """The code cells of a notebook, in order."""

    uri: str
    cells: tuple[Cell, ...] = ()
    parked: tuple[Cell, ...] = ()
    """Cells that were removed while their text stays open: a client moves a cell by removing and reinserting it."""

    @property
    def texts(self) -> dict[str, Cell]:
        """All cells by URI, those in the notebook first."""
        return {cell.uri: cell for cell in (*self.cells, *self.parked)}

    @cached_property
    def parts(self) -> tuple[bytes, ...]:
        """The text of each cell in the module, with its ending and a line end."""
        return tuple(_part(cell) for cell in self.cells)

    @property
    def data(self) -> bytes:
        """The module's text."""
        return b"".join(self.parts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The byte offset in the module at which each cell starts; a notebook without cells has an empty one."""
        starts = [0]
        for part in self.parts[:-1]:
            starts.append(starts[-1] + len(part))
        return tuple(starts)

    def spans(self) -> Iterator[tuple[Cell, Span]]:
        """Each cell with its span of bytes in the module."""
        for cell, part, start in zip(self.cells, self.parts, self.starts, strict=False):
            yield cell, Span(start, start + len(part) - len(cell.ending) - 1)


def _part(cell: Cell) -> bytes:
    code = cell.code
    if code is None:
        return b"\n" * len(cell.source.starts)
    return code + cell.ending + b"\n"


def _may_continue(code: bytes) -> bool:
    return code.rstrip(b"\r\n").endswith(b"\\") or is_broken(Source.of(code))


def _is_ended(code: bytes, ending: bytes) -> bool:
    """Do the statements of other cells remain statements of their own?"""
    before = _OTHER + code + ending + b"\n"
    tree = parse(Source.of(before + _OTHER * 2))
    whole = {node.start_byte for node in tree.root_node.children if node.end_byte - node.start_byte == len(_OTHER) - 1}
    return whole >= {0, len(before), len(before) + len(_OTHER)}


def _readable(lines: list[bytes]) -> Iterator[bytes]:
    """Lines with a name that is unknown where magics are, which continue after a backslash; columns stay.

    ``%time f()`` is ``_#ime f()``.
    """
    goes_on = False
    for line in lines:
        escaped = _ESCAPE.match(line)
        if goes_on:
            yield b"#" + (line[1:] if line[:1] in b" \t" else line)
        elif escaped is None:
            yield line
        elif escaped["help"]:
            at = escaped.start("help")
            yield line[:at] + b" #" + line[at:]
        else:
            at = escaped.start("magic")
            yield line[:at] + _escaped(line[at:])
        goes_on = (goes_on or escaped is not None) and line.rstrip(b"\r\n").endswith(b"\\")


def _escaped(magic: bytes) -> bytes:
    """A magic to the end of its line, as a name and a comment."""
    second = magic[1:2]
    if second in (b"", b"\r", b"\n"):
        return b"_" + magic[1:]
    return b"_#" + (magic[2:] if second.isascii() else magic[1:])
