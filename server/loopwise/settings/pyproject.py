"""pyproject.toml and its like: found and read."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from loopwise import disk
from loopwise.problem import Problem

TomlRead = tuple[dict[str, Any], "Problem | None"]
TomlReader = Callable[[Path], TomlRead]


def nearest_pyproject(path: Path, stop: Path | None = None) -> Path | None:
    """The pyproject.toml of ``path`` (a file or folder) or of the nearest folder above, up to ``stop``."""
    return nearest(path, "pyproject.toml", stop)


def nearest(path: Path, name: str, stop: Path | None = None) -> Path | None:
    """The file ``name`` in ``path`` or in the nearest folder above that has it, ``stop`` the last to look in."""
    for folder in (path, *path.parents):
        if disk.is_file(folder / name):
            return folder / name
        if folder == stop:
            break
    return None


def read_toml(path: Path) -> TomlRead:
    """A TOML file; empty when there is none, and empty with a problem when it cannot be read.

    TOML knows no byte order mark, but editors of Windows write one.
    """
    try:
        document = msgspec.toml.decode(path.read_bytes().removeprefix(BOM_UTF8))
    except (FileNotFoundError, NotADirectoryError):
        return {}, None
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        message = f"it cannot be read ({reason}): mend it; until then the defaults hold"
        return {}, Problem(str(path), "", 0, message, "unreadable")
    return (document, None) if isinstance(document, dict) else ({}, None)


class LastGood:
    """Reads TOML files as ``read_toml`` does; of one that is half-typed the text before it holds."""

    def __init__(self) -> None:
        self._read: dict[Path, dict[str, Any]] = {}

    def __call__(self, path: Path) -> TomlRead:
        document, problem = read_toml(path)
        if problem is None:
            self._read[path] = document
        elif path in self._read:
            message = problem.message.replace("the defaults hold", "the settings before hold")
            return self._read[path], msgspec.structs.replace(problem, message=message)
        return document, problem
