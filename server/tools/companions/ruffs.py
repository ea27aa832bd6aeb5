"""The versions of ruff in which its rules report what they report today.

    python ruffs.py FOLDER

installs those that are tried into FOLDER, as ``ruff-0.12.0`` and so on.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import peers

# The first of each minor version since the rules for asyncio are called ASYNC2xx, and the one that is measured.
VERSIONS = (*(f"0.{minor}.0" for minor in range(5, 18)), "0.17.6")

Versions = Mapping[str, list[peers.Said]]
"""The reports of each version, the newest first."""


def installed(folder: Path) -> list[Path]:
    """The commands in a folder, the newest first."""
    return sorted(folder.glob("ruff-*"), key=lambda path: numbers(path.name), reverse=True)


def since(commands: Path, folder: Path, codes: Iterable[str], preview: Iterable[str]) -> Iterator[tuple[str, str]]:
    """For each code, the first version from which on all report the same as the newest.

    ``preview`` are the codes that the newest version reports only with previews switched on.
    """
    stable = {_version(path): list(peers.ruff(path, folder, ("--select=ALL",))) for path in installed(commands)}
    every = {_version(path): list(peers.ruff(path, folder)) for path in installed(commands)}
    for code in codes:
        yield code, _first_as_today(every if code in preview else stable, code)


def _first_as_today(reported: Versions, code: str) -> str:
    places = {
        version: {(one.file, one.first) for one in said if one.code == code} for version, said in reported.items()
    }
    newest, *older = places
    first = newest
    for version in older:
        if places[version] != places[newest]:
            break
        first = version
    return first


def default_since(commands: Path, folder: Path, default: Iterable[str]) -> str:
    """The first version from which on all report the codes that the newest one reports if nothing is selected."""
    wanted, found = set(default), ""
    for path in installed(commands):
        if not wanted <= {one.code for one in peers.ruff(path, folder, ())}:
            break
        found = _version(path)
    return found


def _version(command: Path) -> str:
    return command.name.removeprefix("ruff-")


def numbers(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.removeprefix("ruff-").split("."))


def install(folder: Path) -> None:
    for version in VERSIONS:
        target = folder / version
        pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", f"--target={target}", f"ruff=={version}"]
        subprocess.run(pip, check=True)
        (folder / f"ruff-{version}").symlink_to(target / "bin" / "ruff")


if __name__ == "__main__":
    install(Path(sys.argv[1]).resolve())
