"""Values of the core as values of the protocol, and back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path, uri_scheme

from loopwise.features.hover import Hover, markdown, plain
from loopwise.project import Document
from loopwise.text import Edit, Encoding, Source, Span, encode
from loopwise.versions import Target


def path_of(uri: str) -> Path | None:
    """The file of a URI; ``None`` for what is not (yet) a file, such as ``untitled:``."""
    if uri_scheme(uri) != "file":
        return None
    path = to_fs_path(uri)
    return Path(path) if path else None


def document_of(item: types.TextDocumentItem) -> Document:
    return Document(item.uri, item.version, path_of(item.uri), Source.of(item.text))


def changed(
    document: Document, version: int, change: types.TextDocumentContentChangeEvent, encoding: Encoding
) -> tuple[Document, Edit]:
    """The document after one content change, and the change as an edit; ranges count columns in ``encoding``."""
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        edit = difference(document.source.data, encode(change.text))
        return document.replaced(version, change.text), edit
    edit = Edit(span_of(document.source, change.range, encoding), encode(change.text))
    return document.edited(version, edit), edit


def difference(old: bytes, new: bytes) -> Edit:
    """The edit that makes one text the other, without what they have in common at their ends."""
    start = _alike(old, new, from_end=False, most=min(len(old), len(new)))
    end = _alike(old, new, from_end=True, most=min(len(old), len(new)) - start)
    return Edit(Span(start, len(old) - end), new[start : len(new) - end])


def _alike(old: bytes, new: bytes, *, from_end: bool, most: int) -> int:
    """How many bytes two texts have in common at one end, at most ``most``."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        first, second = (len(old) - middle, len(new) - middle) if from_end else (0, 0)
        same = old[first : first + middle] == new[second : second + middle]
        low, high = (middle, high) if same else (low, middle - 1)
    return low


def span_of(source: Source, range_: types.Range, encoding: Encoding) -> Span:
    start = offset_of(source, range_.start, encoding)
    return Span(start, max(start, offset_of(source, range_.end, encoding)))


def offset_of(source: Source, position: types.Position, encoding: Encoding) -> int:
    return source.offset(position.line, position.character, encoding)


def range_of(source: Source, span: Span, encoding: Encoding, first: int = 0) -> types.Range:
    """The place of a span; lines count from ``first``."""
    (line, column), (last, end) = source.position(span.start, encoding), source.position(span.end, encoding)
    return types.Range(types.Position(line - first, column), types.Position(last - first, end))


def hover_of(
    hovers: Sequence[Hover], place: types.Range, target: Target, samples: str, kind: types.MarkupKind
) -> types.Hover:
    """One or more hovers, one below the other."""
    text = "\n\n---\n\n".join(markdown(hover, target, samples=samples) for hover in hovers)
    value = text if kind is types.MarkupKind.Markdown else plain(text)
    return types.Hover(types.MarkupContent(kind, value), place)
