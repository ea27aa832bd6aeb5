"""The connection of ``loopwise demo`` to its server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from loopwise import __version__

Answer = TypeVar("Answer")
PATIENCE = 20.0  # seconds for each answer


class Client(LanguageClient):
    """pygls's client, which also keeps the last output of a failing server."""

    def __init__(self) -> None:
        super().__init__("loopwise-demo", __version__)
        self.last_words = ""
        self.ended = asyncio.Event()
        self.published: list[types.Diagnostic] = []
        """The latest diagnostics, of any document: there is only one."""
        self.feature(types.WINDOW_SHOW_MESSAGE)(_told_already)

        def keep(params: types.PublishDiagnosticsParams) -> None:
            self.published = list(params.diagnostics)

        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(keep)

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        said = await server.stderr.read() if server.stderr is not None else b""
        lines = said.decode("utf-8", "replace").strip().splitlines()
        self.last_words = lines[-1] if lines else f"it exited with code {server.returncode}"
        self.ended.set()

    async def answer(self, request: Awaitable[Answer]) -> Answer:
        """The answer to a request; raises ``RuntimeError`` if the server exits first, or before it is even sent."""
        asked = asyncio.ensure_future(request)
        end = asyncio.create_task(self.ended.wait())
        try:
            await asyncio.wait({asked, end}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end.cancel()
        if asked.done():
            return asked.result()
        asked.cancel()
        if self.ended.is_set():
            raise RuntimeError(self.last_words)
        raise asyncio.TimeoutError


def _told_already(params: types.ShowMessageParams) -> None:
    """Ignore complaints about settings and cards: the command has already printed them."""
