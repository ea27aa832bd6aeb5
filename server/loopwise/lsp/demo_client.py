"""An editor in small, for ``loopwise demo``: starts the server, opens a document, asks for hovers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.client import LanguageClient

from loopwise import __version__
from loopwise.document import Document
from loopwise.lsp import convert
from loopwise.text import Encoding, Span

Answer = TypeVar("Answer")
_PATIENCE = 20.0  # seconds for each answer
_FIRST_LOOK = 0.5  # seconds between opening a file and the first hover: no one points faster
_ENCODING = Encoding.UTF16  # what every editor knows, and so what holds where nothing else is agreed


class ServerFailed(Exception):
    """The server did not start or did not answer; the text says why."""


class Heard(msgspec.Struct, frozen=True):
    """One hover as it came over the wire."""

    span: Span
    markdown: str


class Session(msgspec.Struct, frozen=True):
    """What came of it."""

    started: float
    """Seconds from starting the process to its answer to ``initialize``."""
    hovers: tuple[Heard, ...]
    seconds: tuple[float, ...]
    """Of each request."""


class _Client(LanguageClient):
    """pygls's client, which keeps the last thing that a failing server said."""

    def __init__(self) -> None:
        super().__init__("loopwise-demo", __version__)
        self.last_words = ""
        self.ended = asyncio.Event()
        self.feature(types.WINDOW_SHOW_MESSAGE)(_told_already)

    async def server_exit(self, server: asyncio.subprocess.Process) -> None:
        said = await server.stderr.read() if server.stderr is not None else b""
        lines = said.decode("utf-8", "replace").strip().splitlines()
        self.last_words = lines[-1] if lines else f"it ended with exit code {server.returncode}"
        self.ended.set()

    async def answer(self, request: Awaitable[Answer]) -> Answer:
        """The answer to a request; ``RuntimeError`` if the server ends before, which may be before it was asked."""
        asked = asyncio.ensure_future(request)
        end = asyncio.create_task(self.ended.wait())
        try:
            await asyncio.wait({asked, end}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end.cancel()
        if asked.done():
            return asked.result()
        asked.cancel()
        if self.ended.is_set():
            raise RuntimeError(self.last_words)
        raise asyncio.TimeoutError


def _told_already(params: types.ShowMessageParams) -> None:
    """Complaints about settings and cards: the command has made them itself."""


async def converse(
    command: Sequence[str], document: Document, folder: Path, places: Sequence[int], options: Mapping[str, object]
) -> Session:
    """Start the server with ``command`` and ask for the hover at each of ``places`` (byte offsets)."""
    client = _Client()
    began = perf_counter()
    try:
        # What lies in the current folder must not take the place of the standard library's modules.
        await client.start_io(*command, env={**os.environ, "PYTHONSAFEPATH": "1"})
    except OSError as error:
        raise ServerFailed(f"{command[0]}: {error.strerror}") from None
    try:
        await client.answer(client.initialize_async(_greeting(folder, options)))
        started = perf_counter() - began
        client.initialized(types.InitializedParams())
        return await _ask(client, document, places, started)
    except asyncio.TimeoutError:
        await _end(client)
        raise ServerFailed(f"it did not answer within {_PATIENCE:.0f} s") from None
    except (RuntimeError, OSError, JsonRpcException) as error:
        await _end(client)
        raise ServerFailed(client.last_words or str(error)) from None


def _greeting(folder: Path, options: Mapping[str, object]) -> types.InitializeParams:
    hover = types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown])
    capabilities = types.ClientCapabilities(text_document=types.TextDocumentClientCapabilities(hover=hover))
    return types.InitializeParams(
        capabilities=capabilities,
        process_id=os.getpid(),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
        initialization_options=dict(options),
    )


async def _ask(client: _Client, document: Document, places: Sequence[int], started: float) -> Session:
    item = types.TextDocumentItem(document.uri, types.LanguageKind.Python, document.version, document.source.text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    await asyncio.sleep(_FIRST_LOOK)
    hovers: list[Heard] = []
    seconds: list[float] = []
    for place in places:
        began = perf_counter()
        answer = await client.answer(client.text_document_hover_async(_at(document, place)))
        seconds.append(perf_counter() - began)
        if answer is not None and isinstance(answer.contents, types.MarkupContent) and answer.range is not None:
            span = convert.span_of(document.source, answer.range, _ENCODING)
            hovers.append(Heard(span, answer.contents.value))
    await client.answer(client.shutdown_async(None))
    client.exit(None)
    await asyncio.wait_for(client.stop(), _PATIENCE)  # type: ignore[no-untyped-call]
    return Session(started, tuple(hovers), tuple(seconds))


def _at(document: Document, place: int) -> types.HoverParams:
    position = types.Position(*document.source.position(place, _ENCODING))
    return types.HoverParams(types.TextDocumentIdentifier(document.uri), position)


async def _end(client: _Client) -> None:
    """End the server, if it still runs, and hear its last words."""
    server = client._server
    if server is not None and server.returncode is None:
        server.kill()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(client.stop(), _PATIENCE)  # type: ignore[no-untyped-call]
