"""Which modules the analysis of a file asked for, so that it is known when it has to be done again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loopwise.semantics.bindings import File
from loopwise.semantics.modules import Project

_MUCH = 32 * 1024 * 1024  # bytes of other modules' texts that are kept; their trees take ten times as much
_SELDOM = 64  # files between two looks at how much it is


class Recorded(Project):
    """A project that notes which modules it is asked for, found or not."""

    def __init__(self, project: Project, log: list[str]) -> None:
        super().__init__(project.folders, libraries=project.libraries)
        self._log = log
        self._turns = 0

    def load(self, name: str) -> File | None:
        """As any project does."""
        self._log.append(name)
        return super().load(name)

    def known(self, path: Path, name: str, data: bytes) -> File | None:
        """The file as another one has loaded it already, if its text is the same: it need not be parsed again."""
        _, file = self._seen.get((path, name), (None, None))
        return file if file is not None and file.source.data == data else None

    def shed(self) -> None:
        """Forget the modules now and then, if they are many."""
        self._turns += 1
        if self._turns % _SELDOM == 0:
            if sum(len(file.source.data) for _, file in self._seen.values() if file is not None) > _MUCH:
                self._seen.clear()
                self.refresh()


class Kept(dict[tuple[object, ...], Any]):
    """What rules keep of other modules from file to file, with what was asked for to find it out.

    A value is looked for, worked out and put in: what is asked for in between is what it depends on.  Who finds it
    later has asked for the same.
    """

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log
        self._starts: dict[tuple[object, ...], int] = {}
        self._needs: dict[tuple[object, ...], Sequence[str]] = {}

    def __contains__(self, key: object) -> bool:
        found = super().__contains__(key)
        if isinstance(key, tuple):
            if found:
                self._log.extend(self._needs[key])
            else:
                self._starts[key] = len(self._log)
        return found

    def get(self, key: tuple[object, ...], default: Any = None) -> Any:
        """The value, where there is one."""
        return self[key] if self.__contains__(key) else default

    def __setitem__(self, key: tuple[object, ...], value: Any) -> None:
        start = self._starts.pop(key, 0)
        self._needs[key] = tuple(dict.fromkeys(self._log[start:]))
        super().__setitem__(key, value)

    def begin(self) -> None:
        """Another file begins."""
        self._log.clear()
        self._starts.clear()
