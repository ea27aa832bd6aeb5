"""pygls's protocol with our documents in place of its own.

pygls edits its text documents in place, joins all lines on each change and parts lines at form feeds and U+2028 too.
Nothing of the core is imported here: this module is loaded before ``initialize`` is answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
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


class Protocol(LanguageServerProtocol):
    """The protocol of a server that keeps its texts in its session."""

    _server: Server
    _documents: Documents | None = None

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
