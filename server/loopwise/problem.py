"""What a person should fix in a file of theirs: a card, a page, a setting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

_log = logging.getLogger(__name__)
_log.propagate = False  # who listens says it where it is seen
_log.addHandler(logging.NullHandler())


class Problem(msgspec.Struct, frozen=True):
    """One complaint, reported once; whatever else is in the file is used all the same."""

    file: str
    """Path as the person knows it, or ``editor settings``."""
    section: str
    """Heading of the card or name of the setting; empty when it is about the whole file."""
    line: int
    """Counted from 1; 0 when it is about the whole file."""
    message: str
    """What is wrong and what to do about it."""
    kind: str = ""
    """What stays the same while the message changes, as that of a file that is half-typed; empty if nothing does."""
    fatal: bool = False
    """Does a command end with exit code 2 for it?"""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Equal for complaints of which a person needs to see one."""
        return self.file, self.section, self.kind or str(self)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.section}: {self.message}" if self.section else f"{place}: {self.message}"


def tell(problem: Problem) -> None:
    """Report a problem to those who :func:`listen`, from wherever it is noticed."""
    _log.warning("%s", problem)


@contextmanager
def listen(heard: Callable[[Problem], None]) -> Iterator[None]:
    """While the block runs, hand on each problem that is told, once, from any thread.  The innermost listens alone."""
    before, _log.handlers = _log.handlers, [Listener(heard)]
    try:
        yield
    finally:
        _log.handlers = before


class Listener(logging.Handler):
    """Hands on each problem once; see :func:`listen`."""

    def __init__(self, heard: Callable[[Problem], None]) -> None:
        super().__init__()
        self._heard = heard
        self._known: set[tuple[str, str, str]] = set()

    def emit(self, record: logging.LogRecord) -> None:
        problem = record.args[0] if isinstance(record.args, tuple) and record.args else None
        if isinstance(problem, Problem) and problem.identity not in self._known:
            self._known.add(problem.identity)
            self._heard(problem)
