"""The client's settings: asked for, pushed or given in ``initialize``, and late ones."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loopwise.lsp import register

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_PATIENCE = 1.0  # seconds for the client to say its settings


class ClientSettings:
    """Settings of one session's client; ``options`` are those of ``initialize``."""

    def __init__(self, session: Session, options: object) -> None:
        self.session = session
        self.known = asyncio.Event()
        """Set once the client's settings hold, or those of ``initialize`` in their place."""
        self._options = _section(options)
        self._asked = self._answered = 0
        """How often the client was asked, and which question it answered last."""
        session.state.configure({None: self._options})

    async def take(self, pushed: object) -> None:
        """Take the settings: pulled for each folder where the client can, else as pushed with the notification.

        For a client that does not answer in time those of ``initialize`` hold until it does.
        """
        self._asked += 1
        asked = self.session.start(self._pull(self._asked, pushed), "ask for settings")
        await asyncio.wait([asked], timeout=_PATIENCE)
        if not self.known.is_set():
            self._hold({None: self._options})

    async def _pull(self, number: int, pushed: object) -> None:
        session = self.session
        settings = await register.pull_settings(session.server, session.client, session.state.folders)
        if number < self._answered:
            return  # a later question was answered first
        self._answered = number
        if settings is None:
            settings = {None: _section(pushed) if pushed is not None else self._options}
        elif settings.get(None) is None:
            settings[None] = self._options
        self._hold(settings)

    def _hold(self, settings: Mapping[Path | None, object]) -> None:
        """From now on these settings hold."""
        self.session.state.configure(settings)
        self.known.set()
        self.session.publisher.check_all()
        self.session.news.tell()
        self.session.problems.show()


def _section(options: object) -> object:
    """Our settings inside what a client sends: bare, or under ``loopwise``."""
    return options["loopwise"] if isinstance(options, dict) and "loopwise" in options else options
