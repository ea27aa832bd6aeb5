"""Serves one client over standard input and output.

pygls reads each line of a message in a thread pool, so it knows only the next line of what has arrived.  Here a thread
reads everything available into a stream, as from a socket.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from pygls.io_ import StdoutWriter, run_async

from loopwise.lsp.transport.reading import until_stopped
from loopwise.lsp.transport.steps import run

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)
_CHUNK = 65_536  # bytes: what a pipe of Linux holds


class _Writer(StdoutWriter):
    """Standard output; once its reader is gone, so is the client, and further output is discarded."""

    def __init__(self, stdout: BinaryIO, gone: asyncio.Event) -> None:
        super().__init__(stdout)
        self._gone = gone

    def write(self, data: bytes) -> None:
        if self._gone.is_set():
            return
        try:
            super().write(data)
        except (OSError, ValueError) as error:
            _log.warning("the client no longer reads: %s", error)
            self._gone.set()


def listen(server: Server) -> None:
    """Serve the client at the other end of standard input and output, until it goes or says ``exit``."""
    run(_listen(server))


async def _listen(server: Server) -> None:
    stream, loop = asyncio.StreamReader(), asyncio.get_running_loop()
    # A daemon: a read that waits cannot be interrupted, and would keep the process.
    threading.Thread(target=_feed, args=(loop, stream), name="standard input", daemon=True).start()
    server.protocol.set_writer(_Writer(sys.stdout.buffer, server.stopped))
    stop = threading.Event()
    await until_stopped(server, run_async(stop, stream, server.protocol, _log, server.report_server_error))


def _feed(loop: asyncio.AbstractEventLoop, stream: asyncio.StreamReader) -> None:
    with suppress(RuntimeError):  # the loop is closed: the server has ended
        while data := _read():
            loop.call_soon_threadsafe(stream.feed_data, data)
        loop.call_soon_threadsafe(stream.feed_eof)


def _read() -> bytes:
    """The available input; empty at its end."""
    try:
        return os.read(sys.stdin.fileno(), _CHUNK)
    except (OSError, ValueError):
        return b""
