"""Patterns for paths, as ``.gitignore`` has them."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec

_SPECIAL = re.compile(r"(?P<any>(?<![^/])\*\*(?![^/])/?)|(?P<star>\*+)|(?P<one>\?)|(?P<set>\[[!^]?\]?[^\]/]*\])")


def matches(pattern: str, path: Path, folder: Path) -> bool:
    """Does a pattern name a file, or a folder that it is in?

    ``folder`` is where the pattern stands: ``tests`` is any file or folder below it that is called so, ``/tests`` and
    ``a/tests`` only that one, ``tests/`` only a folder.  With ``!`` before it: does it not?
    """
    if pattern.startswith("!"):
        return not matches(pattern[1:], path, folder)
    try:
        relative = path.relative_to(folder).as_posix()
    except ValueError:
        return False
    return compiled(pattern).match(relative) is not None


class Exclude(msgspec.Struct, frozen=True):
    """Patterns that leave paths out, as a .gitignore file in a folder would."""

    patterns: tuple[str, ...] = ()
    folder: str = ""
    """Absolute: where the patterns start."""

    def says(self, path: str, *, folder: bool) -> bool | None:
        """Is a file, or a folder, left out?  None where no pattern means it; the last that does decides."""
        start = f"{self.folder.rstrip(os.sep)}{os.sep}"
        if not self.patterns or not path.startswith(start):
            return None
        below = path[len(start) :].replace(os.sep, "/")
        return spec_of(self.patterns).check_file(f"{below}/" if folder else below).include


@lru_cache(256)
def spec_of(lines: tuple[str, ...]) -> GitIgnoreSpec:
    """The patterns of lines; a line that is none is left out."""
    # `a/**` is all below `a`; pathspec takes it for `a` itself as well, which git does not.
    plain = (f"{line.rstrip()}/*" if line.rstrip().endswith("/**") else line for line in lines)
    return GitIgnoreSpec.from_lines([line for line in plain if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


@lru_cache(1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern for a whole path with slashes, relative to the folder; ``!`` is not looked at."""
    body = pattern.removeprefix("./").rstrip()
    only_folders = body.endswith("/")
    body = body.rstrip("/")
    anchored = "/" in body
    try:
        inner = _translated(body.lstrip("/"))
        return re.compile(("" if anchored else "(?:.*/)?") + inner + ("/.*" if only_folders else "(?:/.*)?") + r"\Z")
    except re.error:
        return re.compile(r"(?!)")


def _translated(body: str) -> str:
    parts: list[str] = []
    end = 0
    for found in _SPECIAL.finditer(body):
        parts += [re.escape(body[end : found.start()]), _one(found)]
        end = found.end()
    return "".join([*parts, re.escape(body[end:])])


def _one(found: re.Match[str]) -> str:
    if found["any"]:
        return "(?:.*/)?" if found["any"].endswith("/") else ".*"
    if found["star"]:
        return "[^/]*"
    if found["one"]:
        return "[^/]"
    return f"(?!/){re.sub(r'^.!', '[^', found['set'])}"
