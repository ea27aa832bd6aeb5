"""Completion items as the protocol has them, and back for ``completionItem/resolve``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec
from lsprotocol import types

from loopwise.cards import escaped, plain
from loopwise.features.completion import Completions, Item, ItemKind
from loopwise.features.hover import plain as without_markup
from loopwise.lsp.convert.capabilities import Capabilities
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
_INDENT = re.compile(r"(?<=\n)(?: {4})+")
_FIRST_BLOCK = re.compile(rb"^[^ \t#\r\n].*:[ \t]*\r?\n(?:[ \t]*\r?\n)*([ \t]+)[^ \t\r\n]", re.MULTILINE)


class Writer(msgspec.Struct, frozen=True):
    """Writes the items of one answer."""

    text: Text
    cursor: int
    """Byte offset."""
    client: Capabilities
    ranges: dict[Span, types.Range] = msgspec.field(default_factory=dict)
    """Computed once: most items replace the same."""

    def list_of(self, found: Completions) -> types.CompletionList:
        """All items, in their order; ``sortText`` keeps it.

        Some can be found by two names, and a client compares with one: while both go with what is typed the list is
        called incomplete, so that it is asked for again.  So it is before the first letter of ``.task``: Neovim then
        compares with the label.
        """
        items = [self.item(item, place, leads=place < found.leading) for place, item in enumerate(found.items)]
        undecided = any(
            sum(self._goes_on(item, name) for name in {item.plain, _last(item), _whole(item)} if name) > 1
            or (item.label.startswith(".") and self._typed(item) == "")
            for item in found.items
        )
        return types.CompletionList(found.incomplete or undecided, items)

    def item(self, item: Item, place: int, *, leads: bool) -> types.CompletionItem:
        """``filterText`` is in each: without it Neovim treats every item with an edit as fitting.

        What leads is marked, and sorted before the items of other servers (ty's sort texts begin with blanks, too, for
        as many digits as it has items); what does not, behind them.
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
            documentation=self._documentation(item.documentation),
            sort_text=f"{_FIRST}{place:02d}" if leads else f"{_AFTER}{place:04d}",
            filter_text=self._sought(item),
            insert_text_format=types.InsertTextFormat.Snippet if snippet else types.InsertTextFormat.PlainText,
            text_edit=self._main_edit(item.span, text),
            additional_text_edits=edits or None,
            data={"symbol": item.symbol, "uri": self.text.uri} if item.symbol is not None else None,
        )

    def _documentation(self, markdown: str) -> types.MarkupContent | None:
        kind = self.client.item_markup
        text = markdown if kind is types.MarkupKind.Markdown else without_markup(markdown)
        return types.MarkupContent(kind, text) if markdown else None

    def _sought(self, item: Item) -> str:
        """``self.fetch`` is found by ``se`` and by ``fe``, in clients too that look at the first letters alone."""
        names = (name for name in (item.plain, _last(item), _whole(item)) if name and self._goes_on(item, name))
        return next(names, item.plain)

    def _goes_on(self, item: Item, name: str) -> bool:
        """Does ``name`` start with what is typed?"""
        return name.lower().startswith(self._typed(item).lower())

    def _typed(self, item: Item) -> str:
        return decode(self.text.document.source.data[item.span.start : self.cursor])

    def _text(self, item: Item, before: str) -> tuple[str, bool]:
        """What is inserted, and whether it is a snippet; ``before`` is what an edit inserts at the same place.

        The protocol does not allow two insertions at one place.
        Text with a space in it goes as a snippet too: of other text Neovim inserts the first word alone.
        """
        body = escaped(before) + (item.insert if item.snippet else escaped(item.insert))
        idiom = item.kind is ItemKind.SNIPPET
        if "\n" not in body:
            return _written(body, self.client.snippets, idiom)
        data = self.text.document.source.data
        text, snippet = _written(body, self.client.snippets, idiom, _step_of(data))
        return (text if snippet else text.replace("\n", "\n" + _lead(data, item.span.start))), snippet

    def _main_edit(self, span: Span, text: str) -> types.TextEdit | types.InsertReplaceEdit:
        """Accepting replaces the code before the cursor or, where the client can choose, the whole name."""
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
    """The other name by which an item can be found: ``fetch`` of ``self.fetch``, ``task`` of ``.task``; else empty."""
    last = item.plain.rpartition(".")[2]
    return last if last != item.label else ""


def _whole(item: Item) -> str:
    """The name as it is written: ``asyncio.sleep`` of an item that is found by ``sleep``."""
    return item.label if "." in item.label.strip(".") else ""


def _step_of(data: bytes) -> str | None:
    """One step of indentation as the file's first block has it.

    Where it has none a tab is sent, which VS Code and Neovim turn into what the user wants; Emacs does not.
    """
    found = _FIRST_BLOCK.search(data)
    return decode(found[1]) if found else None


def _lead(data: bytes, at: int) -> str:
    """The white space at the start of a byte offset's line."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return decode(line[: len(line) - len(line.lstrip(b" \t"))])


def _stepped(body: str, step: str) -> str:
    return _INDENT.sub(lambda found: step * (len(found[0]) // 4), body)


def _for_all_clients(body: str, step: str) -> str:
    """A body whose lines are indented as the file's are, and whose last stop can hold a text.

    VS Code selects the text of ``${0:pass}``, Neovim puts the cursor before it; both select that of any other stop.
    """
    last = max((int(stop) for stop in _STOP.findall(body)), default=0) + 1
    body = _LAST_STOP.sub(rf"\g<1>{last}", body)
    return _stepped(body, step)


def _joined(detail: str, origin: str) -> str:
    return "  ".join(part for part in (detail.strip(), origin) if part)


def symbol_of(data: object) -> tuple[str, str] | None:
    """The public name and the document that an item carries from completion to resolve."""
    if not isinstance(data, Mapping):
        return None
    symbol, uri = data.get("symbol"), data.get("uri")
    return (symbol, uri) if isinstance(symbol, str) and isinstance(uri, str) else None
