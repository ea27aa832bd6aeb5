"""Edits of the core as the protocol's workspace edits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from lsprotocol import types

from loopwise.document import Document
from loopwise.lsp import convert
from loopwise.snippet_text import escaped
from loopwise.text import Edit, Encoding, decode


class Client(msgspec.Struct, frozen=True):
    """What a client can do with an edit."""

    versioned: bool = False
    snippets: bool = False

    @staticmethod
    def of(capabilities: types.ClientCapabilities) -> Client:
        workspace = capabilities.workspace
        edit = workspace.workspace_edit if workspace is not None else None
        if edit is None:
            return Client()
        return Client(bool(edit.document_changes), bool(edit.document_changes and edit.snippet_edit_support))


def workspace_edit(
    document: Document, edits: Iterable[Edit], encoding: Encoding, client: Client, holes: Sequence[str] = ()
) -> types.WorkspaceEdit:
    """Edits of one document, of the version that it has; ``holes`` become tab stops where the client has such."""
    if not client.versioned:
        return types.WorkspaceEdit(changes={document.uri: [_plain(document, edit, encoding) for edit in edits]})
    identifier = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    wanted = tuple(holes) if client.snippets else ()
    changes = [_one(document, edit, encoding, wanted) for edit in edits]
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(identifier, changes)])


def _plain(document: Document, edit: Edit, encoding: Encoding) -> types.TextEdit:
    return types.TextEdit(convert.range_of(document.source, edit.span, encoding), decode(edit.text))


def _one(
    document: Document, edit: Edit, encoding: Encoding, holes: tuple[str, ...]
) -> types.TextEdit | types.SnippetTextEdit:
    text = decode(edit.text)
    snippet = with_stops(text, holes)
    if snippet is None:
        return _plain(document, edit, encoding)
    place = convert.range_of(document.source, edit.span, encoding)
    return types.SnippetTextEdit(place, types.StringValue(snippet))


def with_stops(text: str, holes: Sequence[str]) -> str | None:
    """The text as a snippet, each of the words a tab stop; ``None`` if it has none of them."""
    words = "|".join(re.escape(hole) for hole in sorted(holes, key=len, reverse=True))
    if not words or re.search(rf"(?<!\w)(?:{words})(?!\w)", text) is None:
        return None
    parts = re.split(rf"(?<!\w)({words})(?!\w)", text)
    numbers = {hole: number for number, hole in enumerate(holes, 1)}
    return "".join(
        f"${{{numbers[part]}:{escaped(part)}}}" if index % 2 else escaped(part) for index, part in enumerate(parts)
    )
