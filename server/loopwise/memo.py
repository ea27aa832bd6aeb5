"""Results that are computed once and kept while their inputs stay the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


def _always(_: object) -> bool:
    return True


class Memo:
    """A store of results; its owner says with its name how long they last, and clears or drops it then.

    With ``most`` it is emptied when so many results are in it.
    """

    def __init__(self, most: int | None = None) -> None:
        self._found: dict[Hashable, Any] = {}
        self._most = most

    def get(self, key: Hashable, make: Callable[[], T], keep: Callable[[T], bool] = _always) -> T:
        """What is stored under ``key``; if nothing is, what ``make`` returns, stored if ``keep`` says so of it."""
        if key in self._found:
            found: T = self._found[key]
            return found
        made = make()
        if keep(made):
            if self._most is not None and len(self._found) >= self._most:
                self._found.clear()
            self._found[key] = made
        return made

    def clear(self) -> None:
        """Forget everything."""
        self._found.clear()
