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
        self._in_batch = False

    def ask(self, libraries: Libraries) -> None:
        """Read what was requested from an environment."""
        self._asking.add(libraries)
        if self._reading is None or self._reading.done():
            self._reading = self.session.start(self._read(), "read libraries")

    @property
    def is_waited_for(self) -> bool:
        """Is something asked for that is not known yet?"""
        return self._in_batch or any(libraries.is_wanting() for libraries in self._asking)

    async def _read(self) -> None:
        while self._asking:
            await asyncio.sleep(_AFTER)
            asking, self._asking = self._asking, set()
            for libraries in asking:
                batch = libraries.wanted()
                if batch is not None:
                    await self._read_batch(libraries, batch)
                    self.session.state.learned()
                    self.session.publisher.check_all()
                    self.session.news.tell()

    async def _read_batch(self, libraries: Libraries, batch: Batch) -> None:
        self._in_batch = True
        try:
            await self._take(libraries, batch)
        finally:
            self._in_batch = False

    async def _take(self, libraries: Libraries, batch: Batch) -> None:
        packages, modules = set(batch.packages), set(batch.modules)
        async for answer in self._background.read(libraries.home, batch):
            libraries.take(answer.packages, answer.summaries)
            packages -= {package.name for package in answer.packages}
            modules -= {name for name, _ in answer.summaries}
        libraries.give_up(packages, modules)
