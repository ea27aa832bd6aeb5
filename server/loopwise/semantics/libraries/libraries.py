"""The libraries that a project's code imports, as far as they have been read."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from loopwise.semantics.bindings import File
from loopwise.semantics.libraries.environment import read_environment
from loopwise.semantics.libraries.packages import Package
from loopwise.semantics.libraries.reader import Reader
from loopwise.semantics.libraries.summary import Summary


class Batch(msgspec.Struct, frozen=True):
    """Names that were asked for and are not known yet: top-level packages, modules."""

    packages: tuple[str, ...]
    modules: tuple[str, ...]


class Libraries:
    """Answers from what it has; with a ``reader`` it reads missing libraries, without one it records the requests.

    ``ask`` is called when a request was recorded.
    """

    def __init__(
        self, home: Path | None, reader: Reader | None = None, ask: Callable[[Libraries], None] = lambda _: None
    ) -> None:
        self.home = home
        self._ask = ask
        self.state = _state(home)
        self._reader = reader
        self._packages: dict[str, Package] = {}
        self._summaries: dict[str, Summary | None] = {}
        self._files: dict[str, File | None] = {}
        self._wanted_packages: dict[str, None] = {}
        self._wanted_modules: dict[str, None] = {}
        self._coroutines: frozenset[str] | None = None

    def load(self, name: str) -> File | None:
        """A module as a stub; ``None`` if there is none, it was not read yet, or nothing in its package is awaited."""
        if name in self._files:
            return self._files[name]
        root = name.partition(".")[0]
        if not self._package(root).coroutines and root in self._packages:
            return None
        if name not in self._summaries:
            if self._reader is None:
                self._wanted_modules[name] = None
                self._ask(self)
                return None
            self._summaries[name] = self._reader.summary(name)
        summary = self._summaries[name]
        if summary is not None:
            self.survey(need.partition(".")[0] for need in summary.needs)
        file = self._files[name] = summary.file() if summary is not None else None
        return file

    def survey(self, roots: Iterable[str]) -> None:
        """Request the packages that code imports, so that the names of their coroutine functions become known."""
        for root in roots:
            if root not in self._packages:
                self._package(root)

    def has_changed(self) -> bool:
        """Were packages installed or removed since the last look?"""
        return self.state != _state(self.home)

    @property
    def coroutines(self) -> frozenset[str]:
        """The names of the coroutine functions in the packages that were asked for."""
        if self._coroutines is None:
            self._coroutines = frozenset().union(*(package.coroutines for package in self._packages.values()))
        return self._coroutines

    def _package(self, root: str) -> Package:
        found = self._packages.get(root)
        if found is not None:
            return found
        if root in sys.stdlib_module_names:
            return self._keep(Package(root))
        if self._reader is None:
            self._wanted_packages[root] = None
            self._ask(self)
            return Package(root)
        return self._keep(self._reader.package(root))

    def _keep(self, package: Package) -> Package:
        self._packages[package.name] = package
        self._coroutines = None
        return package

    def label(self, root: str) -> str:
        """A top-level package and its version: ``aiohttp 3.13.2``."""
        package = self._packages.get(root)
        return f"{root} {package.version}".rstrip() if package is not None else root

    # What is made elsewhere

    def is_wanting(self) -> bool:
        """Was something asked for that is not known?"""
        return bool(self._wanted_packages.keys() - self._packages or self._wanted_modules.keys() - self._summaries)

    def wanted(self) -> Batch | None:
        """The requests since the last call that are still unknown; ``None`` if there are none."""
        packages = tuple(name for name in self._wanted_packages if name not in self._packages)
        modules = tuple(name for name in self._wanted_modules if name not in self._summaries)
        self._wanted_packages, self._wanted_modules = {}, {}
        return Batch(packages, modules) if packages or modules else None

    def take(self, packages: Iterable[Package], summaries: Iterable[tuple[str, Summary | None]]) -> None:
        """Add results; evaluators have to drop theirs."""
        for package in packages:
            self._keep(package)
        for name, summary in summaries:
            if self._summaries.get(name) != summary or name not in self._summaries:
                self._summaries[name] = summary
                self._files.pop(name, None)

    def give_up(self, packages: Iterable[str], modules: Iterable[str]) -> None:
        """Mark what was asked for and did not come as having nothing to know."""
        self.take([Package(name) for name in packages], [(name, None) for name in modules])


def _state(home: Path | None) -> tuple[tuple[str, int], ...]:
    """Modification times (ns) of the folders that packages are imported from."""
    found = []
    for folder in read_environment(home).folders:
        try:
            found.append((str(folder), os.stat(folder).st_mtime_ns))
        except OSError:
            found.append((str(folder), 0))
    return tuple(found)
