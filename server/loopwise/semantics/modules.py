"""Other modules: the workspace's own, the standard library's (from jedi's stubs), and libraries'."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Protocol

from loopwise import disk
from loopwise.semantics.bindings import File
from loopwise.text import Source


@cache
def stub_folder() -> Path | None:
    """Folder of the standard library's stubs (typeshed), which jedi ships; jedi itself is not imported."""
    spec = importlib.util.find_spec("jedi")
    for place in spec.submodule_search_locations or () if spec is not None else ():
        folder = Path(place, "third_party", "typeshed", "stdlib")
        if folder.is_dir():
            return folder
    return None


_STUBS: dict[str, File | None] = {}
_MOST_ABSENT = 5_000  # names of modules that are not the standard library's


def stub(name: str) -> File | None:
    """The stub of a standard library module; parsed once, because stubs do not change."""
    if name in _STUBS:
        return _STUBS[name]
    folder = stub_folder()
    found = _file_in(folder, name, ".pyi") if folder is not None else None
    if found is None and len(_STUBS) >= _MOST_ABSENT:
        return None
    _STUBS[name] = found
    return found


def rest(seen: Seen) -> None:
    """Drop the nodes of the files that were read and of the stubs; see :meth:`File.rest`."""
    for file in (*_STUBS.values(), *(file for _, file in seen.values())):
        if file is not None:
            file.rest()


def shed_stubs(most: int) -> bool:
    """Forget the stubs if their texts total more than ``most`` bytes; whatever was derived from them has to go too."""
    if sum(len(file.source.data) for file in _STUBS.values() if file is not None) <= most:
        return False
    _STUBS.clear()
    return True


def _file_in(folder: Path, name: str, *suffixes: str) -> File | None:
    path = folder.joinpath(*name.split("."))
    for suffix in suffixes:
        for candidate, package in ((path / f"__init__{suffix}", True), (path.with_name(path.name + suffix), False)):
            source = read(candidate)
            if source is not None:
                return File(name, str(candidate), source, package=package)
    return None


def read(path: Path) -> Source | None:
    """Read a Python file; ``None`` if it does not exist or is not text."""
    data = disk.data(path, disk.MODULE)
    if data is None:
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
    except UnicodeDecodeError:
        data = data.decode("latin-1").encode()
    return Source.of(data)


def module_name(path: Path) -> tuple[str, Path]:
    """The dotted name of a file, and the folder it is imported from: the one above its topmost package."""
    folder = path.parent
    parts = [] if path.stem == "__init__" else [path.stem]
    while disk.exists(folder / "__init__.py") and folder != folder.parent:
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or folder.name, folder


class Others(Protocol):
    """Modules that are neither the workspace's nor the standard library's."""

    def load(self, name: str) -> File | None: ...


# Files that were read, by path and module name, each with its stamp: time of change (ns) and size (bytes).
# What was asked for last is at the end.
Seen = dict[tuple[Path, str], tuple[tuple[int, int], File | None]]


def trim(seen: Seen, most: int) -> None:
    """Forget the least recently used files until the texts of the others total at most ``most`` bytes.

    Not to be called during an evaluation, which could then see two versions of a file that was forgotten and read
    again.
    """
    size = size_of(seen)
    for key in list(seen):
        if size <= most:
            return
        _, file = seen.pop(key)
        size -= len(file.source.data) if file is not None else 0


def size_of(seen: Seen) -> int:
    """The number of bytes of the texts that were read."""
    return sum(len(file.source.data) for _, file in seen.values() if file is not None)


class Project:
    """The modules visible from a set of folders; a :class:`~loopwise.semantics.infer.evaluator.Modules`.

    ``opened`` holds the texts that an editor has open, by absolute path without links: they take precedence over the
    disk. Projects that share ``seen`` read each file once.
    """

    def __init__(self, folders: tuple[Path, ...], seen: Seen | None = None, libraries: Others | None = None) -> None:
        self.folders = folders
        self.libraries = libraries
        self.opened: Mapping[str, File] = {}
        self._seen: Seen = seen if seen is not None else {}
        self._found: dict[str, File | None] = {}

    def load(self, name: str) -> File | None:
        """The module with a dotted name: the workspace's, else the standard library's, else a library's."""
        if name in self._found:
            return self._found[name]
        found = self._in_workspace(name) or stub(name)
        if found is None and self.libraries is not None:
            found = self.libraries.load(name)
        self._found[name] = found
        return found

    def forget(self, name: str) -> None:
        """Look for one module again when it is next asked for."""
        self._found.pop(name, None)

    def refresh(self) -> None:
        """Look for all modules again: to be called when files were created, deleted or changed."""
        self._found.clear()

    def loaded(self) -> Iterator[str]:
        """The keys of the workspace's modules that were loaded since the last look at the disk."""
        return (file.key for file in self._found.values() if file is not None and not file.is_stub)

    def seen(self, path: Path, name: str) -> File | None:
        """The file as last read, by any project that shares ``seen``."""
        _, file = self._seen.get((path, name), (None, None))
        return file

    def _in_workspace(self, name: str) -> File | None:
        if name.partition(".")[0] in {"asyncio", "typing", "builtins"}:
            return None
        for folder in self.folders:
            path = folder.joinpath(*name.split("."))
            for candidate, package in ((path / "__init__.py", True), (path.with_name(path.name + ".py"), False)):
                opened = self._open(candidate)
                if opened is not None:
                    return opened
                file = self._read(candidate, name, package=package)
                if file is not None:
                    return file
        return None

    def _open(self, path: Path) -> File | None:
        """The text that an editor has open for a file, possibly under another path."""
        found = self.opened.get(str(path))
        if found is None and any(key.endswith(path.name) for key in self.opened):
            return self.opened.get(disk.real(path))
        return found

    def _read(self, path: Path, name: str, *, package: bool) -> File | None:
        stamp = disk.stamp(path)
        if stamp is None:
            return None
        kept = self._seen.pop((path, name), None)
        if kept is not None and kept[0] == stamp:
            self._seen[path, name] = kept
            return kept[1]
        source = read(path)
        file = File(name, str(path), source, package=package) if source is not None else None
        self._seen[path, name] = (stamp, file)
        return file
