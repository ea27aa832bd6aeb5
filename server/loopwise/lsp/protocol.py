"""pygls's protocol with our documents in place of its own.

pygls edits its text documents in place, joins all lines on each change and parts lines at form feeds and U+2028 too.
"""

from __future__ import annotations

import logging

from lsprotocol import types
from pygls.protocol import LanguageServerProtocol
from pygls.workspace import Workspace as PyglsWorkspace

from loopwise.lsp import convert
from loopwise.text import Encoding
from loopwise.workspace import Workspace

_log = logging.getLogger(__name__)


class Documents(PyglsWorkspace):
    """What pygls tells about texts, told on to :class:`~loopwise.workspace.Workspace`."""

    def attach(self, state: Workspace) -> None:
        self.state = state

    @property
    def encoding(self) -> Encoding:
        """The unit of columns agreed with the client."""
        return Encoding(self.position_encoding or "utf-16")

    def put_text_document(self, text_document: types.TextDocumentItem, notebook_uri: str | None = None) -> None:
        self.state.open(convert.document_of(text_document))

    def update_text_document(
        self, text_doc: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> None:
        document = self.state.documents.get(text_doc.uri)
        if document is None:
            _log.warning("change to %s, which is not open", text_doc.uri)
            return
        self.state.change(convert.changed(document, text_doc.version, change, self.encoding))

    def remove_text_document(self, doc_uri: str) -> None:
        self.state.close(doc_uri)


class Protocol(LanguageServerProtocol):
    """The protocol of a server that keeps its texts in a :class:`~loopwise.workspace.Workspace`."""

    _documents: Documents | None = None

    @property
    def workspace(self) -> Documents:
        if self._documents is None:
            made = super().workspace
            folders = list(made.folders.values())
            self._documents = Documents(
                made.root_uri, types.TextDocumentSyncKind.Incremental, folders, made.position_encoding
            )
        return self._documents
