"""Parses ``FILE:LINE:COLUMN``, and reads the file as Python does."""

from __future__ import annotations

import io
import os
import re
import tokenize
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cli.arguments import Refused
from loopwise.project import Document
from loopwise.text import Encoding, Source, Span

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+):(?P<column>\d+):?")


class Position(msgspec.Struct, frozen=True):
    """Line and column, counted from 1; columns are code points."""

    line: int
    column: int


class Place(msgspec.Struct, frozen=True):
    """A file and a position: line and column are counted from 1, columns are code points."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


def parse_place(text: str) -> Place:
    """``C:\\x.py:3:4`` -> the file ``C:\\x.py``, line 3, column 4."""
    found = _PLACE.fullmatch(text)
    if found is None:
        raise Refused(f"`{text}` is not a position: write FILE:LINE:COLUMN, such as app.py:12:8")
    return Place(found["file"], int(found["line"]), int(found["column"]))


def read_document(file: str) -> Document:
    """The file as a document, decoded as its first lines declare, else as UTF-8."""
    path = Path(os.path.abspath(file))
    try:
        data = disk.read(path, disk.SOURCE)
    except FileNotFoundError:
        raise Refused(f"{file}: no such file") from None
    except OSError as error:
        if disk.is_folder(path):
            raise Refused(f"{file}: is a folder; name a file in it") from None
        raise Refused(f"{file}: {disk.reason(error)}") from None
    return Document(path.as_uri(), 1, path, Source.of(_decoded(file, data)))


def offset_of(document: Document, place: Place) -> int:
    """The byte offset of a place; the column right after a line's end is accepted."""
    source = document.source
    lines = len(source.starts)
    if not 1 <= place.line <= lines:
        raise Refused(f"{place}: no line {place.line}: lines are counted from 1, and the file has {lines}")
    span = source.line_span(place.line - 1)
    width = source.position(span.end, Encoding.UTF32)[1]
    if not 1 <= place.column <= width + 1:
        message = f"no column {place.column}: columns are counted from 1, and line {place.line} has {width}"
        raise Refused(f"{place}: {message}")
    return source.offset(place.line - 1, place.column - 1, Encoding.UTF32)


def positions(source: Source, span: Span) -> tuple[Position, Position]:
    """The positions of a span's start, and of its end."""
    start, end = (source.position(offset, Encoding.UTF32) for offset in (span.start, span.end))
    return Position(start[0] + 1, start[1] + 1), Position(end[0] + 1, end[1] + 1)


def _decoded(file: str, data: bytes) -> str:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not {error.encoding}: save it as UTF-8, or declare its encoding in a `# coding:` line"
        raise Refused(f"{file}:{line}: {message}") from None
    except (SyntaxError, LookupError) as error:
        raise Refused(f"{file}:1: {error}: save it as UTF-8, or correct its `# coding:` line") from None
