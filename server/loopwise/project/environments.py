"""The libraries of each root, by its environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from loopwise.semantics.libraries import Libraries, Reader, find_environment
from loopwise.settings import Settings


class Environments:
    """Roots with the same environment share its libraries.

    ``ahead``: are libraries read by somebody else, ahead of time, so that nobody waits for the disk here?
    """

    def __init__(self, *, ahead: bool, environ: Mapping[str, str] | None = None) -> None:
        self._ahead = ahead
        self._environ = environ
        self._libraries: dict[Path | None, Libraries] = {}

    def libraries(self, folder: Path, settings: Settings) -> Libraries:
        """The libraries of a root; looked at anew where packages came or went."""
        environ = os.environ if self._environ is None else self._environ
        home = find_environment(folder, settings.environment, environ)
        known = self._libraries.get(home)
        if known is None or known.has_changed():
            known = self._libraries[home] = Libraries(home, None if self._ahead else Reader(home))
        return known

    def all(self) -> Iterable[Libraries]:
        """The libraries of all environments in use."""
        return tuple(self._libraries.values())
