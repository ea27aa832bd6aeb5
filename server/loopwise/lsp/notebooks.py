"""Notebooks in the protocol's terms: cells that are inserted, removed, moved and changed."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.lsp.convert import positions
from loopwise.lsp.texts import Text
from loopwise.project import Cell, Document, Notebook
from loopwise.text import Edit, Encoding, Source, encode

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_log = logging.getLogger(__name__)


class Notebooks:
    """The notebooks that a client has open; each is one document of the session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._notebooks: dict[str, Notebook] = {}
        self._homes: dict[str, str] = {}
        """The notebook of each cell."""

    def open(self, params: types.DidOpenNotebookDocumentParams) -> None:
        notebook = opened(params)
        self._keep(notebook)
        path = positions.path_of(notebook.uri)
        self.session.put(Document(notebook.uri, 1, path, Source.of(notebook.data), cells=notebook.starts))

    def change(self, params: types.DidChangeNotebookDocumentParams) -> None:
        uri = params.notebook_document.uri
        before, document = self._notebooks.get(uri), self.session.state.documents.get(uri)
        if before is None or document is None:
            _log.warning("change to %s, which is not open", uri)
            return
        notebook = changed(before, params.change, self.session.encoding)
        self._keep(notebook)
        edit = positions.difference(document.source.data, notebook.data)
        self.session.replace(document.edited(document.version + 1, edit, notebook.starts), edit)

    def close(self, uri: str) -> None:
        self._forget(uri)
        self.session.close(uri)

    # A text whose URI ends in `.ipynb`: JupyterLab sends all cells of a notebook as one

    def open_text(self, item: types.TextDocumentItem) -> None:
        """Open a notebook file that arrived as plain text: a notebook with one cell."""
        notebook = Notebook(_home(item.uri), (_cell(item),))
        self._keep(notebook)
        path = positions.path_of(item.uri)
        self.session.put(Document(notebook.uri, 1, path, Source.of(notebook.data), cells=notebook.starts))

    def change_text(
        self, identifier: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> bool:
        """Change such a text; false if no such text has this URI."""
        home = self._homes.get(identifier.uri)
        if home is None or home != _home(identifier.uri):
            return False
        contents = types.NotebookDocumentCellContentChanges(identifier, [change])
        event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[contents]))
        notebook = types.VersionedNotebookDocumentIdentifier(identifier.version, home)
        self.change(types.DidChangeNotebookDocumentParams(notebook, event))
        return True

    def close_text(self, uri: str) -> bool:
        """Close such a text; false if no such text has this URI."""
        if self._homes.get(uri) != _home(uri):
            return False
        self.close(_home(uri))
        return True

    def has(self, uri: str) -> bool:
        """Is a notebook with this URI open?"""
        return uri in self._notebooks

    def text(self, uri: str) -> Text | None:
        """The cell with URI ``uri``; ``None`` if it is in no notebook, or in another language."""
        document = self.session.state.documents.get(self._homes.get(uri, ""))
        return next((text for text in self.texts(document) if text.uri == uri), None) if document is not None else None

    def texts(self, document: Document) -> tuple[Text, ...]:
        """The cells of a document that is a notebook."""
        notebook = self._notebooks.get(document.uri)
        if notebook is None:
            return ()
        encoding = self.session.encoding
        return tuple(
            Text(cell.uri, cell.version, document, encoding, span)
            for cell, span in notebook.spans()
            if cell.code is not None
        )

    def _keep(self, notebook: Notebook) -> None:
        self._forget(notebook.uri)
        self._notebooks[notebook.uri] = notebook
        self._homes |= {cell.uri: notebook.uri for cell in notebook.cells}

    def _forget(self, uri: str) -> None:
        notebook = self._notebooks.pop(uri, None)
        for cell in notebook.cells if notebook is not None else ():
            del self._homes[cell.uri]


def _home(uri: str) -> str:
    """The URI of the notebook made from a text."""
    return f"{uri}#text"


def opened(params: types.DidOpenNotebookDocumentParams) -> Notebook:
    """The notebook of a ``didOpen`` notification."""
    texts = {item.uri: _cell(item) for item in params.cell_text_documents}
    return Notebook(params.notebook_document.uri, _in_order(params.notebook_document.cells, texts))


def changed(notebook: Notebook, change: types.NotebookDocumentChangeEvent, encoding: Encoding) -> Notebook:
    """The notebook after a change; ranges count columns in ``encoding``."""
    cells = change.cells
    if cells is None:
        return notebook
    order, texts = [cell.uri for cell in notebook.cells], dict(notebook.texts)
    if cells.structure is not None:
        array = cells.structure.array
        texts |= {item.uri: _cell(item) for item in cells.structure.did_open or ()}
        added = _in_order(array.cells or (), texts)
        order[array.start : array.start + array.delete_count] = [cell.uri for cell in added]
        texts |= {cell.uri: cell for cell in added}
        for closed in cells.structure.did_close or ():
            if closed.uri not in order:
                texts.pop(closed.uri, None)
    for text in cells.text_content or ():
        if text.document.uri in texts:
            texts[text.document.uri] = _edited(texts[text.document.uri], text, encoding)
    there = tuple(texts.pop(uri) for uri in order if uri in texts)
    return Notebook(notebook.uri, there, tuple(texts.values()))


def _cell(item: types.TextDocumentItem) -> Cell:
    return Cell(item.uri, item.version, Source.of(item.text), positions.is_python(item.language_id))


def _in_order(cells: Iterable[types.NotebookCell], texts: Mapping[str, Cell]) -> tuple[Cell, ...]:
    """Order the cells; a client sends those it was asked for, which have texts, but some send all."""
    return tuple(texts.get(cell.document) or Cell(cell.document, 0, Source.of("")) for cell in cells)


def _edited(cell: Cell, text: types.NotebookDocumentCellContentChanges, encoding: Encoding) -> Cell:
    source = cell.source
    for change in text.changes:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            source = Source.of(encode(change.text))
        else:
            span = positions.span_of(source, change.range, encoding)
            source = source.edited(Edit(span, encode(change.text)))
    return Cell(cell.uri, text.document.version, source, cell.is_python)
