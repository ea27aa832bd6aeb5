"""Finds the files that ``loopwise check`` is to check, each with the root whose settings apply."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from loopwise.cli.arguments import Refused
from loopwise.globs import Exclude
from loopwise.project import Ignored, Workspace
from loopwise.semantics.index import is_folder, is_too_deep, leaves_out, listing
from loopwise.semantics.modules import module_name
from loopwise.settings import is_project, nearest

_SUFFIXES = (".py", ".pyw", ".ipynb")


class Target(msgspec.Struct, frozen=True):
    """A file to check."""

    path: str
    """The absolute path."""
    root: str
    """The folder of its root."""


class Folder(msgspec.Struct, frozen=True):
    """A folder during a walk, with the settings and patterns that apply in it."""

    path: str
    root: str
    exclude: Exclude
    ignored: Ignored

    def leaves_out(self, path: str, *, folder: bool) -> bool:
        """Is an entry of the folder to be skipped?"""
        said = self.exclude.says(path, folder=folder)
        if said is not None:
            return said
        return leaves_out(path, self.exclude, folder=folder) or self.ignored.leaves_out(path, folder=folder)


def existing(paths: Sequence[str]) -> list[str]:
    """The paths; raises ``Refused`` if one does not exist."""
    for path in paths:
        if not Path(path).exists():
            raise Refused(f"{path}: no such file or folder")
    return list(paths)


def bases(paths: Iterable[str]) -> list[Path]:
    """The folders of the projects that contain the paths.

    That is the folder of the nearest pyproject.toml, else the repository, else the parent of a file's topmost package.
    """
    return list(dict.fromkeys(_base(Path(path)) for path in paths))


def loose_bases(paths: Iterable[str]) -> list[Path]:
    """The bases of files that have no project around them."""
    files = (Path(path) for path in paths if not Path(path).is_dir())
    return [base for base in bases(map(str, files)) if not is_project(base)]


def targets(paths: Iterable[str], workspace: Workspace, *, force_exclude: bool = False) -> list[Target]:
    """The Python files at and below the paths, each once, sorted by path."""
    found: dict[str, Target] = {}
    for path in paths:
        if Path(path).is_dir():
            below = {target.path: target for target in _walk(path, workspace)}
            found.update({**below, **found})
        elif not force_exclude or not is_left_out(path, workspace):
            found.setdefault(path, Target(path, _root(Path(path).parent, workspace)))
    return [target for _, target in sorted(found.items()) if not _is_second(target.path, found)]


def is_left_out(path: str, workspace: Workspace) -> bool:
    """Would a walk from the file's root skip it?"""
    return workspace.root(Path(path).parent).leaves_out(Path(path))


def _base(path: Path) -> Path:
    start = path if path.is_dir() else path.parent
    project = nearest(start, "pyproject.toml")
    if project is not None:
        return project.parent
    for folder in (start, *start.parents):
        if (folder / ".git").exists():
            return folder
    return start if path.is_dir() else module_name(path)[1]


def _root(folder: Path, workspace: Workspace) -> str:
    return str(workspace.root(folder).folder)


def _walk(top: str, workspace: Workspace) -> Iterator[Target]:
    """The files below a folder; links to folders are not followed, so that the walk terminates."""
    ahead = [_folder(top, workspace, Ignored.above(top))]
    while ahead:
        here = ahead.pop()
        if is_too_deep(Path(here.path), Path(top)):
            continue
        entries = listing(Path(here.path))
        here = _entered(here, {entry.name for entry in entries}, workspace)
        for entry in entries:
            below = is_folder(entry)
            if not below and not entry.name.endswith(_SUFFIXES):
                continue
            if here.leaves_out(entry.path, folder=below):
                continue
            if below:
                ahead.append(msgspec.structs.replace(here, path=entry.path))
            elif _is_file(entry):
                yield Target(entry.path, here.root)


def _is_file(entry: os.DirEntry[str]) -> bool:
    return Path(entry.path).is_file() if entry.is_symlink() else entry.is_file()


def _folder(path: str, workspace: Workspace, ignored: Ignored) -> Folder:
    root = workspace.root(Path(path))
    return Folder(path, str(root.folder), root.exclude, ignored)


def _entered(here: Folder, names: Container[str], workspace: Workspace) -> Folder:
    """The folder with the patterns of its own files added."""
    ignored = here.ignored.inside(here.path) if ".gitignore" in names else here.ignored
    if "pyproject.toml" in names:
        return _folder(here.path, workspace, ignored)
    return here if ignored is here.ignored else msgspec.structs.replace(here, ignored=ignored)


def _is_second(path: str, found: Container[str]) -> bool:
    """Is it a link to another file that is checked as well?"""
    return Path(path).is_symlink() and os.path.realpath(path) in found
