"""Queues messages that have arrived until their turn.

pygls handles a message as soon as it is read, so that it sees a request's cancellation only after answering it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
_CANCEL = "$/cancelRequest"
# Rounds of the event loop until what a socket or the thread at standard input holds is in the inbox.
_ROUNDS = 3


class Inbox:
    """Passes messages on in order; a request that is cancelled while it is queued is not handled.

    ``deliver`` handles a message and never raises; ``cancelled`` answers the request with an ID.
    """

    def __init__(self, deliver: Callable[[Message], None], cancelled: Callable[[Any], None]) -> None:
        self._deliver = deliver
        self._cancelled = cancelled
        self._waiting: deque[Message] = deque()
        self._work: asyncio.Task[None] | None = None

    def put(self, message: Message) -> None:
        if message.get("method") == _CANCEL and self._drop(message):
            return
        self._waiting.append(message)
        if self._work is None or self._work.done():
            self._work = asyncio.get_running_loop().create_task(self._deliver_all(), name="deliver messages")

    async def emptied(self) -> None:
        """Wait until all queued messages have been delivered."""
        if self._work is not None:
            await asyncio.wait([self._work])

    def _drop(self, cancellation: Message) -> bool:
        """Is the cancelled request still queued?  If so, it is answered and removed."""
        params = cancellation.get("params")
        identifier = params.get("id") if isinstance(params, dict) else None
        for message in self._waiting:
            if identifier is not None and "method" in message and message.get("id") == identifier:
                self._waiting.remove(message)
                self._cancelled(identifier)
                return True
        return False

    async def _deliver_all(self) -> None:
        while self._waiting:
            for _ in range(_ROUNDS if "id" in self._waiting[0] else 1):
                await asyncio.sleep(0)
            if self._waiting:
                self._deliver(self._waiting.popleft())
