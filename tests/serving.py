"""A real server process and a client that talks to it, for protocol tests."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

import forking
from marked import cursor, place, subject

COMMAND = (sys.executable, "-m", "loopwise", "serve")
PATIENCE = 60.0  # seconds, for what the server does by itself, on machines that have much else to do
_opened = 0


def capabilities(
    *,
    encodings: Sequence[str] | None = None,
    formats: Sequence[str] | None = ("markdown", "plaintext"),
    pull: bool = False,
    items: types.ClientCompletionItemOptions | None = None,
    general_server: bool = False,
    hovers_findings: bool = False,
    offsets: bool = True,
) -> types.ClientCapabilities:
    """A client that knows these encodings and formats, and (``pull``) can be asked for its settings.

    ``items`` are the parts of completion items that it knows; ``None``: it says nothing of completion.
    ``general_server``: it says, as our VS Code extension does, that another server offers all names.
    ``hovers_findings``: likewise, that its hovers show the messages of findings.
    ``offsets``: it knows parameters as offsets in a signature's label.
    """
    kinds = [types.MarkupKind(kind) for kind in formats] if formats else None
    information = types.ClientSignatureInformationOptions(
        documentation_format=kinds,
        parameter_information=types.ClientSignatureParameterInformationOptions(label_offset_support=offsets),
    )
    return types.ClientCapabilities(
        general=types.GeneralClientCapabilities(position_encodings=list(encodings) if encodings else None),
        text_document=types.TextDocumentClientCapabilities(
            hover=types.HoverClientCapabilities(content_format=kinds),
            completion=types.CompletionClientCapabilities(completion_item=items) if items is not None else None,
            signature_help=types.SignatureHelpClientCapabilities(signature_information=information),
        ),
        workspace=types.WorkspaceClientCapabilities(configuration=pull, workspace_folders=True),
        experimental={"loopwise": {"generalServer": general_server, "hoversFindings": hovers_findings}},
    )


def item_options(
    *,
    snippets: bool = True,
    label_details: bool = True,
    insert_replace: bool = True,
    tags: bool = True,
    formats: Sequence[str] | None = ("markdown", "plaintext"),
) -> types.ClientCompletionItemOptions:
    """Return completion item capabilities of a client."""
    deprecated = types.CompletionItemTagOptions([types.CompletionItemTag.Deprecated])
    return types.ClientCompletionItemOptions(
        snippet_support=snippets,
        label_details_support=label_details,
        insert_replace_support=insert_replace,
        tag_support=deprecated if tags else None,
        documentation_format=[types.MarkupKind(kind) for kind in formats] if formats else None,
    )


NEOVIM = client_capabilities("neovim@v0.11")


class Client:
    """A client with its server; ``result`` is the server's answer to ``initialize``."""

    def __init__(self, lsp: LanguageClient, result: types.InitializeResult) -> None:
        self.lsp = lsp
        self.result = result
        agreed = result.capabilities.position_encoding or "utf-16"
        self.encoding = agreed.value if isinstance(agreed, types.PositionEncodingKind) else agreed

    def open(self, uri: str, text: str) -> None:
        document = types.TextDocumentItem(uri, types.LanguageKind.Python, 1, text)
        self.lsp.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def close(self, uri: str) -> None:
        self.lsp.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def position(self, text: str, offset: int) -> types.Position:
        return types.Position(*place(text, offset, self.encoding))

    def range(self, text: str, start: int, end: int) -> types.Range:
        return types.Range(self.position(text, start), self.position(text, end))

    async def hover_at(self, uri: str, text: str, offset: int) -> types.Hover | None:
        """Hover at an offset (code points) of an open document."""
        params = types.HoverParams(types.TextDocumentIdentifier(uri), self.position(text, offset))
        return await self.lsp.text_document_hover_async(params)

    @contextlib.asynccontextmanager
    async def opened(
        self, marked: str, folder: Path | None = None, *, uri: str | None = None
    ) -> AsyncIterator[tuple[str, str, int]]:
        """Open a text (in ``folder``, or unsaved) for the duration of the block; yield its URI, text and ``$0``."""
        global _opened
        _opened += 1
        if uri is None:
            uri = f"untitled:{_opened}" if folder is None else (folder / f"opened_{_opened}.py").as_uri()
        text, offset = cursor(marked)
        self.open(uri, text)
        try:
            yield uri, text, offset
        finally:
            self.close(uri)

    async def hover(self, marked: str, folder: Path | None = None, *, uri: str | None = None) -> types.Hover | None:
        """Open a text as a new document (in ``folder``, or unsaved), hover at its ``$0``, close it."""
        async with self.opened(marked, folder, uri=uri) as (where, text, offset):
            return await self.hover_at(where, text, offset)

    async def first_line(self, marked: str, folder: Path | None = None, *, uri: str | None = None) -> str:
        """Return the subject of the hover at ``$0``, ``-`` for no hover."""
        return first_line(await self.hover(marked, folder, uri=uri))

    async def completion_at(self, uri: str, text: str, offset: int, typed: str = "") -> types.CompletionList | None:
        """Complete at an offset (code points) of an open document; ``typed`` is the trigger character."""
        kind = types.CompletionTriggerKind
        context = types.CompletionContext(kind.TriggerCharacter if typed else kind.Invoked, typed or None)
        identifier = types.TextDocumentIdentifier(uri)
        params = types.CompletionParams(identifier, self.position(text, offset), context=context)
        found = await self.lsp.text_document_completion_async(params)
        assert found is None or isinstance(found, types.CompletionList)
        return found

    async def completion(
        self, marked: str, folder: Path | None = None, *, typed: str = "", uri: str | None = None
    ) -> types.CompletionList | None:
        """Open a text as a new document (in ``folder``, or unsaved), complete at its ``$0``, close it."""
        async with self.opened(marked, folder, uri=uri) as (where, text, offset):
            return await self.completion_at(where, text, offset, typed)

    async def resolve(self, item: types.CompletionItem) -> types.CompletionItem:
        return await self.lsp.completion_item_resolve_async(item)

    async def signature_at(self, uri: str, text: str, offset: int, typed: str = "") -> types.SignatureHelp | None:
        """Return signature help at an offset (code points) of an open document; ``typed`` is the trigger character."""
        kind = types.SignatureHelpTriggerKind
        context = types.SignatureHelpContext(kind.TriggerCharacter if typed else kind.Invoked, False, typed or None)
        identifier = types.TextDocumentIdentifier(uri)
        params = types.SignatureHelpParams(identifier, self.position(text, offset), context=context)
        return await self.lsp.text_document_signature_help_async(params)

    async def signature(
        self, marked: str, folder: Path | None = None, *, typed: str = ""
    ) -> types.SignatureHelp | None:
        """Open a text as a new document, ask for signature help at its ``$0``, close it."""
        async with self.opened(marked, folder) as (where, text, offset):
            return await self.signature_at(where, text, offset, typed)

    def change(self, uri: str, version: int, text: str) -> None:
        """Replace the text of a document."""
        identifier = types.VersionedTextDocumentIdentifier(version, uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.lsp.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))

    def push_settings(self, settings: object) -> None:
        self.lsp.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))

    def changed_on_disk(self, *paths: Path) -> None:
        events = [types.FileEvent(path.as_uri(), types.FileChangeType.Changed) for path in paths]
        self.lsp.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(events))

    @property
    def messages(self) -> list[str]:
        """The messages that the server has shown to the user."""
        return [message.message for message in self.lsp.messages]

    async def the_message(self, before: int = 0) -> str:
        """Return the one message shown since there were ``before``; leaves time for an unwanted second one."""
        await eventually(lambda: len(self.messages) > before)
        await asyncio.sleep(0.3)
        assert len(self.messages) == before + 1, self.messages[before:]
        return self.messages[before]


def text_of(hover: types.Hover | None) -> str:
    if hover is None:
        return ""
    assert isinstance(hover.contents, types.MarkupContent)
    return hover.contents.value


def first_line(hover: types.Hover | None) -> str:
    return subject(text_of(hover)) or "-"


async def eventually(check: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Return the first true value of ``check`` (plain or async) within some time, else its last one."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if asyncio.iscoroutine(found):
            found = await found
        if found or time.monotonic() > end:
            return found
        await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def serving(
    *folders: Path,
    options: object = None,
    client: types.ClientCapabilities | None = None,
    settings: dict[str, Any] | None = None,
    before: Callable[[LanguageClient], None] = lambda _: None,
    command: Sequence[str] | None = None,
) -> AsyncIterator[Client]:
    """A server that has been initialized.  It runs in a folder of its own, where no project is.

    ``before`` is done to the client before the server can ask it.  Without a ``command`` the server is a fork.

    ``options`` are the initialization options; ``settings`` what the client answers when asked, for a folder's URI or
    (under ``""``) for all.
    """
    lsp = make_test_lsp_client()
    before(lsp)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as nowhere:
        await lsp.start_io(*(command or forking.command()), cwd=nowhere)
        async with _session(lsp, folders, options, client, settings) as connected:
            yield connected


class Servers:
    """Starts a server for each kind of client on first use, for tests that change no settings.

    It has no workspace folders: the project of a document is the folder that contains it.
    """

    def __init__(self, stack: contextlib.AsyncExitStack) -> None:
        self._stack = stack
        self._running: dict[str, Client] = {}

    async def of(self, client: types.ClientCapabilities, options: object = None) -> Client:
        """Return the server of a client with these capabilities and initialization options."""
        key = repr((client, options))
        if key not in self._running:
            self._running[key] = await self._stack.enter_async_context(serving(client=client, options=options))
        return self._running[key]


@contextlib.asynccontextmanager
async def _session(
    lsp: LanguageClient,
    folders: Sequence[Path],
    options: object,
    client: types.ClientCapabilities | None,
    settings: dict[str, Any] | None,
) -> AsyncIterator[Client]:
    try:
        for scope, values in (settings or {}).items():
            lsp.set_configuration(values, section="loopwise", scope_uri=scope)
        result = await lsp.initialize_session(
            types.InitializeParams(
                capabilities=client or capabilities(),
                workspace_folders=[types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders] or None,
                initialization_options=options,
            )
        )
        yield Client(lsp, result)
    finally:
        await asyncio.wait_for(lsp.shutdown_session(), PATIENCE)
        stop: Callable[[], Coroutine[Any, Any, None]] = lsp.stop
        await asyncio.wait_for(stop(), PATIENCE)
