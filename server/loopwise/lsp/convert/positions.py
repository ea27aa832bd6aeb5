"""Converts values of the core to values of the protocol, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path, uri_scheme

from loopwise.features.hover import Hover, markdown, plain
from loopwise.project import Document
from loopwise.text import Edit, Encoding, Source, Span, encode
from loopwise.versions import Target

_LONGEST = 4_096  # characters: Linux's PATH_MAX, which is the largest of the systems'
# RFC 8089: the machine itself; elsewhere the name of a machine that shares files.
_LOCAL = re.compile(r"(?i)^file://localhost/")


def path_of(uri: str) -> Path | None:
    """The file path of a URI; ``None`` if the document is not (yet) a file, such as ``untitled:``."""
    if uri_scheme(uri) != "file":
        return None
    path = to_fs_path(_LOCAL.sub("file:///", uri))
    return Path(path) if path and len(path) <= _LONGEST else None


def is_python(language: str) -> bool:
    """Is it a language ID of Python?  Emacs sends ``python-ts``; a client without language IDs sends an empty text."""
    return not language or language.lower().startswith(("python", "source.python", "text/x-python"))


def document_of(item: types.TextDocumentItem) -> Document:
    return Document(item.uri, item.version, path_of(item.uri), Source.of(item.text))


def changed(
    document: Document, version: int, change: types.TextDocumentContentChangeEvent, encoding: Encoding
) -> tuple[Document, Edit]:
    """The document after one content change, and the change as an edit; its range counts columns in ``encoding``."""
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        edit = difference(document.source.data, encode(change.text))
        return document.replaced(version, change.text), edit
    edit = Edit(span_of(document.source, change.range, encoding), encode(change.text))
    return document.edited(version, edit), edit


def difference(old: bytes, new: bytes) -> Edit:
    """The smallest single edit that turns one text into the other."""
    start = _alike(old, new, from_end=False, most=min(len(old), len(new)))
    end = _alike(old, new, from_end=True, most=min(len(old), len(new)) - start)
    return Edit(Span(start, len(old) - end), new[start : len(new) - end])


def _alike(old: bytes, new: bytes, *, from_end: bool, most: int) -> int:
    """The length in bytes of the two texts' common prefix or suffix, at most ``most``."""
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
    """The range of a span; ``first`` is the line number of the source's first line."""
    (line, column), (last, end) = source.position(span.start, encoding), source.position(span.end, encoding)
    return types.Range(types.Position(line - first, column), types.Position(last - first, end))


def hover_of(
    hovers: Sequence[Hover], place: types.Range, target: Target, samples: str, kind: types.MarkupKind
) -> types.Hover:
    """One hover made of one or more, each below the previous one."""
    text = "\n\n---\n\n".join(markdown(hover, target, samples=samples) for hover in hovers)
    value = text if kind is types.MarkupKind.Markdown else plain(text)
    return types.Hover(types.MarkupContent(kind, value), place)
