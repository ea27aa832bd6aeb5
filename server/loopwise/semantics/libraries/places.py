"""Finds the modules of an environment: stub packages, stubs beside sources, sources, namespace packages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from loopwise.semantics.libraries.environment import Environment

# PEP 561: a stub takes precedence over the source beside it.
_SUFFIXES = (".pyi", ".py")


class Place(msgspec.Struct, frozen=True):
    """A module's file; ``path`` is ``None`` for a namespace package, which has none."""

    name: str
    path: Path | None
    package: bool


class Places:
    """Finds modules by their dotted names; each folder is listed once."""

    def __init__(self, environment: Environment) -> None:
        self._folders = environment.folders
        self._packages = dict(environment.packages)
        self._listed: dict[str, frozenset[str]] = {}

    def find(self, name: str) -> Place | None:
        """The file of a module, a stub in preference to a source; ``None`` if there is no such module."""
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        bases = [str(Path(base, *rest)) for base, rest in self._bases(parts)]
        for base in bases:
            found = self._in(base, name)
            if found is not None:
                return found
        is_namespace = any(self._listing(base) for base in bases)
        return Place(name, None, package=True) if is_namespace else None

    def top(self, name: str) -> list[str]:
        """The files and folders of a top-level package."""
        bases = [str(Path(base, *rest)) for base, rest in self._bases([name])]
        return [path for base in bases for path in (base, *(base + suffix for suffix in _SUFFIXES)) if self._has(path)]

    def version(self, name: str) -> str:
        """The version of the distribution named like a top-level package; empty if there is none."""
        wanted = _normal(name)
        for folder in self._folders:
            for entry in self._listing(str(folder)):
                distribution, dash, version = entry.removesuffix(".dist-info").partition("-")
                if dash and entry.endswith(".dist-info") and _normal(distribution) == wanted:
                    return version
        return ""

    def _bases(self, parts: list[str]) -> Iterator[tuple[str, list[str]]]:
        """The paths that a module may have, without suffix; those in stub packages first."""
        first, *rest = parts
        for folder in self._folders:
            yield str(folder), [f"{first}-stubs", *rest]
        if first in self._packages:
            place = self._packages[first]
            yield str(place.with_suffix("") if place.suffix == ".py" else place), rest
        for folder in self._folders:
            yield str(folder), parts

    def _in(self, base: str, name: str) -> Place | None:
        inside = self._listing(base)
        for suffix in _SUFFIXES:
            if f"__init__{suffix}" in inside:
                return Place(name, Path(base, f"__init__{suffix}"), package=True)
            if self._has(base + suffix):
                return Place(name, Path(base + suffix), package=False)
        return None

    def _has(self, path: str) -> bool:
        folder, _, last = path.rpartition(os.sep)
        return last in self._listing(folder)

    def _listing(self, folder: str) -> frozenset[str]:
        found = self._listed.get(folder)
        if found is None:
            try:
                found = frozenset(entry.name for entry in os.scandir(folder))
            except (OSError, ValueError):
                found = frozenset()
            self._listed[folder] = found
        return found


def _normal(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")
