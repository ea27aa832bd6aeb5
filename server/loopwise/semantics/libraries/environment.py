"""A project's environment, in which its libraries are installed.  Nothing is imported, no interpreter started."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from loopwise import disk

# The names that uv, Poetry's in-project option and Python's tutorial use.
_NAMES = (".venv", "venv")
_HIGHEST = 4  # folders above the project's in which an environment is looked for, where none is a repository's
_LIBRARIES = ("lib/python3*/site-packages", "lib64/python3*/site-packages", "Lib/site-packages")
# What an editable install writes where a path alone does not do: `MAPPING: dict[str, str] = {'acme': '/src/acme'}`.
_MAPPING = re.compile(r"^MAPPING\b[^=]*=\s*(\{.*\})", re.MULTILINE)
_LARGEST = 256 * 1024  # bytes of a .pth file or of an editable install's finder


class Environment(msgspec.Struct, frozen=True):
    """The folders that packages are imported from, in search order.

    ``packages`` are those of editable installs that are listed individually, each with its folder or file.
    """

    folders: tuple[Path, ...] = ()
    packages: tuple[tuple[str, Path], ...] = ()


def find_environment(folder: Path, setting: str | None, environ: Mapping[str, str]) -> Path | None:
    """The folder of the environment that a project in ``folder`` uses; ``None`` if there is none.

    The first of these: ``setting`` (a folder or an interpreter's path), ``VIRTUAL_ENV``, ``CONDA_PREFIX``, ``.venv``
    and ``venv`` in the folder or above it, up to its repository's root.
    """
    if setting:
        return _home_of(folder / Path(setting).expanduser())
    active = (environ.get(name) for name in ("VIRTUAL_ENV", "CONDA_PREFIX"))
    places = [*(Path(path) for path in active if path), *_beside(folder)]
    return next((place for place in places if is_environment(place)), None)


def is_environment(place: Path) -> bool:
    """Does a folder have a place for packages?"""
    return any(True for _ in _site_packages(place))


def read_environment(home: Path | None) -> Environment:
    """Read an environment; it is empty if the folder is gone or cannot be read."""
    if home is None:
        return Environment()
    sites = list(dict.fromkeys(_sites(home)))
    folders = list(sites)
    packages: list[tuple[str, Path]] = []
    for site in sites:
        folders += [folder for path in _entries(site, "*.pth") for folder in _paths_in(path)]
        packages += [one for path in _entries(site, "__editable__*finder.py") for one in _mapped(path)]
    return Environment(tuple(dict.fromkeys(folders)), tuple(dict.fromkeys(packages)))


def _home_of(place: Path) -> Path:
    """The environment that a path refers to; for an interpreter, the folder above its own (links are not followed)."""
    return place.parent.parent if disk.is_file(place) else place


def _beside(folder: Path) -> Iterator[Path]:
    for above in (folder, *folder.parents[:_HIGHEST]):
        yield from (above / name for name in _NAMES)
        if disk.exists(above / ".git"):
            return


def _site_packages(home: Path) -> Iterator[Path]:
    try:
        yield from (path for pattern in _LIBRARIES for path in sorted(home.glob(pattern)) if disk.is_folder(path))
    except OSError:
        return


def _sites(home: Path) -> Iterator[Path]:
    """The site-packages folders, including those of the base Python if the environment can see them."""
    yield from _site_packages(home)
    said = _text(home / "pyvenv.cfg")
    if re.search(r"^include-system-site-packages\s*=\s*true", said, re.MULTILINE | re.IGNORECASE):
        base = re.search(r"^home\s*=\s*(.+)$", said, re.MULTILINE)
        if base is not None:
            yield from _site_packages(Path(base[1].strip()).parent)


def _entries(site: Path, pattern: str) -> list[Path]:
    try:
        return sorted(site.glob(pattern))
    except OSError:
        return []


def _paths_in(path: Path) -> Iterator[Path]:
    """The folders that a ``.pth`` file adds; its lines of code are not run."""
    for line in _text(path).splitlines():
        line = line.strip()
        if line and not line.startswith(("#", "import ", "import\t")):
            with suppress(OSError, ValueError):  # what is not a path, or one that may not be looked at
                folder = (path.parent / line).resolve()
                if disk.is_folder(folder):
                    yield folder


def _mapped(path: Path) -> Iterator[tuple[str, Path]]:
    """The packages of an editable install, parsed from the text of its finder."""
    found = _MAPPING.search(_text(path))
    try:
        mapping = ast.literal_eval(found[1]) if found is not None else {}
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return
    for name, place in mapping.items() if isinstance(mapping, dict) else ():
        if isinstance(name, str) and isinstance(place, str):
            yield name, Path(place)


def _text(path: Path) -> str:
    return disk.text(path, _LARGEST)
