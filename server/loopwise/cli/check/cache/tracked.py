"""Which modules the analysis of a file asked for, so that it is known when it has to be done again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from loopwise.memo import Memo
from loopwise.semantics.bindings import File
from loopwise.semantics.modules import Project

T = TypeVar("T")
_MUCH = 32 * 1024 * 1024  # bytes of other modules' texts that are kept; their trees take ten times as much
_SELDOM = 64  # files between two looks at how much it is


class TrackedProject(Project):
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
        file = self.seen(path, name)
        return file if file is not None and file.source.data == data else None

    def shed_at_times(self) -> None:
        """Forget the modules now and then, if they are many."""
        self._turns += 1
        if self._turns % _SELDOM == 0:
            self.shed_over(_MUCH)


class TrackedMemo(Memo):
    """What rules keep of other modules from file to file, with what was asked for to work it out.

    Who finds a result later has asked for the same as who worked it out.
    """

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self._log = log
        self._needs: dict[Hashable, tuple[str, ...]] = {}

    def get(self, key: Hashable, make: Callable[[], T], keep: Callable[[T], bool] = lambda _: True) -> T:
        """As any memo does; the log takes up what the result depends on."""
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
