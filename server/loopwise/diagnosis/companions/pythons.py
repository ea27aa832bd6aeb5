"""The Pythons for which type checkers check a file, as far as their configuration names one.

Each returns None if the Python depends on where the tool is run.
Tried with the versions that ``knowledge/companions.toml`` names: only ty reads ``requires-python``; pyright and pyrefly
check for a Python older than their stubs as for the oldest one of these, while mypy does not accept it.
"""

from __future__ import annotations

import re

from loopwise.cards import load_api
from loopwise.diagnosis.companions.config import Config, table, toml
from loopwise.versions import Version, VersionRange, parse_version

_LOWER_END = re.compile(r"(?:>=?|==|~=)\s*(\d+\.\d+)")


def pyright(config: Config) -> VersionRange | None:
    return _only(_at_least_oldest(config.table.get("pythonVersion")))


def mypy(configs: tuple[Config, ...]) -> VersionRange | None:
    """All Pythons that the configurations name, because any of them may be the one that is read."""
    versions = [_known(each.table.get("python_version")) for each in configs]
    told = [version for version in versions if version is not None]
    return VersionRange(min(told), max(told)) if told and len(told) == len(versions) else None


def ty(config: Config) -> VersionRange | None:
    said = table(config.table, "environment").get("python-version")
    if said is None:
        required = table(toml(config.folder / "pyproject.toml"), "project").get("requires-python")
        found = _LOWER_END.search(required) if isinstance(required, str) else None
        said = found[1] if found is not None else None
    return _only(_known(said))


def pyrefly(config: Config) -> VersionRange | None:
    said = config.table.get("python-version", config.table.get("python_version"))
    return _only(_at_least_oldest(said))


def _only(version: Version | None) -> VersionRange | None:
    return VersionRange(version, version) if version is not None else None


def _at_least_oldest(said: object) -> Version | None:
    version = _parsed(said)
    return max(version, load_api().span.floor) if version is not None else None


def _known(said: object) -> Version | None:
    version = _parsed(said)
    return version if version is not None and version >= load_api().span.floor else None


def _parsed(said: object) -> Version | None:
    """A version, also with a patch release, or as a number of TOML."""
    found = re.match(r"\d+\.\d+", str(said))
    return parse_version(found[0]) if found is not None else None
