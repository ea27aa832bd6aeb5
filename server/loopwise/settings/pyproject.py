"""Finds and reads pyproject.toml and similar files."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from loopwise import disk
from loopwise.problem import Problem, tell

_MOST_PARTS = 100  # of a dotted key
_KEY = re.compile(rb"[\s\w.\[\]{,-]+")
_QUOTED = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'")


def nearest_pyproject(path: Path, stop: Path | None = None) -> Path | None:
    """The pyproject.toml of ``path`` (a file or folder) or of the nearest parent folder, up to ``stop``."""
    return nearest(path, "pyproject.toml", stop)


def nearest_settings(path: Path) -> Path | None:
    """The nearest pyproject.toml, in ``path`` (a folder) or above, that has ``[tool.loopwise]`` or is not valid TOML.

    The search ends at the repository's root; outside a repository, at the top of the file system.
    """
    for folder in (path, *path.parents):
        file = folder / "pyproject.toml"
        if disk.is_named(file):
            document, problem = read_toml(file)
            tool = document.get("tool")
            if problem is not None or (isinstance(tool, dict) and "loopwise" in tool):
                return file
        if disk.exists(folder / ".git"):
            break
    return None


def is_project(folder: Path) -> bool:
    """Is a folder in a project: is there a pyproject.toml or a repository, in it or above?"""
    return any(disk.exists(each / name) for each in (folder, *folder.parents) for name in ("pyproject.toml", ".git"))


def nearest(path: Path, name: str, stop: Path | None = None) -> Path | None:
    """The file ``name`` in ``path`` or in the nearest parent folder that has it; ``stop`` is the last one searched."""
    for folder in (path, *path.parents):
        if disk.is_file(folder / name):
            return folder / name
        if folder == stop:
            break
    return None


def read_toml(path: Path) -> tuple[dict[str, Any], Problem | None]:
    """Read a TOML file; empty if there is none, and empty with a problem if it cannot be read.

    The document is shared: do not change it.
    """
    try:
        is_lock = path.suffix == ".lock"
        data = disk.read(path, disk.LOCK if is_lock else disk.SETTINGS)
        document = _decoded.__wrapped__(data) if is_lock else _decoded(data)
    except (FileNotFoundError, NotADirectoryError):
        return {}, None
    except OSError as error:
        problem = disk.trouble(path, error)
        tell(problem)
        return {}, problem
    except (ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        message = f"cannot be read ({reason}); its previous settings, or the defaults, are used until it is fixed"
        return {}, Problem(str(path), "", 0, message, kind=disk.UNREADABLE)
    return (document, None) if isinstance(document, dict) else ({}, None)


@lru_cache(8)
def _decoded(data: bytes) -> Any:
    """Decode TOML; ``ValueError`` if it is not valid.  Cached, as a dozen readers ask for the same pyproject.toml."""
    _refuse_long_keys(data)
    return msgspec.toml.decode(data.removeprefix(BOM_UTF8))  # TOML knows no such mark; editors write it


def _refuse_long_keys(data: bytes) -> None:
    """Raise ``ValueError`` for a key with very many parts: the parser takes the square of their number."""
    for line in data.splitlines():
        if line.count(b".") > _MOST_PARTS:
            for part in _QUOTED.sub(b"q", line).split(b"="):
                if part.count(b".") > _MOST_PARTS and b".." not in part and _KEY.fullmatch(part):
                    raise ValueError("a key has too many parts")
