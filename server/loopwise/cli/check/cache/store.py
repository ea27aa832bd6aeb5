"""Caches findings in the user's cache folder: a file is not checked again if nothing it depends on has changed.

A file's findings depend on its text, on the settings, on the modules that its analysis asked for (found or not), and on
which of its words are names of coroutine functions anywhere in the project.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cli.check.cache.known import Known, Survey, digest_of, names_of, roots_in, speaks_of
from loopwise.cli.check.options import CheckOptions
from loopwise.cli.check.report import FileResult, Report
from loopwise.diagnosis.state import state_of
from loopwise.project import Root
from loopwise.semantics.index import ProjectNames, files_below
from loopwise.store import cache_folder
from loopwise.text import encode

_LONG = 30 * 24 * 60 * 60  # seconds that a cache is kept without being used
_FEW = 500  # names that are looked for in all files; of more, all is looked at again


class Asked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A module that was looked for from a folder, and the result: a file's path and digest, or nothing."""

    folder: str
    name: str
    path: str
    digest: bytes


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """The findings of a file whose text had this digest; ``asked`` are indexes into the list of modules asked for."""

    digest: bytes
    reports: tuple[Report, ...]
    silent: int
    asked: tuple[int, ...]


class Saved(msgspec.Struct, frozen=True, array_like=True):
    """A cache as written to disk."""

    known: dict[str, Known] = {}
    asked: tuple[Asked, ...] = ()
    entries: dict[str, Entry] = {}
    names: ProjectNames = ProjectNames()


class Cache:
    """The cache of one root; without a place on disk it lasts as long as this object."""

    def __init__(self, root: Root, key: str, *, on_disk: bool = True) -> None:
        folder = cache_folder() / "check"
        self.place = folder / f"{key}.msgpack" if on_disk else None
        self._saved = _read(self.place) if self.place is not None else Saved()
        self.look(root)

    def look(self, root: Root) -> None:
        """Look at the disk again for new, removed and changed files."""
        self.root = root
        self.survey = Survey(self._saved.known)
        folders = dict.fromkeys((self.root.folder, *self.root.import_roots))
        walks = (files_below(each, most=root.most_files) for each in folders)
        self.below = {one.path: one.stamp for walk in walks for one in walk if one is not None}
        known = [self.survey.look(path, stamp) for path, stamp in self.below.items()]
        root.libraries.survey(roots_in(known))
        names = names_of(known)
        awaited = names.coroutines | root.libraries.coroutines
        self.project_names = msgspec.structs.replace(names, coroutines=awaited)
        self._answers: dict[tuple[str, str], Asked] = {}
        self._folders: dict[str, tuple[str, ...]] = {}
        self._entries = self._still_true()
        self._new: dict[str, FileResult] = {}

    def found(self, path: str) -> FileResult | None:
        """The findings of a file, if nothing they depend on has changed; else ``None``."""
        entry = self._entries.get(path)
        return FileResult(path, entry.reports, silent=entry.silent) if entry is not None else None

    def add(self, checked: FileResult) -> None:
        """Add a file's findings, unless its check failed or the file was changed."""
        if checked.error is None and not checked.after and checked.digest:
            self._new[checked.path] = checked

    def save(self) -> None:
        """Write everything for the next run; of two processes that write at once, the second wins."""
        known = {path: one for path, one in self.survey.known.items() if one is not None}
        same = not self._new and len(self._entries) == len(self._saved.entries) and known == self._saved.known
        if not same:
            self._saved = self._joined(known)
        if self.place is not None:
            _write(self.place, None if same else self._saved)

    def _still_true(self) -> dict[str, Entry]:
        """The entries of files that are unchanged, along with everything they asked for."""
        same = [self._answer(one.folder, one.name) == one for one in self._saved.asked]
        names = frozenset(_changed(self.project_names, self._saved.names)) if self._saved.entries else frozenset()
        if len(names) > _FEW:
            return {}
        return {
            path: entry
            for path, entry in self._saved.entries.items()
            if entry.digest == self.survey.digest(path)
            and all(same[index] for index in entry.asked)
            and not (names and speaks_of(path, names))
        }

    def _answer(self, folder: str, name: str) -> Asked:
        """The result of looking for a module now, in the same places and order as a project does."""
        answer = self._answers.get((folder, name))
        if answer is None:
            path = next((path for path in self._candidates(folder, name) if self.survey.look(path)), "")
            answer = Asked(folder, name, path, self.survey.digest(path) if path else b"")
            self._answers[folder, name] = answer
        return answer

    def _candidates(self, folder: str, name: str) -> Iterator[str]:
        places = self._folders.get(folder)
        if places is None:
            places = self._folders[folder] = tuple(map(str, self.root.project(Path(folder)).folders))
        for place in places:
            path = f"{place}{os.sep}{name.replace('.', os.sep)}"
            yield f"{path}{os.sep}__init__.py"
            yield f"{path}.py"

    def _joined(self, known: dict[str, Known]) -> Saved:
        """The entries that are still valid and the new ones, with one shared list of modules asked for."""
        numbers: dict[tuple[str, str], int] = {}

        def number(folder: str, name: str) -> int:
            return numbers.setdefault((folder, name), len(numbers))

        old, entries = self._saved.asked, {}
        for path, entry in self._entries.items():
            asked = tuple(number(old[index].folder, old[index].name) for index in entry.asked)
            entries[path] = msgspec.structs.replace(entry, asked=asked)
        for path, checked in self._new.items():
            asked = tuple(number(checked.folder, name) for name in checked.asked)
            entries[path] = Entry(checked.digest, checked.reports, checked.silent, asked)
        answers = tuple(self._answer(folder, name) for folder, name in numbers)
        return Saved(known, answers, entries, self.project_names)


def _changed(names: ProjectNames, before: ProjectNames) -> Iterator[str]:
    """The words whose meaning has changed."""
    yield from names.coroutines ^ before.coroutines
    yield from (override.rpartition(".")[2] for override in names.overrides ^ before.overrides)


def key_of(root: Root, wanted: CheckOptions, files: Iterable[str]) -> str:
    """Name a root's cache for some files.

    The name differs for each version of the program and each set of options, and when another tool's configuration
    around one of the files has changed.
    """
    around = state_of(root, {Path(file).parent for file in files})
    asked = msgspec.json.encode((wanted.select, wanted.ignore))
    return f"{digest_of(encode(str(root.folder))).hex()}-{digest_of(around, asked).hex()}"


def _read(place: Path) -> Saved:
    """Read a cache from disk; empty if it cannot be read or is not a cache."""
    try:
        return msgspec.msgpack.decode(disk.read(place, disk.DATA), type=Saved)
    except (OSError, ValueError):
        return Saved()


def _write(place: Path, saved: Saved | None) -> None:
    """Write a cache atomically, or touch it if unchanged; delete caches that are no longer used."""
    with suppress(OSError):
        if saved is None:
            os.utime(place)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        disk.write(place, msgspec.msgpack.encode(saved))
        for other in place.parent.iterdir():
            if time.time() - other.stat().st_mtime > _LONG:
                other.unlink(missing_ok=True)
