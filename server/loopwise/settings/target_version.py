"""For which Pythons a project is written."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from loopwise.cards import load_api
from loopwise.settings.fields import Settings
from loopwise.settings.pyproject import TomlReader, nearest, nearest_pyproject, read_toml
from loopwise.versions import Target, Version, parse_version, version_text

_NUMBER = re.compile(r"(?<![\d.])(3\.\d+)")
# ``==3.12.3`` and ``>=3.10.4`` allow their minor version: some patch release of it will do.
_PATCHES = range(30)


def target(
    settings: Settings,
    folder: Path,
    *,
    stop: Path | None = None,
    environ: Mapping[str, str] | None = None,
    read: TomlReader = read_toml,
) -> Target:
    """The Pythons that code in ``folder`` runs on, within those that Loopwise knows.

    The first of these that says it: the setting, ``requires-python``, ``.python-version``, the folder's virtual
    environment; else the newest known. Files are looked for upwards, as far as ``stop``; ``environ`` stands in for
    the process's own, ``read`` for a reader of TOML.
    """
    said = (
        _of_setting(settings.target_version),
        _of_pyproject(nearest_pyproject(folder, stop), read),
        _of_single(_python_version(folder, stop)),
        _of_single(_environment(folder, os.environ if environ is None else environ)),
    )
    newest = load_api().span.ceiling
    return next((found for found in said if found), Target(newest, newest, assumed=True))


def too_old(text: str) -> str | None:
    """What is wrong with a setting that names a Python before the oldest that Loopwise knows."""
    floor = load_api().span.floor
    old = [number for number in _NUMBER.findall(text) if (version := parse_version(number)) and version < floor]
    if not old:
        return None
    return f"Python {old[0]} is older than Loopwise knows: it counts as {version_text(floor)}, so write that"


def _of_setting(text: str | None) -> Target | None:
    """``3.12``, ``3.11-3.14`` or ``>=3.11``."""
    found = [version for number in _NUMBER.findall(text or "") if (version := parse_version(number))]
    if not found:
        return None
    last = load_api().span.ceiling if text and ">=" in text else found[-1]
    first, last = _known(found[0]), _known(last)
    return Target(min(first, last), max(first, last))


def _of_pyproject(path: Path | None, read: TomlReader) -> Target | None:
    """From ``requires-python``; None when it is not there, cannot be read, or allows no Python that we know."""
    project = read(path)[0].get("project") if path else None
    required = project.get("requires-python") if isinstance(project, dict) else None
    allowed = list(_allowed(required)) if isinstance(required, str) else []
    return Target(min(allowed), max(allowed)) if allowed else None


def _allowed(required: str) -> Iterator[Version]:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # Costs 20 ms.

    try:
        specifiers = SpecifierSet(required)
    except InvalidSpecifier:
        return
    for version in load_api().known:
        if any(specifiers.contains(f"{version_text(version)}.{patch}") for patch in _PATCHES):
            yield version


def _of_single(text: str | None) -> Target | None:
    found = parse_version(text) if text else None
    return Target(_known(found), _known(found)) if found else None


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
