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
from loopwise.semantics.libraries import Libraries
from loopwise.semantics.modules import Project, Seen, trim
from loopwise.settings import EDITOR, Layer, Settings, fatal, from_pyproject, merge, nearest_settings, target
from loopwise.versions import Target

# Results for the names of a few thousand modules; each is small.
_MOST_KEPT = 20_000
_MOST_READ = 2 * 1024 * 1024
"""Bytes of the texts of imported modules that are kept from one look at the disk to the next: with trees 80 MB."""

LayerCheck = Callable[[Layer, str], Iterable[Problem]]
"""Judges the words of a layer of settings that only layers above know, such as the names of rules."""


class Root:
    """A folder with its settings, target Python and cards."""

    def __init__(
        self, folder: Path, editor: Layer, problems: list[Problem], check: LayerCheck, environments: Environments
    ) -> None:
        self.folder = folder
        pyproject = nearest_settings(folder)
        self.base: Path = pyproject.parent if pyproject is not None else folder
        """Where the patterns of the settings start."""
        layer, slips = from_pyproject(pyproject) if pyproject is not None else ({}, ())
        problems += slips
        self.is_unreadable = any(slip.kind for slip in slips)
        """Is its pyproject.toml half-typed, so that what it said before should hold?"""
        problems += [*map(fatal, check(layer, str(pyproject))), *check(editor, EDITOR)]
        self.settings: Settings = merge(layer, editor)
        self.target: Target = target(self.settings, folder)
        if self.target.note:
            problems.append(Problem(str(folder), "", 0, self.target.note))
        self.import_roots: tuple[Path, ...] = import_roots(folder)
        """Folders with further packages of the same workspace."""
        self._problems = problems
        self._environments = environments
        self.libraries: Libraries = environments.libraries(folder, self.settings)
        self.projects: dict[Path, Project] = {}
        self._seen: Seen = {}
        self.derived: dict[object, Any] = {}
        """What others compute from the settings and files of this root; dropped together with it."""
        if self.settings.pages:
            _ = self.catalogue  # a person's own pages may have slips, which are told at once

    @cached_property
    def catalogue(self) -> Catalogue:
        """The cards: Loopwise's, those of installed packages and of the project; read when somebody asks."""
        found: Catalogue = load(self.settings.pages, entry_points=True)
        self._problems += found.problems
        return found

    def hold(self, before: Root) -> None:
        """Take the settings of the root as it was when its pyproject.toml could be read."""
        self.base, self.settings, self.target = before.base, before.settings, before.target
        self.import_roots = before.import_roots

    @property
    def exclude(self) -> Exclude:
        """The files and folders that settings leave out."""
        return Exclude(self.settings.exclude, str(self.base))

    def leaves_out(self, path: Path) -> bool:
        """Is a file not to be looked at, unless it is named?"""
        key = (Exclude, path)
        if key not in self.derived:
            top = self.base if self.folder.is_relative_to(self.base) else self.folder
            self.derived[key] = is_excluded(path, top, self.exclude)
        return bool(self.derived[key])

    def wants(self, path: Path | None) -> bool:
        """Is a file that is open in an editor to be checked?"""
        return path is None or self.settings.check_excluded or not self.leaves_out(path)

    def project(self, folder: Path) -> Project:
        """The modules seen by a file that is imported from ``folder``."""
        if folder not in self.projects:
            places = dict.fromkeys((folder, self.folder, self.folder / "src", *self.import_roots))
            folders = tuple(place for place in places if disk.is_folder(place))
            self.projects[folder] = Project(folders, self._seen, self.libraries)
        return self.projects[folder]

    def refresh(self) -> None:
        """Look at the disk again, for modules and libraries that came, went or changed."""
        self.libraries = self._environments.libraries(self.folder, self.settings)
        for project in self.projects.values():
            project.libraries = self.libraries
            project.refresh()
        trim(self._seen, _MOST_READ)
