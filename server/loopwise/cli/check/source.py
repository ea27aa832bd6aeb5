"""Python files as bytes: read with the encoding that they declare, and written without harm."""

from __future__ import annotations

import ast
import io
import os
import shutil
import tempfile
import tokenize
import warnings
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from loopwise.cli.check.notebook import SUFFIX, Cells, cells_of
from loopwise.cli.check.report import FileError
from loopwise.project import Document
from loopwise.syntax import Node
from loopwise.text import Source


class Text(NamedTuple):
    """A file's bytes, the encoding by which they are read (``utf-8-sig`` with a byte order mark), and its text."""

    data: bytes
    encoding: str
    source: Source
    cells: Cells | None = None
    """Of a notebook."""

    def encoded(self, after: Document) -> bytes | None:
        """Another text in this file's encoding; ``None`` if it cannot be written so, or this one could not."""
        if self.cells is not None:
            return self.cells.encoded(after)
        source = after.source
        try:
            kept = self.source.text.encode(self.encoding) == self.data
            return source.text.encode(self.encoding) if kept else None
        except UnicodeError:
            return None


def read_text(path: str) -> Text | FileError:
    """The file as Python reads it."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return FileError(f"cannot be read ({reason}): check its permissions")
    return notebook(data) if path.endswith(SUFFIX) else decoded(data)


def notebook(data: bytes) -> Text | FileError:
    """A notebook's bytes, with its code cells as the text."""
    cells = cells_of(data)
    return cells if isinstance(cells, FileError) else Text(data, "utf-8", Source.of(cells.notebook.data), cells)


def decoded(data: bytes) -> Text | FileError:
    """Bytes as Python reads them: UTF-8, or what their first lines declare."""
    try:
        encoding, text = _read(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"not {error.encoding}: save it as UTF-8, or declare its encoding in a `# coding:` line"
        return FileError(message, line)
    except (SyntaxError, LookupError) as error:
        return FileError(f"{error}: save it as UTF-8, or correct its `# coding:` line")
    return Text(data, encoding, Source.of(data if encoding == "utf-8" else text))


def syntax_error(root: Node, data: bytes) -> FileError | None:
    """Why Python cannot parse a file; None where only a newer Python than this one can."""
    if not root.has_error:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except SyntaxError as error:
        return FileError(f"syntax error: {error.msg}", error.lineno or 1)
    except (ValueError, RecursionError, MemoryError) as error:
        return FileError(f"cannot be parsed: {error}")
    return None


def _read(data: bytes) -> tuple[str, str]:
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError:
        data.decode()  # says better what is wrong, if it is this
        raise
    return encoding, data.decode(encoding)


def write_bytes(path: str, before: bytes, after: bytes) -> FileError | None:
    """Put ``after`` in the place of ``before`` at once or not at all; the mode stays, a link goes on to its file."""
    target = os.path.realpath(path)
    try:
        with open(target, "rb") as file:
            if file.read() != before:
                return FileError("the file changed during the check and was not changed: run the command again")
        if not os.access(target, os.W_OK):
            return FileError("the file is not writable and was not changed")
        _replace(target, after)
    except OSError as error:
        return FileError(f"the file cannot be written ({error.strerror or error}) and was not changed")
    return None


def _replace(target: str, after: bytes) -> None:
    handle, fresh = tempfile.mkstemp(".tmp", ".loopwise-", Path(target).parent)
    try:
        with open(handle, "wb") as file:
            file.write(after)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, fresh)
        _keep_owner(target, fresh)
        Path(fresh).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(fresh).unlink()
        raise


def _keep_owner(target: str, fresh: str) -> None:
    if hasattr(os, "chown"):
        state = os.stat(target)
        with suppress(OSError):  # only root may give files away
            os.chown(fresh, state.st_uid, state.st_gid)
