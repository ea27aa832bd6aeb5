"""The top of a module: its logical lines up to the first definition, and the imports among them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import IntEnum
from functools import cached_property, lru_cache

import msgspec

from loopwise.semantics.bindings import File
from loopwise.syntax import DEFINITIONS, Node, field, source_of
from loopwise.text import Span

_WHOLE = ("_statement", "_definition", "comment")
_FROM = "import_from_statement"
_FUTURE = "future_import_statement"
_BOM = b"\xef\xbb\xbf"


class Section(IntEnum):
    """The origin of a module; the values are in the order in which imports are grouped."""

    STANDARD = 1
    OTHER = 2
    OWN = 3
    RELATIVE = 4


class Line(msgspec.Struct, frozen=True, dict=True):
    """A logical line at module level: everything on the physical lines of its statements."""

    span: Span  # from the start of its first physical line to the start of the line after it
    nodes: tuple[Node, ...]

    @cached_property
    def code(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes if node.type != "comment")

    @cached_property
    def is_comment(self) -> bool:
        return not self.code

    @cached_property
    def is_future(self) -> bool:
        return any(node.type == _FUTURE for node in self.nodes)

    @cached_property
    def is_import(self) -> bool:
        """Does it consist of imports only, apart from those of ``__future__``?"""
        return bool(self.code) and all(node.type in {"import_statement", _FROM} for node in self.code)

    @cached_property
    def is_from(self) -> bool:
        return self.code[0].type == _FROM

    @cached_property
    def module(self) -> str:
        """The first module that an import line names, as written."""
        name = field(self.code[0], "module_name") or field(self.code[0], "name")
        if name is not None and name.type == "aliased_import":
            name = field(name, "name")
        return "".join(source_of(name).split()) if name is not None else ""


class Header(msgspec.Struct, frozen=True):
    """The lines among which an import can be inserted."""

    file: File
    lines: tuple[Line, ...]
    end: int  # byte offset of the line where it ends: a definition, broken code, or the place that asks
    defines: bool  # does it end at a definition
    newline: str
    cell: int = 0  # byte offset at which the notebook's cell starts

    @property
    def start(self) -> int:
        """Byte offset of the first place where something may be inserted into the file or the cell."""
        return max(self.cell, len(_BOM) if self.file.source.data.startswith(_BOM) else 0)


@lru_cache(maxsize=1)
def header_of(file: File, at: int, newline: str) -> Header:
    """The header of a file above the statement at byte offset ``at``; ``newline`` is the line end to write.

    In a notebook it is the header of the cell, because that is what runs next.
    """
    lines: list[Line] = []
    cell = file.cell_start(at)
    here = file.source.starts[file.source.line_at(at)]
    parsed = file.root.text or b""
    for line in _lines(file):
        if line.span.start > here:
            break
        if line.span.start < cell:
            continue
        defines = any(node.type in DEFINITIONS for node in line.code[:1])
        if here < line.span.end or defines or not _is_whole(file, line, parsed):
            return Header(file, tuple(lines), line.span.start, defines, newline, cell)
        lines.append(line)
    return Header(file, tuple(lines), here, False, newline, cell)


def section_of(file: File, module: str) -> Section:
    """The section of a module in the imports of ``file``; ``module`` as written there."""
    first = module.partition(".")[0]
    if not first:
        return Section.RELATIVE
    if first in sys.stdlib_module_names:
        return Section.STANDARD
    packaged = file.package or "." in file.name
    return Section.OWN if packaged and file.name.partition(".")[0] == first else Section.OTHER


def spelled(header: Header, module: str) -> str:
    """``module`` in the style of the file's own ``from`` statements: absolute, or relative within its package."""
    file = header.file
    package = file.name.split(".") if file.package else file.name.split(".")[:-1]
    names = [line.module for line in header.lines if line.is_import and line.is_from]
    deepest = max((len(name) - len(name.lstrip(".")) for name in names), default=0)
    parts = module.split(".")
    if not deepest or not package or parts[0] != package[0]:
        return module
    shared = 0
    while package[shared : shared + 1] == parts[shared : shared + 1] != []:
        shared += 1
    dots = len(package) - shared + 1
    rooted = any(name.split(".")[0] == package[0] for name in names)
    return "." * dots + ".".join(parts[shared:]) if dots <= deepest or not rooted else module


def _lines(file: File) -> Iterator[Line]:
    """All logical lines at module level, in order."""
    source = file.source
    held: list[Node] = []
    first = last = 0
    for node in _pieces(file.root):
        above, below = source.line_at(node.start_byte), source.line_at(max(node.end_byte - 1, node.start_byte))
        if held and above > last:
            yield Line(Span(source.starts[first], _line_start(file, last + 1)), tuple(held))
            held = []
        if not held:
            first, last = above, below
        held.append(node)
        last = max(last, below)
    if held:
        yield Line(Span(source.starts[first], _line_start(file, last + 1)), tuple(held))


def _pieces(root: Node) -> Iterator[Node]:
    """The statements of a module, including those inside broken code."""
    for node in root.children:
        if node.type == "ERROR" and node.child_count:
            yield from _pieces(node)
        elif node.type != ";" and node.end_byte > node.start_byte:
            yield node


def _line_start(file: File, line: int) -> int:
    starts = file.source.starts
    return starts[line] if line < len(starts) else len(file.source.data)


def _is_whole(file: File, line: Line, parsed: bytes) -> bool:
    """Is the line free of errors, in its text as well?  ``parsed`` is the tree's text, which may have been repaired."""
    if any(node.has_error or not node.type.endswith(_WHOLE) for node in line.nodes):
        return False
    start, data, root = line.nodes[0].start_byte, file.source.data, file.root.start_byte
    return parsed[start - root : line.span.end - root] == data[start : line.span.end]
