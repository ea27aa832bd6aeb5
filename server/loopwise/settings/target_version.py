"""For which Pythons a project is written."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from loopwise.cards import load_api
from loopwise.problem import Problem
from loopwise.settings.fields import Settings
from loopwise.settings.pyproject import nearest, nearest_pyproject, read_toml
from loopwise.versions import Target, Version, VersionRange, parse_version, version_text

_NUMBER = re.compile(r"(?<![\d.])(3\.\d+)")
# ``==3.12.3`` and ``>=3.10.4`` allow their minor version: some patch release of it will do.
_PATCHES = range(30)
_LOWER_ENDS = frozenset({">=", ">", "==", "~=", "==="})
_AHEAD = 10  # minor versions above the newest known that a specifier may name


class _Said(msgspec.Struct, frozen=True):
    """Which Pythons somebody names, known or not, and where."""

    place: str
    first: Version
    last: Version


def target(
    settings: Settings, folder: Path, *, stop: Path | None = None, environ: Mapping[str, str] | None = None
) -> Target:
    """The Pythons that code in ``folder`` runs on, within those that Loopwise knows.

    The first of these that says it: the setting, ``requires-python``, ``.python-version``, the folder's virtual
    environment; else the newest known. Files are looked for upwards, as far as ``stop``; ``environ`` stands in for
    the process's own.
    """
    said = _said(settings, folder, stop, os.environ if environ is None else environ)
    newest = load_api().span.ceiling
    return Target(_known(said.first), _known(said.last)) if said else Target(newest, newest, assumed=True)


def unknown_pythons(
    settings: Settings, folder: Path, *, stop: Path | None = None, environ: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """That :func:`target` leaves out Pythons which are named, since Loopwise does not know them: a problem, or none."""
    said = _said(settings, folder, stop, os.environ if environ is None else environ)
    oldest, newest = load_api().span.floor, load_api().span.ceiling
    if said is None or (oldest <= said.first and said.last <= newest):
        return ()
    named, than = (said.last, "newer") if said.last > newest else (said.first, "older")
    used = VersionRange(_known(said.first), _known(said.last))
    what = f"Python {version_text(named)} is {than} than Loopwise knows; {used} is used instead"
    return (Problem(said.place, "", 0, what),)


def _said(settings: Settings, folder: Path, stop: Path | None, environ: Mapping[str, str]) -> _Said | None:
    """The first place that names Pythons."""
    return next(
        (
            found
            for found in (
                _of_setting(settings.target_version),
                _of_pyproject(nearest_pyproject(folder, stop)),
                _of_single(".python-version", _python_version(folder, stop)),
                _of_single("the virtual environment", _environment(folder, environ)),
            )
            if found
        ),
        None,
    )


def _of_setting(text: str | None) -> _Said | None:
    """``3.12``, ``3.11-3.14`` or ``>=3.11``."""
    found = [version for number in _NUMBER.findall(text or "") if (version := parse_version(number))]
    if not found:
        return None
    last = max(load_api().span.ceiling, found[0]) if text and ">=" in text else found[-1]
    return _Said("target-version", min(found[0], last), max(found[0], last))


def _of_pyproject(path: Path | None) -> _Said | None:
    """From ``requires-python``; None when it is not there, cannot be read, or allows no Python 3.

    What has no upper end ends at the newest known.
    """
    project = read_toml(path)[0].get("project") if path else None
    required = project.get("requires-python") if isinstance(project, dict) else None
    allowed = _allowed(required) if isinstance(required, str) else []
    if not allowed:
        return None
    newest = load_api().span.ceiling
    within = [version for version in allowed if version <= newest]
    first, last = (allowed[0], within[-1]) if within else (allowed[0], allowed[0])
    return _Said(f"{path}: requires-python", first, last)


def _allowed(required: str) -> list[Version]:
    """The Pythons that a specifier allows, oldest first; without a lower end from the oldest known on."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # Costs 20 ms.

    try:
        specifiers = SpecifierSet(required)
    except InvalidSpecifier:
        return []
    bounded = any(specifier.operator in _LOWER_ENDS for specifier in specifiers)
    oldest = (3, 0) if bounded else load_api().span.floor
    return [
        (3, minor)
        for minor in range(oldest[1], load_api().span.ceiling[1] + _AHEAD)
        if any(specifiers.contains(f"3.{minor}.{patch}") for patch in _PATCHES)
    ]


def _of_single(place: str, text: str | None) -> _Said | None:
    found = parse_version(text) if text else None
    return _Said(place, found, found) if found else None


def _python_version(folder: Path, stop: Path | None) -> str | None:
    """The first version in ``.python-version``: ``3.12.1``, ``3.13t``, ``pypy3.10-7.3`` …"""
    path = nearest(folder, ".python-version", stop)
    lines = _text(path).splitlines() if path else []
    found = _NUMBER.search(" ".join(line for line in lines if not line.startswith("#")))
    return found[1] if found else None


def _environment(folder: Path, environ: Mapping[str, str]) -> str | None:
    """The version of the virtual environment in ``folder``; an active one elsewhere is another project's."""
    active = Path(environ.get("VIRTUAL_ENV") or folder)
    homes = [folder / ".venv", folder / "venv", *([active] if folder in active.parents else [])]
    for home in homes:
        found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+)", _text(home / "pyvenv.cfg"), re.MULTILINE)
        if found:
            return found[1]
    return None


def _known(version: Version) -> Version:
    """The version itself, or the nearest that we know."""
    span = load_api().span
    return min(max(version, span.floor), span.ceiling)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
