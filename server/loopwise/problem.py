"""Problems in users' files that they should fix: in a card, a page, a setting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

_log = logging.getLogger(__name__)
_log.propagate = False  # who listens says it where it is seen
_log.addHandler(logging.NullHandler())


class Problem(msgspec.Struct, frozen=True):
    """One problem, reported once; the rest of the file is used regardless."""

    file: str
    """The path as the user knows it, or ``editor settings``."""
    section: str
    """Heading of the card or name of the setting; empty if it concerns the whole file."""
    line: int
    """Counted from 1; 0 if it concerns the whole file."""
    message: str
    """The problem and its remedy."""
    kind: str = ""
    """A key that stays the same while the message changes, as for a half-typed file; empty if there is none."""
    fatal: bool = False
    """Does it make a command exit with code 2?"""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Equal for problems of which a user needs to see only one."""
        return self.file, self.section, self.kind or str(self)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.section}: {self.message}" if self.section else f"{place}: {self.message}"


def tell(problem: Problem) -> None:
    """Report a problem to the current :func:`listen` block, from any thread."""
    _log.warning("%s", problem)


@contextmanager
def listen(heard: Callable[[Problem], None]) -> Iterator[None]:
    """While the block runs, pass each reported problem on once, from any thread.  The innermost block gets it alone."""
    before, _log.handlers = _log.handlers, [Listener(heard)]
    try:
        yield
    finally:
        _log.handlers = before


class Listener(logging.Handler):
    """Passes each problem on once; see :func:`listen`."""

    def __init__(self, heard: Callable[[Problem], None]) -> None:
        super().__init__()
        self._heard = heard
        self._known: set[tuple[str, str, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if isinstance(problem, Problem) and problem.identity not in self._known:
            self._known.add(problem.identity)
            self._heard(problem)
