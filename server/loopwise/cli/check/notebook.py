"""Reads and writes Jupyter notebooks for ``loopwise check``: their code cells as one module."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from loopwise.cli.check.report import FileError, Place
from loopwise.project import Cell, Document, Notebook
from loopwise.text import Source, decode

SUFFIX = ".ipynb"
# nbformat writes the JSON with a fixed indentation, so the first line shows it for the whole file.
_INDENT = re.compile(rb"\{\r?\n( +)\"")


class Cells(msgspec.Struct, frozen=True):
    """The code cells of a notebook file."""

    written: dict[str, Any]
    """The file's JSON."""
    notebook: Notebook
    numbers: tuple[int, ...]
    """The index of each code cell among all cells of the file, counted from 0."""
    indent: int = 1
    """The indentation of the file's JSON; Jupyter writes 1."""
    end: str = "\n"

    def place(self, starts: tuple[int, ...], source: Source, place: Place) -> Place:
        """Translate a place in the module into one in its cell; ``starts`` are the cells' offsets in ``source``."""
        lines = [source.line_at(start) for start in starts]
        index = max((i for i, line in enumerate(lines) if line < place.line), default=0)
        first, last = place.line - lines[index], place.end_line - lines[index]
        return Place(first, place.column, last, place.end_column, self.numbers[index] + 1)

    def encoded(self, after: Document) -> bytes | None:
        """The file with the cells of ``after``; ``None`` if a magic would have to change."""
        made = json.loads(json.dumps(self.written))
        ends = (*after.cells[1:], len(after.source.data))
        for cell, part, number, start, end in zip(
            self.notebook.cells, self.notebook.parts, self.numbers, after.cells, ends, strict=True
        ):
            tail = len(cell.ending) + 1
            fixed = _rewritten(cell.source.data, part[:-tail], after.source.data[start : end - tail])
            if fixed is None:
                return None
            if fixed != cell.source.data:
                text = decode(fixed)
                in_lines = isinstance(made["cells"][number]["source"], list)
                made["cells"][number]["source"] = text.splitlines(keepends=True) if in_lines else text
        try:
            return f"{json.dumps(made, indent=self.indent, ensure_ascii=False)}{self.end}".encode()
        except UnicodeEncodeError:  # half a surrogate pair, which JSON can only write as an escape
            return f"{json.dumps(made, indent=self.indent)}{self.end}".encode()


def cells_of(data: bytes) -> Cells | FileError:
    """The code cells of a notebook file; none if its language is not Python."""
    try:
        written = json.loads(data)
        cells = written["cells"]
        numbers = tuple(i for i, cell in enumerate(cells) if cell["cell_type"] == "code" and _is_python(written))
        texts = ["".join(cells[number]["source"]) for number in numbers]
    except (ValueError, KeyError, TypeError, RecursionError):
        return FileError("not a notebook of format 4: open it in Jupyter and save it")
    notebook = Notebook("", tuple(Cell("", 0, Source.of(text)) for text in texts))
    indent = _INDENT.match(data)
    end = "\n" if data.endswith(b"\n") else ""
    return Cells(written, notebook, numbers, len(indent[1]) if indent is not None else 1, end)


def _is_python(written: dict[str, Any]) -> bool:
    language = _in(written, "metadata", "language_info", "name") or _in(written, "metadata", "kernelspec", "language")
    return language in (None, "python")


def _in(value: Any, *keys: str) -> Any:
    """The value under keys inside each other; ``None`` if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _rewritten(text: bytes, code: bytes, fixed: bytes) -> bytes | None:
    """A cell's own text with the lines that a fix changed; ``code`` is the cell's text in the module.

    The two have the same lines, except for those with magics.
    """
    from difflib import SequenceMatcher  # Costs 5 ms, which files that are not notebooks need not pay.

    own, before, after = (each.splitlines(keepends=True) for each in (text, code, fixed))
    lines: list[bytes] = []
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            lines += own[first:last]
        elif own[first:last] != before[first:last]:
            return None
        else:
            lines += after[start:end]
    return b"".join(lines)
