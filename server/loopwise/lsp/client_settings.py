"""The client's settings: requested, pushed or passed in ``initialize``, possibly late."""

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
    """The settings of one session's client; ``options`` are those of ``initialize``."""

    def __init__(self, session: Session, options: object) -> None:
        self.session = session
        self.known = asyncio.Event()
        """Set once the client's settings are in effect, or those of ``initialize`` instead."""
        self._options = _section(options)
        self._asked = self._answered = 0
        """The number of requests for settings, and the latest one that was answered."""
        session.state.configure({None: self._options})

    async def take(self, pushed: object) -> None:
        """Apply the settings: requested for each folder if the client supports it, else as pushed in the notification.

        If the client does not answer in time, those of ``initialize`` are in effect until it does.
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
        """Put these settings into effect."""
        self.session.state.configure(settings)
        self.known.set()
        self.session.publisher.check_all()
        self.session.news.tell()
        self.session.problems.show()


def _section(options: object) -> object:
    """Our settings in what a client sends: at top level, or under ``loopwise``."""
    return options["loopwise"] if isinstance(options, dict) and "loopwise" in options else options
