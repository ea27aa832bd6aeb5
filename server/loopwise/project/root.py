"""A folder with its settings, target Python and cards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from loopwise import disk
from loopwise.cards import Catalogue, load
from loopwise.globs import Exclude
from loopwise.problem import Problem
from loopwise.project.environments import Environments
from loopwise.project.excluded import is_excluded
from loopwise.project.members import import_roots
from loopwise.semantics.index import MOST_BESIDE
from loopwise.semantics.libraries import Libraries
from loopwise.semantics.modules import Project, Seen
from loopwise.settings import EDITOR, Layer, Settings, fatal, from_pyproject, merge, nearest_settings, target
from loopwise.versions import Target

# Results for the names of a few thousand modules; each is small.
_MOST_KEPT = 20_000

LayerCheck = Callable[[Layer, str], Iterable[Problem]]
"""Validates the words of a settings layer that only higher layers know, such as the names of rules."""


class Root:
    """A folder with its settings, target Python and cards; the modules that were read are those of all roots."""

    def __init__(
        self,
        folder: Path,
        editor: Layer,
        problems: list[Problem],
        check: LayerCheck,
        environments: Environments,
        seen: Seen,
    ) -> None:
        self.folder = folder
        pyproject = nearest_settings(folder)
        self.base: Path = pyproject.parent if pyproject is not None else folder
        """The folder that patterns in the settings are relative to."""
        layer, slips = from_pyproject(pyproject) if pyproject is not None else ({}, ())
        problems += slips
        self.is_unreadable = any(slip.kind for slip in slips)
        """Is its pyproject.toml half-typed, so that its last readable settings should stay in effect?"""
        problems += [*map(fatal, check(layer, str(pyproject))), *check(editor, EDITOR)]
        self.settings: Settings = merge(layer, editor)
        self.target: Target = target(self.settings, folder)
        if self.target.note:
            problems.append(Problem(str(folder), "", 0, self.target.note))
        self.import_roots: tuple[Path, ...] = import_roots(folder)
        """Folders with other packages of the same workspace."""
        self._problems = problems
        self._environments = environments
        self.libraries: Libraries = environments.libraries(folder, self.settings)
        self.projects: dict[Path, Project] = {}
        self._seen = seen
        self.is_loose = False
        """Is it the folder of a single file, and not known to be a project?"""
        self.derived: dict[object, Any] = {}
        """Caches of other components that depend on the root's settings and files; dropped together with it."""
        if self.settings.pages:
            _ = self.catalogue  # a person's own pages may have slips, which are told at once

    @cached_property
    def catalogue(self) -> Catalogue:
        """The cards: Loopwise's, those of installed packages and of the project; read on first use."""
        found: Catalogue = load(self.settings.pages, entry_points=True)
        self._problems += found.problems
        return found

    def hold(self, before: Root) -> None:
        """Take over the settings of a previous root, read when its pyproject.toml was last valid."""
        self.base, self.settings, self.target = before.base, before.settings, before.target
        self.import_roots = before.import_roots

    @property
    def exclude(self) -> Exclude:
        """The files and folders that the settings exclude."""
        return Exclude(self.settings.exclude, str(self.base))

    @property
    def most_files(self) -> int | None:
        """The limit for a walk of its files; ``None``: that of any project."""
        return MOST_BESIDE if self.is_loose else None

    def leaves_out(self, path: Path) -> bool:
        """Is a file to be skipped unless it is named explicitly?"""
        key = (Exclude, path)
        if key not in self.derived:
            top = self.base if self.folder.is_relative_to(self.base) else self.folder
            self.derived[key] = is_excluded(path, top, self.exclude)
        return bool(self.derived[key])

    def wants(self, path: Path | None) -> bool:
        """Is an open file to be checked?"""
        return path is None or self.settings.check_excluded or not self.leaves_out(path)

    def project(self, folder: Path) -> Project:
        """The modules as seen by a file that is imported from ``folder``."""
        if folder not in self.projects:
            places = dict.fromkeys((folder, self.folder, self.folder / "src", *self.import_roots))
            folders = tuple(place for place in places if disk.is_folder(place))
            self.projects[folder] = Project(folders, self._seen, self.libraries)
        return self.projects[folder]

    def refresh(self) -> None:
        """Look at the disk again, for modules and libraries that were added, removed or changed."""
        self.libraries = self._environments.libraries(self.folder, self.settings)
        for project in self.projects.values():
            project.libraries = self.libraries
            project.refresh()
