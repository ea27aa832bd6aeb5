"""Converts edits of the core to workspace edits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lsprotocol import types

from loopwise.cards import escaped
from loopwise.lsp.convert.capabilities import Capabilities
from loopwise.lsp.texts import Text
from loopwise.text import Edit, decode


def workspace_edit(
    texts: Iterable[Text], edits: Iterable[Edit], client: Capabilities, holes: Sequence[str] = ()
) -> types.WorkspaceEdit | None:
    """Edits of the documents in ``texts``, for the versions of those; ``None`` if a document is not among them.

    ``holes`` become tab stops if the client supports snippet edits.
    """
    parts: dict[str, tuple[Text, list[Edit]]] = {}
    texts = tuple(texts)
    for edit in edits:
        text = next((text for text in texts if text.holds(edit.span)), None)
        if text is None:
            return None
        parts.setdefault(text.uri, (text, []))[1].append(edit)
    if not client.versioned_edits:
        plain = {uri: [_plain(text, edit) for edit in some] for uri, (text, some) in parts.items()}
        return types.WorkspaceEdit(changes=plain)
    wanted = tuple(holes) if client.snippet_edits else ()
    return types.WorkspaceEdit(document_changes=[_versioned(text, some, wanted) for text, some in parts.values()])


def _versioned(text: Text, edits: Iterable[Edit], holes: tuple[str, ...]) -> types.TextDocumentEdit:
    identifier = types.OptionalVersionedTextDocumentIdentifier(text.uri, text.version)
    return types.TextDocumentEdit(identifier, [_one(text, edit, holes) for edit in edits])


def _plain(text: Text, edit: Edit) -> types.TextEdit:
    return types.TextEdit(text.range_of(edit.span), decode(edit.text))


def _one(text: Text, edit: Edit, holes: tuple[str, ...]) -> types.TextEdit | types.SnippetTextEdit:
    snippet = with_stops(decode(edit.text), holes)
    if snippet is None:
        return _plain(text, edit)
    return types.SnippetTextEdit(text.range_of(edit.span), types.StringValue(snippet))


def with_stops(text: str, holes: Sequence[str]) -> str | None:
    """The text as a snippet in which each of the words is a tab stop; ``None`` if it contains none of them."""
    words = "|".join(re.escape(hole) for hole in sorted(holes, key=len, reverse=True))
    if not words or re.search(rf"(?<!\w)(?:{words})(?!\w)", text) is None:
        return None
    parts = re.split(rf"(?<!\w)({words})(?!\w)", text)
    numbers = {hole: number for number, hole in enumerate(holes, 1)}
    return "".join(
        f"${{{numbers[part]}:{escaped(part)}}}" if index % 2 else escaped(part) for index, part in enumerate(parts)
    )
