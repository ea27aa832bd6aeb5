"""Completion items as the protocol has them, and back for ``completionItem/resolve``."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from lsprotocol import types

from loopwise.features.complete.items import Item, ItemKind
from loopwise.features.completion import Completions
from loopwise.lsp import convert
from loopwise.snippet_text import plain
from loopwise.text import Edit, Encoding, Source, Span, decode

_KINDS = {
    ItemKind.FUNCTION: types.CompletionItemKind.Function,
    ItemKind.METHOD: types.CompletionItemKind.Method,
    ItemKind.CLASS: types.CompletionItemKind.Class,
    ItemKind.EXCEPTION: types.CompletionItemKind.Class,
    ItemKind.CONSTANT: types.CompletionItemKind.Constant,
    ItemKind.VARIABLE: types.CompletionItemKind.Variable,
    ItemKind.FIELD: types.CompletionItemKind.Field,
    ItemKind.PROPERTY: types.CompletionItemKind.Property,
    ItemKind.PARAMETER: types.CompletionItemKind.Variable,
    ItemKind.MODULE: types.CompletionItemKind.Module,
    ItemKind.KEYWORD: types.CompletionItemKind.Keyword,
    ItemKind.SNIPPET: types.CompletionItemKind.Snippet,
    ItemKind.TEMPLATE: types.CompletionItemKind.Snippet,
}


class Client(msgspec.Struct, frozen=True):
    """What a client can do with an item."""

    snippets: bool = False
    label_details: bool = False
    insert_replace: bool = False
    tags: bool = False

    @staticmethod
    def of(capabilities: types.ClientCapabilities) -> Client:
        document = capabilities.text_document
        completion = document.completion if document is not None else None
        item = completion.completion_item if completion is not None else None
        if item is None:
            return Client()
        return Client(
            bool(item.snippet_support),
            bool(item.label_details_support),
            bool(item.insert_replace_support),
            item.tag_support is not None,
        )


class Writer(msgspec.Struct, frozen=True):
    """Writes the items of one answer."""

    source: Source
    cursor: int
    """Byte offset."""
    uri: str
    encoding: Encoding
    client: Client

    def list_of(self, found: Completions) -> types.CompletionList:
        """All items, in their order; ``sortText`` keeps it."""
        items = [self.item(item, place) for place, item in enumerate(found.items)]
        return types.CompletionList(found.incomplete, items)

    def item(self, item: Item, place: int) -> types.CompletionItem:
        snippet = item.snippet and "$" in item.insert and self.client.snippets
        text = item.insert if snippet else plain(item.insert) if item.snippet else item.insert
        details = types.CompletionItemLabelDetails(item.detail or None, item.origin or None)
        return types.CompletionItem(
            item.label,
            label_details=details if self.client.label_details and (item.detail or item.origin) else None,
            kind=_KINDS[item.kind],
            tags=[types.CompletionItemTag.Deprecated] if item.deprecated and self.client.tags else None,
            detail=None if self.client.label_details else _joined(item) or None,
            documentation=types.MarkupContent(types.MarkupKind.Markdown, item.documentation)
            if item.documentation
            else None,
            sort_text=f"{place:04d}",
            filter_text=item.filter or None,
            insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
            text_edit=self._main_edit(item.span, text),
            additional_text_edits=[self._edit(edit) for edit in item.edits] or None,
            data={"symbol": item.symbol, "uri": self.uri} if item.symbol is not None else None,
        )

    def _main_edit(self, span: Span, text: str) -> types.TextEdit | types.InsertReplaceEdit:
        """Accepting replaces the whole name or, where the client can, what stands before the cursor."""
        inserted = convert.range_of(self.source, Span(span.start, max(span.start, self.cursor)), self.encoding)
        if self.client.insert_replace and span.end > self.cursor:
            return types.InsertReplaceEdit(text, inserted, convert.range_of(self.source, span, self.encoding))
        return types.TextEdit(inserted, text)

    def _edit(self, edit: Edit) -> types.TextEdit:
        return types.TextEdit(convert.range_of(self.source, edit.span, self.encoding), decode(edit.text))


def _joined(item: Item) -> str:
    return "  ".join(part for part in (item.detail.strip(), item.origin) if part)


def symbol_of(data: object) -> tuple[str, str] | None:
    """The public name and the document that an item carries from completion to resolve."""
    if not isinstance(data, Mapping):
        return None
    symbol, uri = data.get("symbol"), data.get("uri")
    return (symbol, uri) if isinstance(symbol, str) and isinstance(uri, str) else None
