"""The server: handlers of a few lines, each of which asks the session."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from loopwise import __version__
from loopwise.lsp.protocol import Documents, Protocol

if TYPE_CHECKING:
    from loopwise.lsp.session import Session


# Notebooks of any type are named: lsprotocol's own client cannot read a filter without that.
_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook("*", [types.NotebookCellLanguage("python")])]
)


class Server(LanguageServer):
    """One server, one client."""

    def __init__(self) -> None:
        super().__init__("loopwise", __version__, protocol_cls=Protocol, notebook_document_sync=_NOTEBOOKS)
        self.initialize_params: types.InitializeParams | None = None
        self.shut_down = False

    @cached_property
    def session(self) -> Session:
        """Made, and all of the core imported, with the first message after ``initialize``: the client waits for it."""
        from loopwise.lsp.session import Session

        assert self.initialize_params is not None
        return Session(self, self.initialize_params)

    @property
    def documents(self) -> Documents:
        documents = self.workspace
        assert isinstance(documents, Documents)
        return documents

    def stop(self) -> None:
        """Leave the message loop; the transport closes after it."""
        if self._stop_event is not None:
            self._stop_event.set()


def make_server() -> Server:
    """A server with its handlers, not yet started."""
    server = Server()
    for method, handler in _HANDLERS.items():
        server.feature(method, _OPTIONS.get(method))(handler)
    server.command("loopwise.explain")(_explain)
    return server


def _initialize(ls: Server, params: types.InitializeParams) -> None:
    ls.initialize_params = params


async def _initialized(ls: Server, params: types.InitializedParams) -> None:
    await ls.session.ready()


async def _shutdown(ls: Server, params: None) -> None:
    ls.shut_down = True
    await ls.session.end()


def _saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.session.disk_changed([params.text_document.uri])


def _watched(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.session.disk_changed([change.uri for change in params.changes])


async def _configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    await ls.session.configure(params.settings)


async def _folders(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    await ls.session.folders_changed()


def _completion(ls: Server, params: types.CompletionParams) -> types.CompletionList | None:
    from loopwise.lsp.requests import completion

    return completion.completion(ls.session, params)


def _resolve(ls: Server, item: types.CompletionItem) -> types.CompletionItem:
    from loopwise.lsp.requests import completion

    return completion.resolve(ls.session, item)


def _signatures(ls: Server, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    from loopwise.lsp.requests import signature_help

    return signature_help.signatures(ls.session, params)


async def _actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    return await ls.session.actions.offered(params)


def _resolve_action(ls: Server, action: types.CodeAction) -> types.CodeAction:
    return ls.session.actions.resolve(action)


async def _diagnostic(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    from loopwise.lsp.requests import diagnostics

    return await diagnostics.document(ls.session, params)


async def _workspace_diagnostic(ls: Server, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    from loopwise.lsp.requests import diagnostics

    return await diagnostics.workspace(ls.session, params)


async def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    from loopwise.lsp.requests import hover

    return await hover.hovered(ls.session, params)


def _explain(ls: Server, rule: str) -> str | None:
    from loopwise.lsp.requests import commands

    return commands.explain(ls.session, rule)


async def _cheatsheet(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import cheatsheet

    return await cheatsheet.cheatsheet(ls.session, params)


async def _explain_more(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import cheatsheet

    return await cheatsheet.explain(ls.session, params)


def _adapted(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import cheatsheet

    return cheatsheet.adapted(ls.session, params)


_HANDLERS: dict[str, Callable[..., Any]] = {
    types.INITIALIZE: _initialize,
    types.INITIALIZED: _initialized,
    types.SHUTDOWN: _shutdown,
    types.TEXT_DOCUMENT_DID_SAVE: _saved,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: _watched,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: _configured,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: _folders,
    types.TEXT_DOCUMENT_HOVER: _hover,
    types.TEXT_DOCUMENT_COMPLETION: _completion,
    types.COMPLETION_ITEM_RESOLVE: _resolve,
    types.TEXT_DOCUMENT_SIGNATURE_HELP: _signatures,
    types.TEXT_DOCUMENT_DIAGNOSTIC: _diagnostic,
    types.WORKSPACE_DIAGNOSTIC: _workspace_diagnostic,
    types.TEXT_DOCUMENT_CODE_ACTION: _actions,
    types.CODE_ACTION_RESOLVE: _resolve_action,
    "loopwise/cheatsheet": _cheatsheet,
    "loopwise/explain": _explain_more,
    "loopwise/snippet": _adapted,
}
# What opens a list by itself: a dot; a space after `await` and its like; `=` where a parameter has a few values.
TRIGGERS = (".", " ", "=")
_OPTIONS = {
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(
        trigger_characters=list(TRIGGERS),
        resolve_provider=True,
        completion_item=types.ServerCompletionItemOptions(label_details_support=True),
    ),
    types.TEXT_DOCUMENT_SIGNATURE_HELP: types.SignatureHelpOptions(trigger_characters=["(", ","]),
    types.TEXT_DOCUMENT_DIAGNOSTIC: types.DiagnosticOptions(
        inter_file_dependencies=True, workspace_diagnostics=True, identifier="loopwise"
    ),
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[
            types.CodeActionKind.QuickFix,
            "source.fixAll.loopwise",
            types.CodeActionKind.RefactorRewrite,
        ],
        resolve_provider=True,
    ),
}
