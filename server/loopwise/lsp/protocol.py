"""pygls's protocol, with our documents instead of its own.

pygls edits its text documents in place, joins all lines on each change and also splits at form feeds and U+2028.
Nothing of the core is imported here: this module is loaded before ``initialize`` is answered.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import JsonRPCRequestMessage, JsonRPCResponseMessage, LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.protocol.language_server import lsp_method
from pygls.workspace import Workspace as PyglsWorkspace

from loopwise.lsp.convert.messages import UnreadableError, only_lists, structured
from loopwise.lsp.transport.inbox import Inbox, Message

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)


class Documents(PyglsWorkspace):
    """Forwards pygls's calls about texts to the session."""

    server: Server

    def put_text_document(self, text_document: types.TextDocumentItem, notebook_uri: str | None = None) -> None:
        self.server.session.open(text_document)

    def update_text_document(
        self, text_doc: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> None:
        self.server.session.change(text_doc, change)

    def remove_text_document(self, doc_uri: str) -> None:
        self.server.session.close(doc_uri)

    def put_notebook_document(self, params: types.DidOpenNotebookDocumentParams) -> None:
        self.server.session.notebooks.open(params)

    def update_notebook_document(self, params: types.DidChangeNotebookDocumentParams) -> None:
        self.server.session.notebooks.change(params)

    def remove_notebook_document(self, params: types.DidCloseNotebookDocumentParams) -> None:
        self.server.session.notebooks.close(params.notebook_document.uri)


class Protocol(LanguageServerProtocol):
    """The protocol of a server that keeps its texts in its session."""

    _server: Server
    _documents: Documents | None = None

    def __init__(self, server: Server, converter: Any) -> None:
        super().__init__(server, converter)
        only_lists(converter)
        self.inbox = Inbox(self._deliver, self._cancelled)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> Generator[Any, Any, None]:
        """End the message loop; pygls would raise ``SystemExit`` here, which ends a task badly."""
        self._server.stopped.set()
        yield from ()

    # What comes

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Do nothing yet: a message is parsed when its turn comes, and pygls calls this for each nested object too."""
        return data

    def handle_message(self, message: Any) -> None:
        """Accept a message that has arrived."""
        if isinstance(message, dict):
            self.inbox.put(message)
        else:
            self._refuse(None, types.ErrorCodes.InvalidRequest, "a message must be one object")

    def _deliver(self, message: Message) -> None:
        """Handle a message; one that the protocol does not allow at this point of the session is rejected."""
        method, identifier = message.get("method"), message.get("id")
        if method is not None and not isinstance(identifier, (str, int, float, type(None))):
            self._refuse(None, types.ErrorCodes.InvalidRequest, "`id` must be a number or a string")
            return
        refusal = self._refusal(method)
        if refusal is not None:
            if "id" in message:
                self._refuse(identifier, *refusal)
            return
        try:
            super().handle_message(self._read(message))
        except UnreadableError as slip:
            _log.warning("%s cannot be read: %s", method or "a response", slip)
            if "id" in message:
                self._refuse(identifier, types.ErrorCodes.InvalidParams, str(slip))
            elif method in {types.TEXT_DOCUMENT_DID_CHANGE, types.NOTEBOOK_DOCUMENT_DID_CHANGE}:
                self._lost_track(message)
        except Exception:  # noqa: BLE001 - the adapter: one message must not end the work on the others
            _log.exception("%s cannot be worked on", method)

    def _read(self, message: Message) -> Any:
        method, identifier = message.get("method"), message.get("id")
        if method is None:
            return self._response(message)
        kind = self.get_message_type(method)
        if kind is not None and "id" in message and not hasattr(kind, "id"):
            raise UnreadableError(f"{method} is a notification, which has no `id`")
        if kind is not None:
            return structured(self._converter, {**message, "jsonrpc": self.VERSION}, kind)
        params = message.get("params")
        if "id" in message:
            return JsonRPCRequestMessage(identifier, method, self.VERSION, params)  # type: ignore[arg-type]
        return JsonRPCNotification(method, self.VERSION, params)

    def _response(self, message: Message) -> Any:
        """Parse the answer to one of our requests; a result that cannot be parsed is passed on as it is."""
        kind = self._result_types.pop(message.get("id"), None)  # type: ignore[arg-type]
        kind = types.ResponseErrorMessage if "error" in message else kind
        try:
            if kind is not None:
                return structured(self._converter, {**message, "jsonrpc": self.VERSION}, kind)
        except UnreadableError as slip:
            _log.warning("the client's answer cannot be read: %s", slip)
        return JsonRPCResponseMessage(message.get("id"), self.VERSION, message.get("result"))  # type: ignore[arg-type]

    def _lost_track(self, change: Message) -> None:
        """After a change that cannot be parsed, our text differs from the client's: ignore it until it is reopened."""
        params = change.get("params")
        named = params.get("textDocument", params.get("notebookDocument")) if isinstance(params, dict) else None
        uri = named.get("uri") if isinstance(named, dict) else None
        if isinstance(uri, str):
            self._server.session.lose(uri)

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """Ignore the cancellation of a request that has been answered at the same moment."""
        if isinstance(msg_id, (str, int)) and msg_id in self._request_futures:
            super()._handle_cancel_notification(msg_id)

    def _handle_response(self, msg_id: Any, result: Any = None, error: types.ResponseError | None = None) -> None:
        """Ignore the answer to a request that was abandoned."""
        future = self._request_futures.get(msg_id)
        if future is not None and not future.done():
            super()._handle_response(msg_id, result, error)

    def _refusal(self, method: object) -> tuple[types.ErrorCodes, str] | None:
        if method is None or method == types.EXIT:
            return None
        if not isinstance(method, str):
            return types.ErrorCodes.InvalidRequest, "`method` must be a string"
        if self._shutdown:
            return types.ErrorCodes.InvalidRequest, "the server is shutting down: only `exit` is allowed"
        if self._workspace is None and method != types.INITIALIZE:
            return types.ErrorCodes.ServerNotInitialized, "the first request must be `initialize`"
        if self._workspace is not None and method == types.INITIALIZE:
            return types.ErrorCodes.InvalidRequest, "`initialize` was already sent"
        return None

    # What goes

    def edit_of(self, value: dict[str, Any]) -> types.WorkspaceEdit:
        """Parse an edit made by :meth:`plain`; raises :class:`UnreadableError` if it is not one."""
        edit: types.WorkspaceEdit = structured(self._converter, value, types.WorkspaceEdit)
        return edit

    def plain(self, value: object) -> Any:
        """Convert a value of the protocol's types to JSON values."""
        return self._converter.unstructure(value)

    def _serialize_message(self, data: Any) -> dict[str, Any]:
        """Convert a message; an answer that is nested too deeply (a client's own data, sent back) becomes an error."""
        try:
            return super()._serialize_message(data)
        except RecursionError:
            error = {"code": types.ErrorCodes.InvalidParams.value, "message": "the message is nested too deeply"}
            return {"jsonrpc": self.VERSION, "id": getattr(data, "id", None), "error": error}

    def _refuse(self, identifier: Any, code: types.ErrorCodes | types.LSPErrorCodes, reason: str) -> None:
        error = {"code": code.value, "message": reason}
        self._send_data({"jsonrpc": self.VERSION, "id": identifier, "error": error})

    def _cancelled(self, identifier: Any) -> None:
        self._refuse(
            identifier, types.LSPErrorCodes.RequestCancelled, "the request was cancelled before it was processed"
        )

    def unreadable(self, error: Exception) -> None:
        """Answer input that is not JSON."""
        if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
            code = types.ErrorCodes.ParseError
            self._refuse(None, code, f"the message is not JSON: {error}")

    @property
    def workspace(self) -> Documents:
        if self._documents is None:
            made = super().workspace
            folders = list(made.folders.values())
            self._documents = Documents(
                made.root_uri, types.TextDocumentSyncKind.Incremental, folders, made.position_encoding
            )
            self._documents.server = self._server
        return self._documents
