"""Texts as the client sees them, each a document of the core or a part of one."""

from __future__ import annotations

import msgspec
from lsprotocol import types

from loopwise.lsp.convert import positions
from loopwise.project import Document
from loopwise.text import Encoding, Span


class Text(msgspec.Struct, frozen=True):
    """A document, or one cell of a document that is a notebook.

    The client's positions count from the start of ``span`` (bytes of the document), in columns of ``encoding``.
    """

    uri: str
    version: int
    document: Document
    encoding: Encoding
    span: Span

    @staticmethod
    def of(document: Document, encoding: Encoding) -> Text:
        """The entire document as a text."""
        span = Span(0, len(document.source.data))
        return Text(document.uri, document.version, document, encoding, span)

    @property
    def _first(self) -> int:
        return self.document.source.line_at(self.span.start)

    def holds(self, span: Span) -> bool:
        """Does the text contain all of a span of the document?"""
        return self.span.start <= span.start and span.end <= self.span.end

    def offset(self, position: types.Position) -> int:
        """The byte offset in the document; a position beyond the text's end means its end."""
        line = self._first + position.line
        return min(self.document.source.offset(line, position.character, self.encoding), self.span.end)

    def span_of(self, range_: types.Range) -> Span:
        start = self.offset(range_.start)
        return Span(start, max(start, self.offset(range_.end)))

    def range_of(self, span: Span) -> types.Range:
        """The client's range of a span of the document."""
        return positions.range_of(self.document.source, span, self.encoding, self._first)
