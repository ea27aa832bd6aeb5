"""What git leaves out: the patterns of .gitignore files, those of outer folders too."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec

from loopwise import disk
from loopwise.globs import spec_of

_NAME = ".gitignore"


class Ignored(msgspec.Struct, frozen=True):
    """The patterns that hold in a folder, the innermost file's first, each with the folder that they start from."""

    specs: tuple[tuple[str, GitIgnoreSpec], ...] = ()

    @classmethod
    def above(cls, folder: str) -> Ignored:
        """What the folders above say, up to the repository's.

        Nothing where they leave ``folder`` itself out: one who names it wants it.
        """
        around = _around(Path(folder))
        found = cls().having(around[0], around[0] / ".git" / "info" / "exclude")
        for outer in around[:-1]:
            found = found.inside(str(outer))
        return cls() if any(found.leaves_out(str(part), folder=True) for part in around[1:]) else found

    def inside(self, folder: str) -> Ignored:
        """The patterns that hold in a folder below, which may have a file of its own."""
        return self.having(Path(folder), Path(folder, _NAME))

    def having(self, folder: Path, file: Path) -> Ignored:
        """With the patterns of a file that hold in a folder, which go first."""
        lines = _lines(file)
        return Ignored(((str(folder), spec_of(lines)), *self.specs)) if lines else self

    def leaves_out(self, path: str, *, folder: bool) -> bool:
        """Is a file or folder left out?  The innermost file that says anything of it has the word."""
        for start, spec in self.specs:
            if not path.startswith(start.rstrip(os.sep) + os.sep):
                continue
            below = path[len(start) :].lstrip(os.sep).replace(os.sep, "/")
            said = spec.check_file(f"{below}/" if folder else below).include
            if said is not None:
                return said
        return False


def _around(folder: Path) -> list[Path]:
    """The folders from the repository's down to this one; only this one where it is in no repository."""
    parts = [folder, *folder.parents]
    for number, part in enumerate(parts):
        if disk.exists(part / ".git"):
            return parts[number::-1]
    return [folder]


def _lines(file: Path) -> tuple[str, ...]:
    return tuple(disk.text(file, errors="surrogateescape").splitlines())
