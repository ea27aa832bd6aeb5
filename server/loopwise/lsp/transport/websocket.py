"""Serves one client over a WebSocket of this machine.

pygls would accept any client: a web page in a browser may connect to this machine too, and a second client would
receive the first one's answers.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from pygls.io_ import run_websocket
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Origin

from loopwise.lsp.transport.reading import until_stopped
from loopwise.lsp.transport.steps import run

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)


def listen(server: Server, host: str, port: int, origins: Sequence[str]) -> None:
    """Serve the first client that connects, until it disconnects.

    Clients other than browsers may connect, and pages of ``origins`` (``http://localhost:3000``).  Raises ``OSError``
    if the port is taken.
    """
    logging.getLogger("websockets.server").addFilter(_is_about_clients)
    with suppress(asyncio.CancelledError):
        run(_listen(server, host, port, [None, *map(Origin, origins)]))


def _is_about_clients(record: logging.LogRecord) -> bool:
    """A port scan is not a client, but on Python 3.10 websockets logs a traceback for it."""
    return record.getMessage() != "opening handshake failed"


async def _listen(server: Server, host: str, port: int, origins: Sequence[Origin | None]) -> None:
    taken, done, stop = False, asyncio.Event(), threading.Event()

    async def connected(link: ServerConnection) -> None:
        nonlocal taken
        if taken:
            await link.close(1013, "another client is connected")  # 1013: try again later
            return
        taken = True
        try:
            reading = run_websocket(link, stop, server.protocol, _log, server.report_server_error)
            await until_stopped(server, reading)
        finally:
            done.set()

    # A file comes as one message, however large it is.
    async with serve(connected, host, port, origins=origins, max_size=None):
        await done.wait()
