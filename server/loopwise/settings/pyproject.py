"""pyproject.toml and its like: found and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from loopwise.problem import Problem


def nearest_pyproject(path: Path, stop: Path | None = None) -> Path | None:
    """The pyproject.toml of ``path`` (a file or folder) or of the nearest folder above, up to ``stop``."""
    return nearest(path, "pyproject.toml", stop)


def nearest(path: Path, name: str, stop: Path | None = None) -> Path | None:
    """The file ``name`` in ``path`` or in the nearest folder above that has it, ``stop`` the last to look in."""
    for folder in (path, *path.parents):
        if (folder / name).is_file():
            return folder / name
        if folder == stop:
            break
    return None


def read_toml(path: Path) -> tuple[dict[str, Any], Problem | None]:
    """A TOML file; empty when there is none, and empty with a problem when it cannot be read."""
    try:
        document = msgspec.toml.decode(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return {}, None
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error) or type(error).__name__
        return {}, Problem(str(path), "", 0, f"it cannot be read ({reason}): mend it; until then the defaults hold")
    return (document, None) if isinstance(document, dict) else ({}, None)
