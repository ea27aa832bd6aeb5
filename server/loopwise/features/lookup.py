"""Finds the meaning of a few words: an asyncio name or its end, a keyword, a pasted message, an idiom, a rule."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from loopwise.cards import Api, Card, Catalogue, Facts, PageKind
from loopwise.features.hover import Hover, KeywordHover, PageHover, SymbolHover
from loopwise.features.tracebacks import meanings, plain
from loopwise.semantics.symbols import public
from loopwise.text import Span

_NOWHERE = Span(0, 0)
_MOST_OTHERS = 6  # names that are listed as also meant: about a line of a terminal
_FEWEST_WORDS = 4  # of a text that is a message rather than a name or a topic
# What Python prints has the name of an exception, a colon, quotes or code in it; questions have not.
_MESSAGE = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Warning)\b|[:'\"<>()=_]")
# Rules' names, codes and those of the peers; other texts need not wait until all rules are read.
_RULE = re.compile(r"[a-z]+([-_][a-z]+)+|[A-Za-z]+\d+|LW|report[A-Z]\w+")
_KINDS = {PageKind.SYNTAX: "keyword", PageKind.PATTERNS: "pattern", PageKind.MESSAGES: "message"}


class Found(msgspec.Struct, frozen=True):
    """The most likely meaning."""

    kind: str
    """``name``, ``keyword``, ``message``, ``pattern`` or ``rule``."""
    name: str
    card: Card | None
    facts: Facts | None = None
    matched: str = ""
    """The part of the text that matched a message."""
    others: tuple[str, ...] = ()
    """Names of other possible meanings."""
    page: str = ""
    """A rule's page, in Markdown."""
    summary: str | None = None
    """One sentence, if there is no card."""

    @property
    def hover(self) -> Hover:
        """The same as a hover, the form in which cards are shown."""
        if self.page:
            return PageHover(_NOWHERE, self.name, self.page)
        if self.kind == "name" or self.card is None:
            return SymbolHover(_NOWHERE, self.name, self.card, self.facts)
        return KeywordHover(_NOWHERE, self.card)


def look_up(catalogue: Catalogue, api: Api, text: str) -> Found | None:
    """The best reading of ``text``; ``None`` if names merely mention it, see ``suggestions``."""
    text = re.sub(r"^(\S+)\(\)$", r"\1", plain(text).strip())
    rule = _rule(text)
    if rule is not None:
        return rule
    names = [name for name in (text, f"asyncio.{text}") if catalogue.card(name) or public(api, name)]
    names += _ending(catalogue, text)
    if names:
        return _named(catalogue, api, names[0], names[1:])
    reported = meanings(catalogue, api, text)
    if reported:
        others = [*(means.card for means in reported[1:]), *(card for card, _ in catalogue.find_message(text))]
        found = as_found(api, reported[0].card, (card.name for card in others))
        return msgspec.structs.replace(found, matched=reported[0].matched)
    headed = [card for card in catalogue.search(text) if _has_words(card, text)]
    if len(headed) == 1:
        return _named(catalogue, api, headed[0].name, ())
    typed = catalogue.message_from_memory(text)
    if typed is not None:
        return as_found(api, typed)
    if _MESSAGE.search(text):
        return None
    is_like_message = any(PageKind.of(card.page) is PageKind.MESSAGES for card in headed)
    answer = catalogue.answer(text, only_asked=is_like_message)
    return as_found(api, answer, (card.name for card in catalogue.answering(text))) if answer is not None else None


def suggestions(catalogue: Catalogue, text: str) -> tuple[str, ...]:
    """Names close to ``text``.

    For a message, the three closest messages; for a question in plain words, the three cards that answer it; otherwise
    names that look like it, then cards that mention it.
    """
    text = plain(text)
    found = catalogue.search(text)
    is_question = not any(_has_words(card, text) for card in found) and not _MESSAGE.search(text)
    if is_question and (answers := catalogue.answering(text)):
        return tuple(card.name for card in answers)
    like = [card.name for card in catalogue.messages_like(text)]
    if like and len(text.split()) >= _FEWEST_WORDS:
        return tuple(like)
    return _few([*_near_rule(text), *catalogue.near(text), *(card.name for card in found), *like])


def as_found(api: Api, card: Card, others: Iterable[str] = ()) -> Found:
    """Wrap a card."""
    kind = _KINDS.get(PageKind.of(card.page), "name")
    facts = api.facts(card.name) if kind == "name" else None
    return Found(kind, card.name, card, facts, others=_few(others, card.name))


def _rule(text: str) -> Found | None:
    """The rule or rules that a text names."""
    if not _RULE.fullmatch(text):
        return None
    from loopwise.diagnosis.selection import meant
    from loopwise.rules.rule_card import rule_card, rules_page

    rules = meant(text)
    if not rules:
        return None
    page = rule_card(rules[0]) if len(rules) == 1 else rules_page(text, rules)
    name = rules[0].name if len(rules) == 1 else text
    return Found("rule", name, None, page=page, summary=rules[0].title if len(rules) == 1 else None)


def _near_rule(text: str) -> Iterable[str]:
    if not _RULE.fullmatch(text):
        return ()
    from loopwise.diagnosis.selection import nearest

    close = nearest(text)
    return (close,) if close is not None else ()


def _named(catalogue: Catalogue, api: Api, name: str, others: Iterable[str]) -> Found:
    card = catalogue.card(name)
    if card is not None and PageKind.of(card.page) in _KINDS:
        return as_found(api, card, others)
    shown = public(api, name) or (card.name if card is not None else name)
    return Found("name", shown, card, api.facts(name), others=_few(others, shown))


def _ending(catalogue: Catalogue, text: str) -> list[str]:
    """Names that end in the text (``gather``, ``queue.get``); the shortest, most general one first."""
    tail = f".{text.lower()}"
    found = [name for name in catalogue.names() if f".{name.lower()}".endswith(tail)]
    return sorted(found, key=len)


def _has_words(card: Card, text: str) -> bool:
    """Do words of the card's names start with all the words? A long message would match some names by chance."""
    words = text.lower().split()
    is_long = len(words) >= _FEWEST_WORDS and PageKind.of(card.page) is PageKind.MESSAGES
    names = " ".join(card.names).lower()
    return not is_long and all(re.search(rf"(?<![a-z]){re.escape(word)}", names) for word in words)


def _few(names: Iterable[str], but: str = "") -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name != but))[:_MOST_OTHERS]
