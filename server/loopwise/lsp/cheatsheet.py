"""The cheatsheet for a client's own view of it: all cards, and what a text or a place means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types

from loopwise.cards import Card, PageKind, Snippet
from loopwise.features.hover import FunctionHover, HolderHover, Hover, KeywordHover, SymbolHover, hover
from loopwise.features.present import markdown
from loopwise.knowledge import Catalogue, Target, api, knowledge_folder
from loopwise.rules.hover_rules import hover_found, hover_word
from loopwise.rules.rule_card import rules_page
from loopwise.rules.selection import meant, nearest
from loopwise.snippet_text import plain
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_NOWHERE = Span(0, 0)
_MOST_NEAR = 6
# A person's own pages come first, then ours as one learns asyncio.
_ORDER = """
    patterns tasks timeouts queues sync runners threads streams subprocesses exceptions messages syntax futures
    event-loop transports introspection policies
""".split()


class Asked(msgspec.Struct, frozen=True):
    """What a client asks: all of a folder's cheatsheet, or what ``text`` or a place means."""

    uri: str | None = None
    text: str | None = None
    line: int = 0
    character: int = 0


class Insertion(msgspec.Struct, frozen=True):
    """A snippet of a card."""

    name: str
    body: str
    """With tab stops."""
    code: str
    """What it makes."""


class Entry(msgspec.Struct, frozen=True):
    """A card."""

    id: str
    """The same as long as the card has its page and name."""
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
    """What holds on the Pythons of ``target``."""

    target: str
    pages: tuple[Page, ...]


class Explanation(msgspec.Struct, frozen=True):
    """What is meant; without ``markdown`` nothing is, and ``near`` says what comes near."""

    name: str = ""
    markdown: str = ""
    card: str | None = None
    """The ``id`` of the card that says more."""
    near: tuple[str, ...] = ()


async def cheatsheet(session: Session, params: Any) -> Any:
    """All pages, made in steps."""
    root = session.root(_asked(params).uri)
    pages = []
    for key, cards in root.catalogue.pages().items():
        title, about = _head(key)
        there = tuple(_entry(card, root.target) for card in cards if _is_there(card, root.target))
        pages.append(Page(Path(key).stem.lower(), title, about, there))
        await asyncio.sleep(0)
    pages.sort(key=lambda page: _ORDER.index(page.page) if page.page in _ORDER else -1)
    return msgspec.to_builtins(Cheatsheet(str(root.target), tuple(pages)))


def explain(session: Session, params: Any) -> Any:
    """What a name, a rule, a pasted message or, without a text, the name at a place means."""
    asked = _asked(params)
    if asked.text is not None:
        root = session.root(asked.uri)
        return msgspec.to_builtins(_of_text(root.catalogue, root.target, asked.text.strip()))
    return msgspec.to_builtins(_at(session, asked))


def _of_text(catalogue: Catalogue, target: Target, text: str) -> Explanation:
    rules = meant(text)
    if rules:
        return Explanation(text if len(rules) > 1 else rules[0].name, rules_page(text, rules))
    found = catalogue.search(text.removesuffix("()"))
    if not found:
        close = nearest(text)
        return Explanation(near=(*([close] if close is not None else []), *catalogue.near(text))[:_MOST_NEAR])
    near = dict.fromkeys(card.name for card in found[1 : _MOST_NEAR + 1])
    return Explanation(found[0].name, _markdown(_hover(found[0]), target), _id(found[0]), tuple(near))


def _at(session: Session, asked: Asked) -> Explanation:
    open_text = session.text(asked.uri or "")
    if open_text is None:
        return Explanation()
    document, offset = open_text.document, open_text.offset(types.Position(asked.line, asked.character))
    view, selection = session.state.view(document), session.selection(document)
    named = hover(view, offset) or hover_word(view, offset, selection)
    ruled = hover_found(session.found_at(document, offset), offset, selection)
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
    """Of a variable that of its class, which may have none of its own."""
    for one in found:
        if isinstance(one, (SymbolHover, HolderHover, KeywordHover)) and one.card is not None:
            return _id(one.card)
        if isinstance(one, HolderHover) and (card := catalogue.card(one.cls)) is not None:
            return _id(card)
    return None


def _entry(card: Card, target: Target) -> Entry:
    snippets = tuple(_insertion(snippet) for snippet in card.on(target).snippets if target.floor in snippet.versions)
    return Entry(_id(card), card.names, card.headline, _markdown(_hover(card), target), snippets)


def _insertion(snippet: Snippet) -> Insertion:
    return Insertion(snippet.name, snippet.body, plain(snippet.body))


def _hover(card: Card) -> Hover:
    if PageKind.of(card.page) is PageKind.NAMES:
        return SymbolHover(_NOWHERE, card.name, card, api().facts(card.name))
    return KeywordHover(_NOWHERE, card)


def _id(card: Card) -> str:
    return f"{Path(card.page).stem.lower()}/{card.name}"


def _is_there(card: Card, target: Target) -> bool:
    facts = api().facts(card.name) if PageKind.of(card.page) is PageKind.NAMES else None
    return facts is None or target.touches(facts.lifetime)


def _head(key: str) -> tuple[str, str]:
    """The title of a page and what stands between it and the first card."""
    path = Path(key) if Path(key).is_absolute() else knowledge_folder() / key
    head = path.read_text(encoding="utf-8", errors="replace").removeprefix("\ufeff").partition("\n## ")[0]
    title, _, about = head.strip().partition("\n")
    return title.lstrip("# "), about.strip()


def _asked(params: Any) -> Asked:
    """pygls makes a named tuple of what it does not know; nothing at all asks for all."""
    return msgspec.convert(params._asdict() if params is not None else {}, Asked)
