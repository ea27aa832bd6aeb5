"""Tracks the modules that a file's analysis asks for, so that it can be repeated when one of them changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from loopwise.memo import Memo
from loopwise.semantics.bindings import File
from loopwise.semantics.modules import Project, Seen

T = TypeVar("T")


class TrackedProject(Project):
    """A project that records the modules it is asked for, found or not."""

    def __init__(self, project: Project, seen: Seen, log: list[str]) -> None:
        super().__init__(project.folders, seen, project.libraries)
        self._log = log

    def load(self, name: str) -> File | None:
        """Load a module like any project, and record it."""
        self._log.append(name)
        return super().load(name)

    def known(self, path: Path, name: str, data: bytes) -> File | None:
        """A file that another root has already loaded, if its text is the same, so that it is not parsed again."""
        file = self.seen(path, name)
        return file if file is not None and file.source.data == data else None


class TrackedMemo(Memo):
    """Caches rules' results about other modules across files, each with the modules that were asked for to compute it.

    A later user of a result is recorded as having asked for the same modules.
    """

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log
        self._needs: dict[Hashable, tuple[str, ...]] = {}

    def get(self, key: Hashable, make: Callable[[], T], keep: Callable[[T], bool] = lambda _: True) -> T:
        """Like any memo; the log also records what the result depends on."""
        if key in self._needs:
            self._log.extend(self._needs[key])
            return super().get(key, make, keep)
        start = len(self._log)
        found = super().get(key, make, keep)
        if keep(found):
            self._needs[key] = tuple(dict.fromkeys(self._log[start:]))
        return found

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self._needs.clear()
