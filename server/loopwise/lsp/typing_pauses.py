"""The work on a text that waits until its user types no further."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_PARSE_AFTER = 0.015  # seconds after a keystroke
_SETTLE_AFTER = 0.5  # seconds after the last keystroke


class Typing:
    """The timers of the texts in which something was typed, by URI."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def typed(self, uri: str) -> None:
        """Parse a text soon, and check it once typing pauses."""
        self.forget(uri)
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(_SETTLE_AFTER, self._settle, uri)
        # What was asked with the key goes first; the next key then finds a tree that is only one edit old.
        loop.call_later(_PARSE_AFTER, self._parse, uri)

    def forget(self, uri: str) -> None:
        timer = self._timers.pop(uri, None)
        if timer is not None:
            timer.cancel()

    def end(self) -> None:
        for timer in self._timers.values():
            timer.cancel()

    def _parse(self, uri: str) -> None:
        document = self.session.state.documents.get(uri)
        if document is not None:
            _ = document.tree

    def _settle(self, uri: str) -> None:
        """Parse a text with errors from scratch, and check it."""
        self._timers.pop(uri, None)
        document = self.session.state.documents.get(uri)
        if document is not None:
            settled = document.settled()
            if settled is not document:
                self.session.state.change(settled)
            self.session.publisher.check(uri)
            self.session.publisher.check_others(uri)
