"""The session of ``loopwise demo``: starts the server, opens a document, hovers and types."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from loopwise.lsp.demo.connection import PATIENCE, Client
from loopwise.lsp.demo.requests import Called, Heard, Offered, Typing, Underlined, look_at, point_at, type_at
from loopwise.project import Document

_FIRST_LOOK = 0.5  # seconds between opening a file and the first hover: no one points faster


class ServerFailed(Exception):
    """The server did not start or did not answer; the text is the reason."""


class Session(msgspec.Struct, frozen=True):
    """The results of a session."""

    started: float
    """Seconds from starting the process to its answer to ``initialize``."""
    hovers: tuple[Heard, ...]
    seconds: tuple[float, ...]
    """The duration of each hover request, including those without an answer."""
    typed: tuple[Offered | Called, ...]
    typed_seconds: tuple[float, ...]
    found: tuple[Underlined, ...]


async def converse(
    command: Sequence[str],
    document: Document,
    folder: Path,
    places: Sequence[int],
    typings: Sequence[Typing],
    options: Mapping[str, object],
) -> Session:
    """Start the server with ``command``, hover at ``places`` (byte offsets), then type at ``typings``."""
    client = Client()
    began = perf_counter()
    try:
        # What lies in the current folder must not take the place of the standard library's modules.
        await client.start_io(*command, env={**os.environ, "PYTHONSAFEPATH": "1"})
    except OSError as error:
        raise ServerFailed(f"{command[0]}: {error.strerror}") from None
    try:
        welcome = await client.answer(client.initialize_async(_greeting(folder, options)))
        started = perf_counter() - began
        client.initialized(types.InitializedParams())
        client.text_document_did_open(types.DidOpenTextDocumentParams(_item(document)))
        await asyncio.sleep(_FIRST_LOOK)
        hovers, seconds = await point_at(client, document, places)
        found = await look_at(client, document)
        typed, typed_seconds = await type_at(client, document, typings, _triggers(welcome))
        await client.answer(client.shutdown_async(None))
        client.exit(None)
        await asyncio.wait_for(client.stop(), PATIENCE)  # type: ignore[no-untyped-call]
        return Session(started, tuple(hovers), tuple(seconds), tuple(typed), tuple(typed_seconds), tuple(found))
    except asyncio.TimeoutError:
        await _end(client)
        raise ServerFailed(f"it did not respond within {PATIENCE:.0f} s") from None
    except (RuntimeError, OSError, JsonRpcException) as error:
        await _end(client)
        raise ServerFailed(client.last_words or str(error)) from None


def _greeting(folder: Path, options: Mapping[str, object]) -> types.InitializeParams:
    markdown = [types.MarkupKind.Markdown]
    item = types.ClientCompletionItemOptions(snippet_support=True, label_details_support=True)
    parameter = types.ClientSignatureParameterInformationOptions(label_offset_support=True)
    signature = types.ClientSignatureInformationOptions(markdown, parameter)
    capabilities = types.TextDocumentClientCapabilities(
        hover=types.HoverClientCapabilities(content_format=markdown),
        completion=types.CompletionClientCapabilities(completion_item=item),
        signature_help=types.SignatureHelpClientCapabilities(signature_information=signature),
    )
    return types.InitializeParams(
        capabilities=types.ClientCapabilities(text_document=capabilities),
        process_id=os.getpid(),
        workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name)],
        initialization_options=dict(options),
    )


def _triggers(welcome: types.InitializeResult) -> frozenset[str]:
    """The trigger characters at which an editor requests completion by itself."""
    provider = welcome.capabilities.completion_provider
    return frozenset(provider.trigger_characters or ()) if provider is not None else frozenset()


def _item(document: Document) -> types.TextDocumentItem:
    return types.TextDocumentItem(document.uri, types.LanguageKind.Python, document.version, document.source.text)


async def _end(client: Client) -> None:
    """Stop the server if it still runs, and read its last output."""
    server = client._server
    if server is not None and server.returncode is None:
        server.kill()
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(client.stop(), PATIENCE)  # type: ignore[no-untyped-call]
