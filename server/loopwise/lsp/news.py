"""Notifies requests that are held until something changes."""

from __future__ import annotations

import asyncio


class News:
    """A held request takes ``next`` before it looks, and waits for it if there is nothing to answer."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        self.answered = False
        """Has a request for the workspace's diagnostics been answered?"""

    def tell(self) -> None:
        """Signal that files or settings have changed."""
        self.next.set()
        self.next = asyncio.Event()
