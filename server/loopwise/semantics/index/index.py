"""The project index: names in the workspace's other modules for ``await``, ``async with`` and ``async for``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import msgspec

from loopwise import disk
from loopwise.globs import Exclude
from loopwise.semantics.index.entries import Entry, coroutine_functions, entries_of, imported_modules, roots_of
from loopwise.semantics.index.project_names import ProjectNames, Subclass, joined, subclasses
from loopwise.semantics.index.walk import LARGEST, Found, files_below, module_of

if TYPE_CHECKING:
    import asyncio

# Seconds that one step in a thread takes, and the file on top that it is at.  A thread that computes holds the
# interpreter's lock for 5 ms while the loop waits for it; when the step ends the loop has it at once.
_STEP = 0.001  # seconds of work before others have their turn
_NOTHING = Exclude()


class Index:
    """The entries of one workspace folder.  Used on the event loop's thread, where nothing it does blocks.

    ``most`` limits the files that a walk reads; ``None``: the limit of any project.
    ``complete`` says whether a walk has finished; before that, ``entries()`` returns the results so far.
    """

    def __init__(self, folder: Path, exclude: Exclude = _NOTHING, most: int | None = None) -> None:
        self.folder = folder
        self.exclude = exclude
        self.most = most
        self.complete = False
        self._saved: dict[str, _Module] = {}
        self._opened: dict[str, _Opened] = {}
        self._from_saved: tuple[Entry, ...] | None = None  # without those of open documents
        self._names: ProjectNames | None = None  # likewise
        self._walking: asyncio.Lock | None = None

    def entries(self, besides: Path | None = None) -> Sequence[Entry]:
        """All entries known now except those of the file ``besides``; open documents count as in the editor."""
        if self._from_saved is None:
            saved = (module.entries for path, module in self._saved.items() if path not in self._opened)
            self._from_saved = tuple(chain.from_iterable(saved))
        left_out = str(besides) if besides is not None else None
        opened = [document.entries() for path, document in self._opened.items() if path != left_out]
        found = (*self._from_saved, *chain.from_iterable(opened))
        if left_out not in self._saved or left_out in self._opened:
            return found
        return tuple(entry for entry in found if entry.path != left_out)

    def names(self) -> ProjectNames | None:
        """The names of all functions that return an awaitable; ``None`` before the first walk has finished."""
        if not self.complete:
            return None
        if self._names is None:
            saved = [module for path, module in self._saved.items() if path not in self._opened]
            self._names = joined((m.coroutines for m in saved), chain.from_iterable(m.classes for m in saved))
        opened = self._opened.values()
        coroutines = (self._names.coroutines, *(document.coroutines() for document in opened))
        fresh = joined(coroutines, chain.from_iterable(document.classes() for document in opened))
        return ProjectNames(fresh.coroutines, self._names.overrides | fresh.overrides)

    def roots(self) -> frozenset[str]:
        """The top-level packages that the saved files import."""
        return frozenset().union(*(module.roots for module in self._saved.values()))

    def paths(self) -> tuple[str, ...]:
        """The paths of the files seen by the last walk."""
        return tuple(self._saved)

    def update(self, path: Path, source: bytes) -> None:
        """Set the text (UTF-8) of an open document; it is scanned when entries are next asked for."""
        key = str(path)
        known = self._opened.get(key)
        if known is None:
            self._forget()
        module = known.module if known is not None else module_of(path, self.folder, self.exclude)
        self._opened[key] = _Opened(key, module, source)

    def close(self, path: Path) -> None:
        """Forget an open document: its file counts as the last walk saw it."""
        if self._opened.pop(str(path), None) is not None:
            self._forget()

    async def refresh(self) -> None:
        """Look for new, removed and changed files, in short steps in a thread.  A second call waits for the first."""
        import asyncio  # Costs 30 ms, and `loopwise check` needs none of it.

        self._walking = self._walking or asyncio.Lock()
        async with self._walking:
            walk = files_below(self.folder, self.exclude, self.most)
            seen: set[str] = set()
            while True:
                modules = await asyncio.to_thread(_step, walk, self._saved)
                if modules is None:
                    break
                seen.update(module.path for module in modules)
                self._keep(modules)
            for path in self._saved.keys() - seen:
                del self._saved[path]
                self._forget()
            self.complete = True

    def _forget(self) -> None:
        self._from_saved = self._names = None

    def _keep(self, modules: Sequence[_Module]) -> None:
        for module in modules:
            if self._saved.get(module.path) is module:
                continue
            self._saved[module.path] = module
            self._forget()
            document = self._opened.get(module.path)
            if document is not None and document.module != module.module:  # an __init__.py came or went
                self._opened[module.path] = _Opened(module.path, module.module, document.source)


class _Module(msgspec.Struct, frozen=True, gc=False):
    """A saved file as of one stamp: modification time (ns) and size (bytes)."""

    path: str
    module: str
    stamp: tuple[int, int]
    entries: tuple[Entry, ...]
    coroutines: frozenset[str] = frozenset()
    classes: tuple[Subclass, ...] = ()
    roots: frozenset[str] = frozenset()
    """The top-level packages that it imports."""


class _Opened:
    """A text in an editor; ``module`` is ``None`` if the file does not belong to the index."""

    def __init__(self, path: str, module: str | None, source: bytes) -> None:
        self.path = path
        self.module = module
        self.source = source
        self._entries: tuple[Entry, ...] | None = None
        self._coroutines: frozenset[str] | None = None
        self._classes: tuple[Subclass, ...] | None = None

    def entries(self) -> tuple[Entry, ...]:
        if self._entries is None:
            wanted = self.module is not None and len(self.source) <= LARGEST
            self._entries = entries_of(self.source, self.module or "", self.path) if wanted else ()
        return self._entries

    def coroutines(self) -> frozenset[str]:
        if self._coroutines is None:
            self._coroutines = coroutine_functions(self.source)
        return self._coroutines

    def classes(self) -> tuple[Subclass, ...]:
        if self._classes is None:
            self._classes = subclasses(self.source)
        return self._classes


def _step(walk: Iterator[Found | None], saved: Mapping[str, _Module]) -> list[_Module] | None:
    """The next modules of a walk, unchanged ones taken from ``saved``; ``None`` at its end."""
    modules: list[_Module] = []
    end = perf_counter() + _STEP
    for found in walk:
        if found is not None:
            known = saved.get(found.path)
            same = known is not None and (known.stamp, known.module) == (found.stamp, found.module)
            modules.append(known if known is not None and same else _read(found))
        if perf_counter() > end:
            return modules
    return modules or None


def _read(found: Found) -> _Module:
    """Read a file's module; one that cannot be read has no entries until it changes."""
    source = disk.data(found.path, LARGEST) or b""
    if not found.module:
        return _Module(found.path, "", found.stamp, ())
    entries = entries_of(source, found.module, found.path)
    roots = roots_of(imported_modules(source))
    names = coroutine_functions(source), subclasses(source), roots
    return _Module(found.path, found.module, found.stamp, entries, *names)
