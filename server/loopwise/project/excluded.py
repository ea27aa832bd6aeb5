"""Files that are left out: by ``exclude``, by .gitignore, or by their names and places."""

from __future__ import annotations

from pathlib import Path

from loopwise.globs import Exclude
from loopwise.project.ignored import Ignored
from loopwise.semantics.index import leaves_out


def is_excluded(path: Path, top: Path, exclude: Exclude) -> bool:
    """Would a walk from ``top`` leave a file out?  A file elsewhere is not left out."""
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
        if folder and (inner / ".gitignore").exists():
            ignored = ignored.inside(place)
    return False
