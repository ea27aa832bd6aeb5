"""Imports for code about to be written: the spelling of a name at a place, and the edits that import it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

import msgspec

from loopwise.semantics.bindings import File
from loopwise.text import Edit, Source
from loopwise.writing.imports.bound import Place, is_free, place_at, written
from loopwise.writing.imports.extend import extension, has_one_name_each, statements_of
from loopwise.writing.imports.header import Header, header_of, spelled
from loopwise.writing.imports.insert import Statement, insertion

_NAME = b"x"
_BLANK_BEFORE = re.compile(rb"^$|[\s(\[{,;:=]")
_BLANK_AFTER = re.compile(rb"$|[\s)\]},;:]")


class Imported(msgspec.Struct, frozen=True):
    """The spelling of a name at a place, and the edits above it that give it that meaning."""

    text: str  # how the name is written at the place: "asyncio.gather", "aio.gather", "gather"
    edits: tuple[Edit, ...]  # spans of the file as it is, none overlap; empty if the name is bound already


class _Way(msgspec.Struct, frozen=True):
    """One way to import a name."""

    bound: str  # the name that the import binds
    text: str
    statement: Statement
    member: str | None  # `from module import member`


def importing(file: File, at: int, module: str, name: str | None, *, prefer_module: bool = True) -> Imported:
    """The spelling of ``module.name`` (or of the module, if ``name`` is ``None``) at byte offset ``at``, and its edits.

    An existing binding visible at ``at`` is used. Otherwise an import in the file's own style is added; if the file
    shows no preference, ``import module`` or, without ``prefer_module``, ``from module import name``.

    All edits are above ``at``, at its line's start at the latest. An edit at ``at`` itself (an empty file) is an
    insertion of whole lines, which go before the code inserted there.
    """
    newline = _newline_of(file)
    file = _readable(file, at)
    if module == file.name and name is not None:
        return Imported(name, ())
    place = place_at(file, at)
    text = written(place, module, name)
    if text is not None:
        return Imported(text, ())
    if name is None and not prefer_module and "." in module:
        module, _, name = module.rpartition(".")
    header = header_of(file, at, newline)
    way = _way(place, header, module, name, prefer_module=prefer_module)
    return Imported(way.text, _edits(header, module, way))


def _newline_of(file: File) -> str:
    """The line end of the file's first line."""
    source = file.source
    end = source.data[source.line_span(0).end : source.starts[1]] if len(source.starts) > 1 else b"\n"
    return end.decode()


@lru_cache(maxsize=2)
def _readable(file: File, at: int) -> File:
    """The file, repaired so that the grammar recognizes the code around ``at``; offsets up to there are unchanged.

    A lone carriage return at a line's end becomes a line feed, and a name is added at ``at`` if nothing is there.
    """
    data = file.source.data
    lone = data.count(b"\r") != data.count(b"\r\n")
    blank = _BLANK_BEFORE.search(data[:at][-1:]) is not None and _BLANK_AFTER.match(data[at : at + 1]) is not None
    if not lone and not blank:
        return file
    if lone:
        data = re.sub(rb"\r(?!\n)", b"\n", data)
    if blank:
        data = data[:at] + _NAME + data[at:]
    return File(file.name, file.key, Source.of(data), package=file.package, cells=file.cells)


def _way(place: Place, header: Header, module: str, name: str | None, *, prefer_module: bool) -> _Way:
    """The first way whose name is free both at the place and at module level."""
    by_name = not prefer_module or any(True for _ in statements_of(header, module))
    ways = _ways(header, module, name, by_name=by_name)
    return next(way for way in ways if is_free(place, way.bound, module, way.member))


def _ways(header: Header, module: str, name: str | None, *, by_name: bool) -> Iterator[_Way]:
    rest = f".{name}" if name is not None else ""
    whole = _Way(module.partition(".")[0], module + rest, Statement(f"import {module}", module), None)
    if name is None:
        yield whole
    else:
        source = spelled(header, module)
        part = _Way(name, name, Statement(f"from {source} import {name}", source), name)
        yield from (part, whole) if by_name else (whole, part)
    last = module.rpartition(".")[2]
    for number in count(1):
        alias = f"_{last}" if number == 1 else f"_{last}_{number}"
        yield _Way(alias, alias + rest, Statement(f"import {module} as {alias}", module), None)


def _edits(header: Header, module: str, way: _Way) -> tuple[Edit, ...]:
    if way.member is not None and not has_one_name_each(header):
        for statement in statements_of(header, module):
            edits = extension(header, statement, way.member)
            if edits:
                return edits
    return (insertion(header, way.statement),)
