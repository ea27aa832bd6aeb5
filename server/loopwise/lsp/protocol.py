"""pygls's protocol with our documents in place of its own.

pygls edits its text documents in place, joins all lines on each change and parts lines at form feeds and U+2028 too.
Nothing of the core is imported here: this module is loaded before ``initialize`` is answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.language_server import lsp_method
from pygls.workspace import Workspace as PyglsWorkspace

if TYPE_CHECKING:
    from loopwise.lsp.server import Server


class Documents(PyglsWorkspace):
    """What pygls tells about texts, told on to the session."""

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

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> Generator[Any, Any, None]:
        """End the message loop; pygls raises ``SystemExit`` here, which a TCP connection's task cannot take."""
        self._server.stop()
        if isinstance(self.writer, asyncio.StreamWriter):
            self.writer.close()  # from 3.12 on a TCP server waits for its connections to close
        yield from ()

    def handle_message(self, message: Any) -> None:
        """Refuse what the protocol does not allow at this point of the session; pass on the rest."""
        refusal = self._refusal(getattr(message, "method", None))
        identifier = getattr(message, "id", None)
        if refusal is None:
            super().handle_message(message)
        elif identifier is not None:
            self._send_response(identifier, error=refusal)

    def _handle_cancel_notification(self, msg_id: Any) -> None:
        """A cancellation that crosses its answer is nothing to warn of."""
        if msg_id in self._request_futures:
            super()._handle_cancel_notification(msg_id)

    def _refusal(self, method: str | None) -> types.ResponseError | None:
        if method is None or method == types.EXIT:
            return None
        if self._shutdown:
            return types.ResponseError(
                types.ErrorCodes.InvalidRequest, "the server is shut down: only `exit` may follow"
            )
        if self._workspace is None and method != types.INITIALIZE:
            return types.ResponseError(types.ErrorCodes.ServerNotInitialized, "the first request must be `initialize`")
        return None

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
