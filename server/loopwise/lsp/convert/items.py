"""Converts completion items to the protocol's, and back for ``completionItem/resolve``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from lsprotocol import types

from loopwise.cards import escaped, plain
from loopwise.features.completion import Completions, Item, ItemKind
from loopwise.lsp.convert.capabilities import Capabilities
from loopwise.lsp.convert.markup import documentation
from loopwise.lsp.texts import Text
from loopwise.text import Edit, Span, decode

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
_MARK = "★"  # as IntelliCode marked what it put first
_FIRST, _AFTER = " " * 8, "~"  # of sort texts
_LAST_STOP = re.compile(r"(?<!\\)((?:\\\\)*\$\{)0(?=:)")
_STOP = re.compile(r"\$\{?([0-9]+)")
# Snippets of the cheatsheet are written with steps of four spaces.
_INDENT = re.compile(r"(?<=\n)(?: {4})+")
_FIRST_BLOCK = re.compile(rb"^[^ \t#\r\n].*:[ \t]*\r?\n(?:[ \t]*\r?\n)*([ \t]+)[^ \t\r\n]", re.MULTILINE)


class Writer(msgspec.Struct, frozen=True):
    """Writes the items of one answer."""

    text: Text
    cursor: int
    """Byte offset."""
    client: Capabilities
    ranges: dict[Span, types.Range] = msgspec.field(default_factory=dict)
    """Cache: most items replace the same span."""

    def list_of(self, found: Completions) -> types.CompletionList:
        """All items in order, which ``sortText`` preserves.

        Some items can be matched by two names, but a client compares with one: while both names match the typed text,
        the list is marked incomplete, so that the client asks again.  The same applies before the first letter of
        ``.task``, because Neovim then compares with the label.
        """
        items = [self.item(item, place, leads=place < found.leading) for place, item in enumerate(found.items)]
        undecided = any(
            sum(self._goes_on(item, name) for name in {item.plain, _last(item), _whole(item)} if name) > 1
            or (item.label.startswith(".") and self._typed(item) == "")
            for item in found.items
        )
        return types.CompletionList(found.incomplete or undecided, items)

    def item(self, item: Item, place: int, *, leads: bool) -> types.CompletionItem:
        """Each item has a ``filterText``: without it Neovim treats every item that has an edit as a match.

        A leading item is marked, and sorted before the items of other servers (ty's sort texts begin with spaces, as
        many as its number of items has digits); any other item is sorted after them.
        """
        origin = " ".join(part for part in (_MARK if leads else "", item.origin) if part)
        here = [edit for edit in item.edits if edit.span.start == edit.span.end == item.span.start]
        text, snippet = self._text(item, "".join(decode(edit.text) for edit in here))
        edits = [self._edit(edit) for edit in item.edits if edit not in here]
        return types.CompletionItem(
            item.label,
            label_details=_details(item.detail, origin) if self.client.label_details else None,
            kind=_KINDS[item.kind],
            tags=[types.CompletionItemTag.Deprecated] if item.deprecated and self.client.item_tags else None,
            detail=None if self.client.label_details else _joined(item.detail, origin) or None,
            documentation=documentation(item.documentation, self.client.item_markup),
            sort_text=f"{_FIRST}{place:02d}" if leads else f"{_AFTER}{place:04d}",
            filter_text=self._sought(item),
            insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
            text_edit=self._main_edit(item.span, text),
            additional_text_edits=edits or None,
            data={"symbol": item.symbol, "uri": self.text.uri} if item.symbol is not None else None,
        )

    def _sought(self, item: Item) -> str:
        """The text to match: ``self.fetch`` matches ``se`` and ``fe``, even in clients that compare only prefixes."""
        names = (name for name in (item.plain, _last(item), _whole(item)) if name and self._goes_on(item, name))
        return next(names, item.plain)

    def _goes_on(self, item: Item, name: str) -> bool:
        """Does ``name`` start with the typed text?"""
        return name.lower().startswith(self._typed(item).lower())

    def _typed(self, item: Item) -> str:
        return decode(self.text.document.source.data[item.span.start : self.cursor])

    def _text(self, item: Item, before: str) -> tuple[str, bool]:
        """The text to insert, and whether it is a snippet; ``before`` is the text of an edit at the same place.

        The two are merged because the protocol does not allow two insertions at one place. Text with a space is sent as
        a snippet too: of plain text Neovim inserts only the first word.
        """
        body = escaped(before) + (item.insert if item.snippet else escaped(item.insert))
        idiom = item.kind is ItemKind.SNIPPET
        if "\n" not in body:
            return _written(body, self.client.snippets, idiom)
        data = self.text.document.source.data
        text, snippet = _written(body, self.client.snippets, idiom, _step_of(data))
        return (text if snippet else text.replace("\n", "\n" + _lead(data, item.span.start))), snippet

    def _main_edit(self, span: Span, text: str) -> types.TextEdit | types.InsertReplaceEdit:
        """Replace the code before the cursor or, if the client lets the user choose, the whole name."""
        inserted = self._range(Span(span.start, max(span.start, self.cursor)))
        if self.client.insert_replace and span.end > self.cursor:
            return types.InsertReplaceEdit(text, inserted, self._range(span))
        return types.TextEdit(inserted, text)

    def _edit(self, edit: Edit) -> types.TextEdit:
        return types.TextEdit(self._range(edit.span), decode(edit.text))

    def _range(self, span: Span) -> types.Range:
        found = self.ranges.get(span)
        if found is None:
            found = self.ranges[span] = self.text.range_of(span)
        return found


@lru_cache(maxsize=2_048)
def _details(detail: str, origin: str) -> types.CompletionItemLabelDetails | None:
    return types.CompletionItemLabelDetails(detail or None, origin or None) if detail or origin else None


@lru_cache(maxsize=2_048)
def _written(body: str, snippets: bool, idiom: bool, step: str | None = None) -> tuple[str, bool]:
    if not snippets or not ("$" in body or any(map(str.isspace, body))):
        return _stepped(plain(body), step or "    ") if idiom else plain(body), False
    return (_for_all_clients(body, step or "\t") if idiom else body).replace("\r\n", "\n"), True


def _last(item: Item) -> str:
    """The other name that matches an item: ``fetch`` for ``self.fetch``, ``task`` for ``.task``; else empty."""
    last = item.plain.rpartition(".")[2]
    return last if last != item.label else ""


def _whole(item: Item) -> str:
    """The full name: ``asyncio.sleep`` for an item that ``sleep`` matches."""
    return item.qualified or (item.label if "." in item.label.strip(".") else "")


def _step_of(data: bytes) -> str | None:
    """One step of indentation, taken from the file's first block.

    Without one, a tab is sent, which VS Code and Neovim convert to the user's indentation; Emacs does not.
    """
    found = _FIRST_BLOCK.search(data)
    return decode(found[1]) if found else None


def _lead(data: bytes, at: int) -> str:
    """The white space at the start of the line of a byte offset."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return decode(line[: len(line) - len(line.lstrip(b" \t"))])


def _stepped(body: str, step: str) -> str:
    return _INDENT.sub(lambda found: step * (len(found[0]) // 4), body)


def _for_all_clients(body: str, step: str) -> str:
    """A body indented by the file's own step, whose last stop can have default text.

    VS Code selects the text of ``${0:pass}`` but Neovim puts the cursor before it; both select that of any other stop.
    """
    last = max((int(stop) for stop in _STOP.findall(body)), default=0) + 1
    body = _LAST_STOP.sub(rf"\g<1>{last}", body)
    return _stepped(body, step)


def _joined(detail: str, origin: str) -> str:
    return "  ".join(part for part in (detail.strip(), origin) if part)


def symbol_of(data: object) -> tuple[str, str] | None:
    """The public name and the document URI that an item carries from completion to resolve."""
    if not isinstance(data, Mapping):
        return None
    symbol, uri = data.get("symbol"), data.get("uri")
    return (symbol, uri) if isinstance(symbol, str) and isinstance(uri, str) else None
