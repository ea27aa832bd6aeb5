"""The libraries of each root, by its environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from loopwise.semantics.libraries import Libraries, Reader, find_environment
from loopwise.settings import Settings

Ask = Callable[[Libraries], None]


class Environments:
    """Roots with the same environment share its libraries.

    With ``ask``, another process reads them on request, so nothing waits for the disk here.
    """

    def __init__(self, ask: Ask | None = None, environ: Mapping[str, str] | None = None) -> None:
        self._ask = ask
        self._environ = environ
        self._libraries: dict[Path | None, Libraries] = {}

    def libraries(self, folder: Path, settings: Settings) -> Libraries:
        """The libraries of a root, reread if packages were installed or removed."""
        environ = os.environ if self._environ is None else self._environ
        home = find_environment(folder, settings.environment, environ)
        known = self._libraries.get(home)
        if known is None or known.has_changed():
            known = Libraries(home, Reader(home)) if self._ask is None else Libraries(home, ask=self._ask)
            self._libraries[home] = known
        return known
