"""Word of changes, for requests that are held until there is one."""

from __future__ import annotations

import asyncio


class News:
    """Who holds a request takes ``next`` before looking, and waits for it if there was nothing to answer."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        self.answered = False
        """Was a request for the workspace's diagnostics?"""

    def tell(self) -> None:
        """Files or settings have changed."""
        self.next.set()
        self.next = asyncio.Event()
