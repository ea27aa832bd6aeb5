"""A cache for results that stay valid while their inputs are unchanged."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


def _always(_: object) -> bool:
    return True


class Memo:
    """A cache; the owner's name for it says how long results are valid, and the owner clears or drops it then.

    With ``most`` it is emptied once it holds that many results.
    """

    def __init__(self, most: int | None = None) -> None:
        self._found: dict[Hashable, Any] = {}
        self._most = most

    def get(self, key: Hashable, make: Callable[[], T], keep: Callable[[T], bool] = _always) -> T:
        """The result cached under ``key``, else that of ``make``, which is cached if ``keep`` returns true for it."""
        if key in self._found:
            found: T = self._found[key]
            return found
        made = make()
        if keep(made):
            self.put(key, made)
        return made

    def known(self, key: Hashable) -> Any:
        """The result stored under ``key``; ``None`` if there is none."""
        return self._found.get(key)

    def put(self, key: Hashable, made: object) -> None:
        """Store a result."""
        if self._most is not None and len(self._found) >= self._most:
            self._found.clear()
        self._found[key] = made

    def clear(self) -> None:
        """Forget everything."""
        self._found.clear()
