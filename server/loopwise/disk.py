"""Looks at the disk that never raise: a path that cannot be is one that is not there.

``Path.is_dir`` and its like raise for a name that is too long, a folder that may not be entered and a mount that is
gone.  Editors send such paths: those of dev containers are URIs of 700 bytes.
"""

from __future__ import annotations

import os
from pathlib import Path


def is_file(path: Path) -> bool:
    return os.path.isfile(path)


def is_folder(path: Path) -> bool:
    return os.path.isdir(path)


def exists(path: Path) -> bool:
    return os.path.exists(path)


def real(path: Path) -> str:
    """The path without links, the same for each name of one file."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return str(path)


def matching(folder: Path, pattern: str) -> list[Path]:
    """The paths below a folder that match a pattern of :meth:`pathlib.Path.glob`, in order."""
    try:
        return sorted(folder.glob(pattern))
    except (OSError, ValueError):
        return []


def text(path: Path) -> str:
    """The text of a file, odd bytes replaced; empty where there is none to read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
