"""Serves one client over a TCP port of this machine.

pygls would also accept a second client, which would then receive the first one's answers, and requests that a web page
posts to the port: an HTTP request has a ``Content-Length`` as well.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from pygls.io_ import run_async

from loopwise.lsp.transport.reading import until_stopped
from loopwise.lsp.transport.steps import run

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)
# The two headers of the base protocol; an HTTP request starts with its method.
_HEADERS = (b"content-length:", b"content-type:")


class _Reader:
    """A stream whose first line has already been read."""

    def __init__(self, first: bytes, rest: asyncio.StreamReader) -> None:
        self._first = first
        self._rest = rest

    async def readline(self) -> bytes:
        first, self._first = self._first, b""
        return first or await self._rest.readline()

    async def readexactly(self, n: int) -> bytes:
        return await self._rest.readexactly(n)


def listen(server: Server, host: str, port: int) -> None:
    """Serve the first client that speaks the protocol, until it disconnects; ``OSError`` if the port is taken."""
    with suppress(asyncio.CancelledError):
        run(_listen(server, host, port))


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):  # the other end may be gone
        await writer.wait_closed()


async def _listen(server: Server, host: str, port: int) -> None:
    taken, done, stop = False, asyncio.Event(), threading.Event()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        first = await reader.readline()
        if taken or not first.lower().startswith(_HEADERS):
            await _close(writer)
            return
        taken = True
        server.protocol.set_writer(writer)
        try:
            reading = run_async(stop, _Reader(first, reader), server.protocol, _log, server.report_server_error)
            await until_stopped(server, reading)
        finally:
            done.set()
            await _close(writer)

    async with await asyncio.start_server(connected, host, port):
        await done.wait()
