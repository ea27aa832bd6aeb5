"""The end of a connection, shared by all transports."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loopwise.lsp.server import Server


async def until_stopped(server: Server, reading: Coroutine[Any, Any, None]) -> None:
    """Read until the client disconnects or sends ``exit``, then handle the messages that have arrived."""
    read = asyncio.create_task(reading, name="read messages")
    stopped = asyncio.create_task(server.stopped.wait(), name="wait for exit")
    await asyncio.wait([read, stopped], return_when=asyncio.FIRST_COMPLETED)
    if not stopped.done():
        await server.protocol.inbox.emptied()
    for task in (read, stopped):
        task.cancel()
    await asyncio.wait([read, stopped])
