"""Reads Python files with the encoding that they declare, and writes them safely."""

from __future__ import annotations

import ast
import io
import os
import tokenize
import warnings
from typing import NamedTuple

from loopwise import disk
from loopwise.cli.check.notebook import SUFFIX, Cells, cells_of
from loopwise.cli.check.report import FileError
from loopwise.project import Document
from loopwise.syntax import Node, is_broken, with_older_syntax
from loopwise.text import Source

_CHANGED = "the file changed during the check and was not changed: run the command again"


class Text(NamedTuple):
    """A file's bytes, its encoding (``utf-8-sig`` with a byte order mark), and its text."""

    data: bytes
    encoding: str
    source: Source
    cells: Cells | None = None
    """The cells, if it is a notebook."""

    def encoded(self, after: Document) -> bytes | None:
        """Another text in this file's encoding; ``None`` if it, or this text itself, cannot be encoded."""
        if self.cells is not None:
            return self.cells.encoded(after)
        source = after.source
        try:
            kept = self.source.text.encode(self.encoding) == self.data
            return source.text.encode(self.encoding) if kept else None
        except UnicodeError:
            return None


def read_python(path: str) -> Text | FileError:
    """Read a file as Python does."""
    try:
        data = disk.read(path, disk.NOTEBOOK if path.endswith(SUFFIX) else disk.SOURCE)
    except OSError as error:
        return FileError(disk.reason(error))
    return notebook(data) if path.endswith(SUFFIX) else decoded(data)


def notebook(data: bytes) -> Text | FileError:
    """A notebook's bytes, with its code cells as the text."""
    cells = cells_of(data)
    return cells if isinstance(cells, FileError) else Text(data, "utf-8", Source.of(cells.notebook.data), cells)


def decoded(data: bytes) -> Text | FileError:
    """Decode bytes as Python does: as UTF-8, or as their first lines declare."""
    try:
        encoding, text = _read(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not {error.encoding}: save it as UTF-8, or declare its encoding in a `# coding:` line"
        return FileError(message, line)
    except (SyntaxError, LookupError) as error:
        return FileError(f"{error}: save it as UTF-8, or correct its `# coding:` line")
    return Text(data, encoding, Source.of(data if encoding == "utf-8" else text))


def syntax_error(root: Node, text: Text) -> FileError | None:
    """The syntax error in a file; None if it has none, or only a newer Python than this one can parse it."""
    if _is_whole(root, text.source.data) or not is_broken(text.source):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(with_older_syntax(text.data))
    except SyntaxError as error:
        return FileError(f"syntax error: {error.msg}", error.lineno or 1)
    except (ValueError, RecursionError, MemoryError) as error:
        return FileError(f"cannot be parsed: {error}")
    return None


def _is_whole(root: Node, data: bytes) -> bool:
    # The tree of a half-typed text is that of a completed one, without errors.
    return not root.has_error and root.text == data[root.start_byte : root.end_byte]


def _read(data: bytes) -> tuple[str, str]:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        data.decode()  # says better what is wrong, if it is this
        raise
    return encoding, data.decode(encoding)


def write_bytes(path: str, before: bytes, after: bytes) -> FileError | None:
    """Replace ``before`` by ``after`` atomically; the mode is kept, and a link still points to its file."""
    target = os.path.realpath(path)
    try:
        if disk.read(target, len(before)) != before:
            return FileError(_CHANGED)
        if not os.access(target, os.W_OK):
            return FileError("the file is not writable and was not changed")
        disk.write(target, after)
    except disk.OddError:  # it has grown, or become something else
        return FileError(_CHANGED)
    except OSError as error:
        return FileError(f"the file cannot be written ({error.strerror or error}) and was not changed")
    return None
