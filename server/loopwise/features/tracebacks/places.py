"""Selects the user's places among those in a report, and locates them on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

import msgspec

from loopwise import disk
from loopwise.features.tracebacks.read import Place, Report

# Path elements of site-packages, the standard library and frozen modules on all platforms, for tracebacks from other
# machines too.
_LIBRARY = re.compile(
    r"^<|[/\\](?:site|dist)-packages[/\\]|[/\\]lib[/\\]?python\d?\.?\d*[/\\]|[/\\]lib[/\\]python\d"
    r"|[/\\]Python3?\d*[/\\]Lib[/\\]|python\d+\.zip|[/\\]asyncio[/\\]\w+\.py$",
    re.IGNORECASE,
)
# ``asyncio.run(main())`` at module level is in every traceback, and never the cause.
_START = re.compile(r"\b(?:asyncio\.run|run_until_complete|run_forever|\w*\.run)\(\w+\(")
_MOST_PARTS = 6  # of a path from another machine that are looked for below the folder


class UserPlace(msgspec.Struct, frozen=True):
    """A line of one of the user's files that exists."""

    path: Path
    line: int
    """Counted from 1."""
    place: Place
    """The place as in the report."""

    @property
    def code(self) -> str:
        """The present text of the line; empty if there is none."""
        lines = _lines(self.path)
        return lines[self.line - 1].strip() if self.line <= len(lines) else ""


def user_places(report: Report, folders: Iterable[Path]) -> Iterator[UserPlace]:
    """The user's places, most likely cause first: frames from the inside out, then where tasks were created.

    A path from another machine (``/app/src/shop/api.py``) is searched for below ``folders`` by its last parts.
    """
    searched = tuple(folders)
    seen: set[tuple[Path, int]] = set()
    for place in _in_order(report):
        path = found(place.path, searched)
        if path is not None and (path, place.line) not in seen and _agrees(path, place):
            seen.add((path, place.line))
            yield UserPlace(path, place.line, place)


def is_users(path: str) -> bool:
    """Is it a file that belongs neither to Python nor to an installed package?"""
    return _LIBRARY.search(path) is None


def found(path: str, folders: tuple[Path, ...]) -> Path | None:
    """The file that a report calls ``path``, if it is the user's and exists."""
    if not is_users(path):
        return None
    if Path(path).is_absolute() and Path(path).is_file():
        return Path(path)
    parts = (PureWindowsPath(path) if "\\" in path else PurePosixPath(path)).parts[-_MOST_PARTS:]
    for start in range(len(parts)):
        tail = Path(*parts[start:])
        for folder in folders:
            if not tail.is_absolute() and (folder / tail).is_file():
                return folder / tail
    return None


def _in_order(report: Report) -> Iterator[Place]:
    frames = [frame for raised in reversed(report.raised) for frame in reversed(raised.frames)]
    yield from (frame for frame in frames if not _only_starts(frame))
    yield from (frame for frame in frames if _only_starts(frame))
    for role in ("created", "warning", "running", "defined"):
        yield from (place for place in reversed(report.places) if place.role == role)


def _only_starts(frame: Place) -> bool:
    """Is it the line that runs the program? It is in every traceback."""
    return frame.function == "<module>" and _START.search(frame.code) is not None


def _agrees(path: Path, place: Place) -> bool:
    """Does the line read as quoted in the report? In a file edited since then, the number would mean another line."""
    if not place.code:
        return True
    lines = _lines(path)
    return place.line <= len(lines) and lines[place.line - 1].strip() == place.code


def _lines(path: Path) -> list[str]:
    return disk.text(path, disk.SOURCE).splitlines()
