"""The findings of one open document, and the work on them that is under way."""

from __future__ import annotations

import asyncio

from lsprotocol import types

from loopwise.diagnosis.live import Checked
from loopwise.text import Region


class DocumentFindings:
    """The state of one open document."""

    def __init__(self) -> None:
        self.checked: Checked | None = None
        self.is_remembered = False
        """Are the findings those of an earlier session?"""
        self.region: Region | None = None
        """The region typed since then."""
        self.soon: asyncio.Handle | None = None
        self.whole: asyncio.Task[None] | None = None
        self.sent: tuple[int, object] = (-1, ())
        self.shown: dict[str, types.PublishDiagnosticsParams] = {}
        """By text, the diagnostics last sent to the client."""

    def stop(self) -> None:
        """Stop all work in progress."""
        if self.whole is not None:
            self.whole.cancel()
        if self.soon is not None:
            self.soon.cancel()
        self.whole = self.soon = None
