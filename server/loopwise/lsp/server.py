"""The server: handlers of a few lines each, which call the session."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, JsonRpcMethodNotFound
from pygls.lsp.server import LanguageServer

from loopwise import __version__
from loopwise.lsp import graph_handlers
from loopwise.lsp.protocol import Documents, Protocol

if TYPE_CHECKING:
    from loopwise.lsp.graphs import Graphs
    from loopwise.lsp.session import Session

_log = logging.getLogger(__name__)
# Notebooks of any type are named: lsprotocol's own client cannot read a filter without that.
_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook("*", [types.NotebookCellLanguage("python")])]
)
_CLIENT_FAULTS = (JsonRpcInvalidParams, JsonRpcMethodNotFound)


class Server(LanguageServer):
    """A server for one client."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("loopwise", __version__, protocol_cls=Protocol, notebook_document_sync=_NOTEBOOKS)
        self.initialize_params: types.InitializeParams | None = None
        self.shut_down = False
        self.stopped = asyncio.Event()
        """Set by ``exit``, and when the client has disconnected."""

    @cached_property
    def session(self) -> Session:
        """Created, and the core imported, with the first message after ``initialize``, which the client waits for."""
        from loopwise.lsp.session import Session

        assert self.initialize_params is not None
        return Session(self, self.initialize_params)

    @cached_property
    def graphs(self) -> Graphs:
        """The call graph, for the requests that need it."""
        from loopwise.lsp.graphs import Graphs

        return Graphs(self.session)

    @property
    def documents(self) -> Documents:
        documents = self.workspace
        assert isinstance(documents, Documents)
        return documents

    def report_server_error(self, error: Exception, source: object) -> None:
        """Log an error; pygls would show it to the user, possibly with every keystroke."""
        _log.log(logging.WARNING if isinstance(error, _CLIENT_FAULTS) else logging.ERROR, "%s", error)
        self.protocol.unreadable(error)


def make_server() -> Server:
    """Create a server with its handlers, without starting it."""
    logging.getLogger("pygls.protocol.json_rpc").addFilter(_is_about_our_faults)
    server = Server()
    for method, handler in _HANDLERS.items():
        server.feature(method, _OPTIONS.get(method))(handler)
    server.command("loopwise.explain")(_explain)
    server.command("loopwise.applyEdit")(_apply)
    return server


def _is_about_our_faults(record: logging.LogRecord) -> bool:
    """A client's fault is reported in one line; pygls also logs where in our code it was noticed."""
    return not (record.exc_info and isinstance(record.exc_info[1], _CLIENT_FAULTS))


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
    await ls.session.settings.take(params.settings)


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


async def _actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction] | list[types.Command]:
    from loopwise.lsp.requests import commands, conversions

    found = await ls.session.actions.offered(params)
    return commands.for_client(ls.session, [*found, *conversions.offered(ls.graphs, params)])


async def _resolve_action(ls: Server, action: types.CodeAction) -> types.CodeAction:
    from loopwise.lsp.requests import conversions

    return await conversions.resolve(ls.graphs, action) or ls.session.actions.resolve(action)


async def _diagnostic(ls: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    from loopwise.lsp.requests import diagnostics

    return await diagnostics.document(ls.session, params)


async def _workspace_diagnostic(ls: Server, params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    from loopwise.lsp.requests import diagnostics

    return await diagnostics.workspace(ls.session, params)


async def _hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    from loopwise.lsp.requests import hover

    return await hover.hovered(ls.session, params)


async def _apply(ls: Server, *edits: object) -> None:
    from loopwise.lsp.requests import commands

    await commands.apply(ls.session, edits)


def _explain(ls: Server, *rules: object) -> str | None:
    from loopwise.lsp.requests import commands

    return commands.explain(ls.session, rules)


async def _cheatsheet(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import cheatsheet

    return await cheatsheet.cheatsheet(ls.session, params)


async def _explain_more(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import cheatsheet

    return await cheatsheet.explain(ls.session, params)


def _adapted(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import cheatsheet

    return cheatsheet.adapted(ls.session, params)


def _target(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import target

    return target.target(ls.session, params)


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
    "loopwise/target": _target,
    **graph_handlers.HANDLERS,
}
# What opens a list by itself: a dot; a space after `await` and its like; `=` where a parameter has a few values.
TRIGGERS = (".", " ", "=")
_OPTIONS: dict[str, Any] = {
    **graph_handlers.OPTIONS,
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
            types.CodeActionKind.Refactor,
            types.CodeActionKind.RefactorRewrite,
        ],
        resolve_provider=True,
    ),
}
