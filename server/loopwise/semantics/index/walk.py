"""Walks a project's own Python files below a folder, and determines the names they are imported by."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path
from typing import NamedTuple

from loopwise.globs import Exclude
from loopwise.problem import Problem, tell
from loopwise.semantics.modules import module_name

MOST_FILES = 20_000  # so that a home folder that was opened by mistake comes to an end
MOST_BESIDE = 500  # near a script outside of any project: a home folder may hold anything
MOST_FOLDERS = 50_000  # likewise, where few of them hold Python
DEEPEST = 60  # folders in one another, where projects have a dozen: much is looked for in each folder above a file
LARGEST = 1024 * 1024  # bytes; what is larger was not written by hand

_NEVER = frozenset({"node_modules", "__pycache__", "site-packages"})
# Names of output folders, but also of packages in real projects.
_UNLESS_PACKAGE = frozenset({"build", "dist"})
_NOTHING = Exclude()
# Files that mark an environment of venv, virtualenv or uv, and of conda.
_ENVIRONMENTS = ("pyvenv.cfg", "conda-meta")


class Found(NamedTuple):
    """A file, its dotted module name, its modification time (ns) and its size (bytes).

    The name is empty for a file that cannot be imported, such as ``my-script.py``.
    """

    path: str
    module: str
    stamp: tuple[int, int]


def files_below(folder: Path, exclude: Exclude = _NOTHING, most: int | None = None) -> Iterator[Found | None]:
    """At most ``most`` files, those near the top first; ``None`` after each folder, so that a walk can go in steps.

    Links to folders are not followed, so that the walk terminates.
    """
    ahead, left = deque([(folder, package_of(folder, folder), _regular(folder))]), most or MOST_FILES
    for _ in range(MOST_FOLDERS):
        if not ahead or left == 0:
            return
        here, package, regular = ahead.popleft()
        if is_too_deep(here, folder):
            continue
        entries = listing(here)
        for entry in entries:
            if leaves_out(entry.path, exclude, folder=is_folder(entry)):
                continue
            if is_folder(entry):
                ahead.append(_inner(here / entry.name, package, regular, folder))
                continue
            found = _found(entry, package)
            if found is not None:
                left -= 1
                yield found
                if left == 0:
                    return
        yield None


def is_too_deep(here: Path, top: Path) -> bool:
    """Is a folder too deep below another one to be walked?  If so, this is logged."""
    deep = len(here.parts) - len(top.parts) > DEEPEST
    if deep:
        tell(Problem(str(top), "", 0, f"folders more than {DEEPEST} deep are left out", kind="deep"))
    return deep


_Place = tuple[Path, tuple[str, ...], tuple[str, ...]]
"""A folder, its package name, and the part of that name since the last folder without ``__init__.py``."""


def _regular(folder: Path) -> tuple[str, ...]:
    name = module_name(folder / "_.py")[0]
    return tuple(name.split(".")[:-1])


def _inner(place: Path, package: tuple[str, ...], regular: tuple[str, ...], top: Path) -> _Place:
    """A subfolder of a known folder: the result of :func:`package_of`, without looking at the folders above again."""
    if _is_there(place / "__init__.py"):
        regular = (*regular, place.name)
        return place, regular, regular
    return place, () if place == top / "src" else (*package, place.name), ()


def module_of(path: Path, folder: Path, exclude: Exclude = _NOTHING) -> str | None:
    """The module name of a file that a walk finds, or would find once it is saved; ``None`` for any other."""
    if path.suffix != ".py" or not path.is_relative_to(folder):
        return None
    around = list(path.relative_to(folder).parents)[:-1]
    if any(leaves_out(str(folder / place), exclude, folder=True) for place in around):
        return None
    if leaves_out(str(path), exclude, folder=False):
        return None
    return _module(path.name, package_of(path.parent, folder))


def package_of(here: Path, folder: Path) -> tuple[str, ...]:
    """The parts of a folder's package name; a folder without ``__init__.py`` is named by its location."""
    try:
        name, _ = module_name(here / "_.py")
    except OSError:  # a folder that may not be entered
        name = ""
    if "." in name:
        return tuple(name.split(".")[:-1])
    if here == folder or here == folder / "src" or here == here.parent:
        return ()
    return (*package_of(here.parent, folder), here.name)


def _module(name: str, package: tuple[str, ...]) -> str | None:
    stem = name.removesuffix(".py")
    parts = package if stem == "__init__" else (*package, stem)
    importable = stem != "__main__" and all(part.isidentifier() and not iskeyword(part) for part in parts)
    return ".".join(parts) if parts and importable else None


def listing(here: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(here) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (OSError, ValueError):
        return []


def is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _found(entry: os.DirEntry[str], package: tuple[str, ...]) -> Found | None:
    if not entry.name.endswith(".py"):
        return None
    try:
        state = entry.stat()
        if not entry.is_file() or state.st_size > LARGEST:
            return None
    except OSError:
        return None
    return Found(entry.path, _module(entry.name, package) or "", (state.st_mtime_ns, state.st_size))


def leaves_out(path: str, exclude: Exclude, *, folder: bool) -> bool:
    """Is a file or folder excluded, judged by its name and kind?

    The patterns take precedence over the built-in names: dotfiles, caches, environments, build output.
    """
    said = exclude.says(path, folder=folder)
    if said is not None:
        return said
    name = path.rpartition(os.sep)[2]
    return name.startswith(".") or name in _NEVER or (folder and _is_foreign(Path(path)))


def _is_foreign(here: Path) -> bool:
    """Is a folder a virtual environment or build output?"""
    if here.name in _UNLESS_PACKAGE and not _is_there(here / "__init__.py"):
        return True
    return any(_is_there(here / name) for name in _ENVIRONMENTS)


def _is_there(path: Path) -> bool:
    try:
        os.stat(path)
    except (OSError, ValueError):
        return False
    return True
