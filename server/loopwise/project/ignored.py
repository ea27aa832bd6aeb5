"""Files that git ignores: the patterns of .gitignore files, including those of outer folders."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec

from loopwise import disk
from loopwise.globs import spec_of

_NAME = ".gitignore"


class Ignored(msgspec.Struct, frozen=True):
    """The patterns that apply in a folder, the innermost file's first, each with the folder it is relative to."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    @classmethod
    def above(cls, folder: str) -> Ignored:
        """The patterns of the folders above, up to the repository's root.

        Empty if they exclude ``folder`` itself: a user who names it wants it.
        """
        around = _around(Path(folder))
        found = cls().having(around[0], around[0] / ".git" / "info" / "exclude")
        for outer in around[:-1]:
            found = found.inside(str(outer))
        return cls() if any(found.leaves_out(str(part), folder=True) for part in around[1:]) else found

    def inside(self, folder: str) -> Ignored:
        """The patterns that apply in a subfolder, which may have a file of its own."""
        return self.having(Path(folder), Path(folder, _NAME))

    def having(self, folder: Path, file: Path) -> Ignored:
        """Add the patterns of a file that apply in a folder; they take precedence."""
        lines = _lines(file)
        return Ignored(((str(folder), spec_of(lines)), *self.specs)) if lines else self

    def leaves_out(self, path: str, *, folder: bool) -> bool:
        """Is a file or folder ignored?  The innermost file with a matching pattern decides."""
        for start, spec in self.specs:
            if not path.startswith(start.rstrip(os.sep) + os.sep):
                continue
            below = path[len(start) :].lstrip(os.sep).replace(os.sep, "/")
            said = spec.check_file(f"{below}/" if folder else below).include
            if said is not None:
                return said
        return False


def _around(folder: Path) -> list[Path]:
    """The folders from the repository's root down to this one; only this one outside a repository."""
    parts = [folder, *folder.parents]
    for number, part in enumerate(parts):
        if disk.exists(part / ".git"):
            return parts[number::-1]
    return [folder]


def _lines(file: Path) -> tuple[str, ...]:
    return tuple(disk.text(file, errors="surrogateescape").splitlines())
