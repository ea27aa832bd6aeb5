"""The state behind the adapters: open documents, roots, and settings.  Features do not see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from loopwise import disk
from loopwise.cards import load_api
from loopwise.memo import Memo
from loopwise.problem import Problem
from loopwise.project.document import Document
from loopwise.project.environments import Ask, Environments
from loopwise.project.root import LayerCheck, Root
from loopwise.project.view import View
from loopwise.semantics.bindings import File
from loopwise.semantics.index import Index, ProjectNames
from loopwise.semantics.infer import Evaluator, StubValues
from loopwise.semantics.modules import Project, Seen, rest, shed_stubs, trim
from loopwise.settings import (
    Layer,
    from_editor,
    is_project,
    nearest_pyproject,
    rooted,
)
from loopwise.versions import Version

# Results for the names of a few thousand modules; each is small.
_MOST_KEPT = 20_000
_MOST_READ = 1_000_000
"""Limit in bytes for texts of imported modules kept between looks at the disk: with their trees 25 MB."""
_MOST_RESTING = 500_000
"""Likewise, while no document is open."""
_MOST_ROOTS = 20
"""Above it, the roots without an open file are forgotten: outside of a workspace, each folder is a root."""
_MOST_STUBS = 700_000
"""Limit in bytes for texts of the standard library's stubs while no document is open: asyncio needs 400 KB of them."""


class Workspace:
    """Open documents and roots.  All methods run on the event loop's thread; none blocks.

    ``problems`` collects problems in settings and cards; the code that shows them empties the list. ``check`` adds
    those about words that are not known here.  ``ask``: see :class:`Environments`. ``memo`` caches results that depend
    on other modules; it is cleared when one of them may have changed. ``loose`` are those of ``folders`` that only hold
    a file in question, and are not known to be projects.
    """

    def __init__(
        self,
        folders: Iterable[Path] = (),
        check: LayerCheck = lambda *_: (),
        memo: Memo | None = None,
        ask: Ask | None = None,
        loose: Iterable[Path] = (),
    ) -> None:
        self.folders = list(folders)
        self._loose = frozenset(loose)
        self.environments = Environments(ask)
        self._check = check
        self.documents: dict[str, Document] = {}
        self.problems: list[Problem] = []
        self._editor: Mapping[Path | None, Layer] = {}
        self._seen: Seen = {}
        self._roots: dict[Path, Root] = {}
        self._good: dict[Path, Root] = {}
        """The roots as they were when their settings were last valid."""
        self._folders: dict[Path | None, Path] = {}
        self._opened: dict[str, File] = {}
        self._evaluators: dict[int, Evaluator] = {}
        self._indexes: dict[Path, Index] = {}
        self._stubs: dict[Version, StubValues] = {}
        self._per_version = memo if memo is not None else Memo(_MOST_KEPT)
        self._typed_in: str | None = None

    # Documents

    def open(self, document: Document) -> None:
        """Add a document, and look at the disk again."""
        self.documents[document.uri] = document
        self._changed(document)
        self.refresh()

    def change(self, document: Document) -> None:
        """Replace a document by its next version."""
        self.documents[document.uri] = document
        self._changed(document)

    def close(self, uri: str) -> None:
        document = self.documents.pop(uri, None)
        if document is not None and document.path is not None and document.module is not None:
            self._opened.pop(disk.real(document.path), None)
            self.index(document.path).close(document.path)
        self.refresh()

    def stand_in(self, file: File | None) -> None:
        """Use this file's text instead of the one on disk, and no other's; the index is not updated."""
        self._opened = {file.key: file} if file is not None else {}
        self._evaluators.clear()

    def _changed(self, document: Document) -> None:
        if document.path is not None and document.module is not None:
            self._opened[disk.real(document.path)] = document.file
            self.index(document.path).update(document.path, document.source.data)
            for root in self._roots.values():
                for project in root.projects.values():
                    project.forget(document.file.name)
        self._evaluators.clear()
        if document.uri != self._typed_in:
            self._per_version.clear()
            self._typed_in = document.uri

    def refresh(self) -> None:
        """Look at the disk again, for modules that were added, removed or changed."""
        self._drop_roots()
        for root in self._roots.values():
            root.refresh()
        if not self.documents and shed_stubs(_MOST_STUBS):
            self._stubs.clear()
        trim(self._seen, _MOST_READ if self.documents else _MOST_RESTING)
        rest(self._seen)
        for document in self.documents.values():
            document.file.rest()
        self._evaluators.clear()
        self._per_version.clear()

    def _drop_roots(self) -> None:
        """Forget the roots of closed files, each of which would be looked at whenever a file is opened."""
        if len(self._roots) <= _MOST_ROOTS:
            return
        used = {self._folders.get(document.path) for document in self.documents.values()} | set(self.folders)
        for folder in self._roots.keys() - used:
            for known in (self._roots, self._good, self._indexes):
                known.pop(folder, None)

    def learned(self) -> None:
        """Drop results that may depend on libraries, because more is known about them now."""
        for stubs in self._stubs.values():
            stubs.forget_libraries()
        for root in self._roots.values():
            for project in root.projects.values():
                project.refresh()
        self._evaluators.clear()
        self._per_version.clear()

    # Roots and settings

    def configure(self, settings: Mapping[Path | None, object]) -> None:
        """Set the editor's settings, per folder and (under ``None``) for all, and reread what depends on them."""
        layers = {}
        for folder, mapping in settings.items():
            layers[folder], slips = from_editor(mapping, folder)
            self.problems += slips
        self._editor = layers
        self.reload()

    def reload(self) -> None:
        """Reread settings and cards: to be called when a pyproject.toml or a page has changed."""
        self._roots.clear()
        self._folders.clear()
        self._evaluators.clear()
        self._per_version.clear()

    def root(self, path: Path | None) -> Root:
        """The root of a file: the innermost workspace folder around it, else the folder of its pyproject.toml."""
        folder = self._folders.get(path)
        if folder is None:
            folder = self._folders[path] = self._folder(path)
        if folder not in self._roots:
            around = self._workspace_folder(folder) or folder
            editor = {**rooted(self._editor.get(None, {}), around), **self._editor.get(folder, {})}
            made = Root(folder, editor, self.problems, self._check, self.environments, self._seen)
            made.is_loose = folder in self._loose or (self._workspace_folder(folder) is None and not is_project(folder))
            self._roots[folder] = made
            if not made.is_unreadable:
                self._good[folder] = made
            elif folder in self._good:
                made.hold(self._good[folder])
        return self._roots[folder]

    def _folder(self, path: Path | None) -> Path:
        if path is None:
            return self.folders[0] if self.folders else Path.cwd()
        around = self._workspace_folder(path)
        start = path if disk.is_folder(path) else path.parent
        inner = nearest_pyproject(start, around)
        if inner is not None:
            return inner.parent
        return around or start

    def _workspace_folder(self, path: Path) -> Path | None:
        """The innermost workspace folder of the editor that contains a path."""
        around = [folder for folder in self.folders if path.is_relative_to(folder)]
        return max(around, key=lambda folder: len(folder.parts)) if around else None

    # Views

    def view(self, document: Document) -> View:
        """The view of a document for a request."""
        root = self.root(document.path)
        project = root.project(document.folder or root.folder)
        project.opened = self._opened
        evaluator = self._evaluator(project, root.target.ceiling)
        index = self.index(document.path)
        known = load_api(), root.target, root.settings, index, root.libraries
        return View(document.file, evaluator, lambda: root.catalogue, *known)

    def index(self, path: Path | None) -> Index:
        """The index of the folder that a file belongs to; the caller, who runs the event loop, refreshes it."""
        root = self.root(path)
        index = self._indexes.get(root.folder)
        if index is None or index.exclude != root.exclude:
            index = self._indexes[root.folder] = Index(root.folder, root.exclude, root.most_files)
            for document in self.documents.values():
                if document.path is not None and document.module is not None and self.root(document.path) is root:
                    index.update(document.path, document.source.data)
        return index

    def project_names(self, path: Path | None) -> ProjectNames | None:
        """The names of functions that return an awaitable, in a file's project and the packages beside it.

        None before the folders have been walked.
        """
        found = [index.names() for index in (self.index(path), *self._beside(path))]
        there = [names for names in found if names is not None]
        if len(there) < len(found):
            return None
        coroutines, overrides = (one.coroutines for one in there), (one.overrides for one in there)
        return ProjectNames(frozenset().union(*coroutines), frozenset().union(*overrides))

    def _beside(self, path: Path | None) -> Iterator[Index]:
        own = self.root(path)
        for folder in dict.fromkeys(self.root(each).folder for each in own.import_roots):
            if folder != own.folder:
                yield self.index(folder / "_.py")

    def indexes(self) -> tuple[Index, ...]:
        """All existing indexes."""
        return tuple(self._indexes.values())

    def _evaluator(self, project: Project, version: Version) -> Evaluator:
        key = id(project)
        if key not in self._evaluators:
            stubs = self._stubs.setdefault(version, StubValues())
            self._evaluators[key] = Evaluator(project, version, stubs=stubs, per_version=self._per_version)
        return self._evaluators[key]
