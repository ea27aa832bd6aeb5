"""Reads the libraries that code imports in the background, and has documents checked again once they are known."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from loopwise.semantics.libraries import Background, Batch, Libraries

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_AFTER = 0.1  # seconds in which more may be asked for


class Librarian:
    """Reads libraries for one session, one environment at a time."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._background = Background()
        self._asking: set[Libraries] = set()
        self._reading: asyncio.Task[None] | None = None

    def ask(self, libraries: Libraries) -> None:
        """Read what was requested from an environment."""
        self._asking.add(libraries)
        if not self.is_reading:
            self._reading = self.session.start(self._read(), "read libraries")

    @property
    def is_reading(self) -> bool:
        """Is something asked for that is not known yet?"""
        return self._reading is not None and not self._reading.done()

    async def _read(self) -> None:
        while self._asking:
            await asyncio.sleep(_AFTER)
            asking, self._asking = self._asking, set()
            for libraries in asking:
                batch = libraries.wanted()
                if batch is not None:
                    await self._read_batch(libraries, batch)

    async def _read_batch(self, libraries: Libraries, batch: Batch) -> None:
        packages, modules = set(batch.packages), set(batch.modules)
        async for answer in self._background.read(libraries.home, batch):
            libraries.take(answer.packages, answer.summaries)
            packages -= {package.name for package in answer.packages}
            modules -= {name for name, _ in answer.summaries}
        libraries.give_up(packages, modules)
        self.session.state.learned()
        self.session.publisher.check_all()
        self.session.news.tell()
