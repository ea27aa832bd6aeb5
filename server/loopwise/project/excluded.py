"""Excluded files: by ``exclude``, by .gitignore, or by their names and locations."""

from __future__ import annotations

from pathlib import Path

from loopwise import disk
from loopwise.globs import Exclude
from loopwise.project.ignored import Ignored
from loopwise.semantics.index import leaves_out


def is_excluded(path: Path, top: Path, exclude: Exclude) -> bool:
    """Would a walk from ``top`` skip a file below it?  A file outside ``top`` is not excluded."""
    if not path.is_relative_to(top):
        return False
    ignored = Ignored.above(str(top)).inside(str(top))
    inner = top
    for part in path.relative_to(top).parts:
        inner = inner / part
        place, folder = str(inner), inner != path
        said = exclude.says(place, folder=folder)
        if said or (
            said is None and (leaves_out(place, exclude, folder=folder) or ignored.leaves_out(place, folder=folder))
        ):
            return True
        if folder and disk.exists(inner / ".gitignore"):
            ignored = ignored.inside(place)
    return False
