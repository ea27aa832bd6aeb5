"""The cheatsheet for a client's own view: all cards, and explanations of a text or a place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from loopwise.cards import Card, Catalogue, PageKind, Snippet, escaped, load_api, page_head, plain
from loopwise.features.hover import (
    FunctionHover,
    HolderHover,
    Hover,
    KeywordHover,
    SymbolHover,
    explain_found,
    hover,
    hover_word,
    markdown,
)
from loopwise.features.lookup import as_found, look_up, suggestions
from loopwise.lsp.requests.asked import Asked, asked_of
from loopwise.lsp.requests.spots import Spot, names_files, spots
from loopwise.lsp.texts import Text
from loopwise.text import Edit, decode
from loopwise.versions import Target
from loopwise.writing import adapted as as_written
from loopwise.writing import adapted_sample, importing

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

# A person's own pages come first, then ours as one learns asyncio.
_ORDER = """
    patterns tasks timeouts queues sync runners threads streams subprocesses exceptions messages syntax futures
    event-loop transports introspection policies
""".split()


class Insertion(msgspec.Struct, frozen=True):
    """A snippet of a card."""

    name: str
    body: str
    """The text with tab stops."""
    code: str
    """The code it expands to."""


class Entry(msgspec.Struct, frozen=True):
    """A card."""

    id: str
    """Stable as long as the card keeps its page and name."""
    names: tuple[str, ...]
    summary: str
    markdown: str
    snippets: tuple[Insertion, ...]


class Page(msgspec.Struct, frozen=True):
    """A page of the cheatsheet."""

    page: str
    title: str
    about: str
    cards: tuple[Entry, ...]


class Cheatsheet(msgspec.Struct, frozen=True):
    """The pages for the Pythons of ``target``."""

    target: str
    pages: tuple[Page, ...]


class Adapted(msgspec.Struct, frozen=True):
    """A snippet adapted to a place, and the edits that import what it needs."""

    body: str
    edits: tuple[dict[str, Any], ...] = ()
    """Text edits of the protocol, all above the place."""


class Explanation(msgspec.Struct, frozen=True):
    """The meaning; without ``markdown`` there is none, and ``near`` lists similar names."""

    name: str = ""
    markdown: str = ""
    card: str | None = None
    """The ``id`` of the card with more details."""
    near: tuple[str, ...] = ()
    spots: tuple[Spot, ...] = ()
    """For a traceback or log: the user's lines, the most likely cause first."""


async def cheatsheet(session: Session, params: Any) -> Any:
    """All pages, made in steps."""
    root = session.root(asked_of(params).uri)
    pages = []
    for key, cards in root.catalogue.pages().items():
        title, about = page_head(key)
        there = tuple(_entry(card, root.target) for card in cards if _is_there(card, root.target))
        pages.append(Page(Path(key).stem.lower(), title, about, there))
        await asyncio.sleep(0)
    pages.sort(key=lambda page: _ORDER.index(page.page) if page.page in _ORDER else -1)
    return msgspec.to_builtins(Cheatsheet(str(root.target), tuple(pages)))


async def explain(session: Session, params: Any) -> Any:
    """Explain a name, a rule, a pasted message, a traceback or, without a text, the name at a place."""
    asked = asked_of(params)
    if asked.text is None:
        return msgspec.to_builtins(_at(session, asked))
    root, text = session.root(asked.uri), asked.text.strip()
    found = _of_text(root.catalogue, root.target, text)
    if names_files(text):
        # Whole files are checked: in a thread, by a workspace of its own.
        found = _with_spots(found, await asyncio.to_thread(spots, text, root.folder))
    return msgspec.to_builtins(found)


def _with_spots(found: Explanation, seen: tuple[Spot, ...]) -> Explanation:
    said = [f"**Your line:** [{spot.label}]({spot.uri}#L{spot.line + 1})" + _told(spot.finding) for spot in seen]
    return msgspec.structs.replace(found, markdown="\n\n".join([*said, found.markdown]), spots=seen)


def _told(finding: str) -> str:
    return f": {finding}." if finding else ""


def adapted(session: Session, params: Any) -> Any:
    """A snippet or a sample for a place of a text that is open; ``None`` where there is no such snippet or text."""
    asked = asked_of(params)
    text = session.text(asked.uri or "")
    view = session.state.view(text.document) if text is not None else None
    if text is None or view is None:
        return None
    at = text.offset(types.Position(asked.line, asked.character))
    there = (one for _, one in view.catalogue.snippets() if view.target.floor in one.versions)
    snippet = next((one for one in there if one.name == asked.snippet), None)
    if snippet is not None:
        body, edits = as_written(snippet, lambda module: importing(view.file, at, module, None))
    elif asked.text is not None and not asked.snippet:
        body, edits = adapted_sample(asked.text, partial(importing, view.file, at, prefer_module=False))
        body = escaped(body)
    else:
        return None
    return msgspec.to_builtins(Adapted(body, tuple(_edit(text, edit) for edit in edits)))


def _edit(text: Text, edit: Edit) -> dict[str, Any]:
    place = text.range_of(edit.span)
    start, end = ({"line": at.line, "character": at.character} for at in (place.start, place.end))
    return {"range": {"start": start, "end": end}, "newText": decode(edit.text)}


def _of_text(catalogue: Catalogue, target: Target, text: str) -> Explanation:
    found = look_up(catalogue, load_api(), text)
    if found is None:
        return Explanation(near=suggestions(catalogue, text))
    card = _id(found.card) if found.card is not None else None
    return Explanation(found.name, _markdown(found.hover, target), card, found.others)


def _at(session: Session, asked: Asked) -> Explanation:
    open_text = session.text(asked.uri or "")
    if open_text is None:
        return Explanation()
    document, offset = open_text.document, open_text.offset(types.Position(asked.line, asked.character))
    view, selection = session.state.view(document), session.selection(document)
    named = hover(view, offset) or hover_word(view, offset, selection)
    ruled = explain_found(session.found_at(document, offset), offset, selection)
    found = [one for one in (named, ruled) if one is not None]
    text = "\n\n---\n\n".join(_markdown(one, view.target) for one in found)
    return Explanation(_name(found), text, _card_of(view.catalogue, found))


def _markdown(found: Hover, target: Target) -> str:
    return markdown(found, target, samples="all", pitfalls=None)


def _name(found: Iterable[Hover]) -> str:
    for one in found:
        match one:
            case FunctionHover():
                return one.outline.name
            case KeywordHover():
                return one.card.name
            case _:
                return one.name
    return ""


def _card_of(catalogue: Catalogue, found: Iterable[Hover]) -> str | None:
    """The ID of the hover's card; for a variable without one, of its class's card."""
    for one in found:
        if isinstance(one, (SymbolHover, HolderHover, KeywordHover)) and one.card is not None:
            return _id(one.card)
        if isinstance(one, HolderHover) and (card := catalogue.card(one.cls)) is not None:
            return _id(card)
    return None


def _entry(card: Card, target: Target) -> Entry:
    held = tuple(_insertion(snippet) for snippet in card.on(target).snippets if target.floor in snippet.versions)
    return Entry(_id(card), card.names, card.headline, _markdown(as_found(load_api(), card).hover, target), held)


def _insertion(snippet: Snippet) -> Insertion:
    return Insertion(snippet.name, snippet.body, plain(snippet.body))


def _id(card: Card) -> str:
    return f"{Path(card.page).stem.lower()}/{card.name}"


def _is_there(card: Card, target: Target) -> bool:
    facts = load_api().facts(card.name) if PageKind.of(card.page) is PageKind.NAMES else None
    return facts is None or target.touches(facts.lifetime)
