"""Finds the cards that answer a question in plain words: "limit how many run at once"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from math import log
from types import MappingProxyType
from typing import NamedTuple

from loopwise.cards.card import Card, PageKind, Paragraph

_WORD = re.compile(r"[a-z][a-z0-9']*")
# Words of a question that say nothing of its subject.
_FILLER = frozenset(
    "a all an and any are as asyncio at async be but by can coroutine do does each for from function get got have how"
    " i if in into is it its make many me my need not of on one or out python should so some that the them then there"
    " they thing things this to up use using want was way we what when which while why will with without you your"
    .split()
)  # fmt: skip
_ENDINGS = re.compile(r"(?:ing|ed|es|s|ion|ions|ation|ations|ly|able)$")
_SHORTEST = 3  # letters that are left of a word without its ending
_NAMES, _HEADLINE = 4, 3  # how often a word counts there; once in the rest
_ENOUGH = 0.4  # the share of a question's words, by weight, that its answer has
_SURE = 0.75  # the share from which on an idiom that comes first was right for 30 questions of our own
# A pattern is written to answer such a question; a message is what somebody pastes, and no answer.
_KINDS = MappingProxyType({PageKind.PATTERNS: 1.6, PageKind.MESSAGES: 0.5})
# What people say for what the cards say.
_MEANT = MappingProxyType({
    "concurrent": "time same", "convert": "wrap", "ctrl": "keyboardinterrupt signal", "fire": "background",
    "keyboard": "keyboardinterrupt", "kill": "cancel", "parallel": "time same", "periodic": "interval period",
    "rate": "throttl", "second": "period", "share": "safe", "simultaneou": "time same", "stop": "cancel",
    "sync": "block", "throttl": "semaphor",
})  # fmt: skip


class _Answer(NamedTuple):
    """A card that may answer a question: if it is asked so on the card, how well it fits, and the share it covers."""

    asked: bool
    score: float
    covered: float
    card: Card


def answering(cards: Iterable[Card], question: str, most: int = 3) -> list[Card]:
    """The cards that cover the question best, best first; none for a single word.

    Words are weighted by how few cards have them and by field: heading, first sentence, rest (like BM25F, but without
    its length normalization, because cards are about equally long).
    """
    return [one.card for one in _ranked(cards, question)[:most]]


def answer(cards: Iterable[Card], question: str, *, only_asked: bool = False) -> Card | None:
    """The card to show for a question: it is asked so on the card, or an idiom comes first and covers most of it.

    ``only_asked`` rules out the second.
    """
    for first in _ranked(cards, question)[:1]:
        is_idiom = PageKind.of(first.card.page) is PageKind.PATTERNS and not only_asked
        return first.card if first.asked or (is_idiom and first.covered >= _SURE) else None
    return None


def _ranked(cards: Iterable[Card], question: str) -> list[_Answer]:
    wanted = set(_stems(question))
    if len(question.split()) < 2 or not wanted:
        return []
    known = {card: _words_of(card) for card in cards}
    weights = _weights(tuple(known.values()), wanted)
    found = (_fit(card, words, weights) for card, words in known.items())
    return sorted((one for one in found if one.asked or one.covered >= _ENOUGH), key=lambda one: one[:2], reverse=True)


def _fit(card: Card, words: Counter[str], weights: Mapping[str, float]) -> _Answer:
    counts = {word: max(words[word], *(words[other] for other in _MEANT.get(word, "").split()), 0) for word in weights}
    asked = any(weights.keys() == set(_stems(one)) for one in card.asked)
    score = sum(weights[word] * _share(count) for word, count in counts.items())
    covered = sum(weights[word] for word, count in counts.items() if count) / sum(weights.values())
    return _Answer(asked, score * _KINDS.get(PageKind.of(card.page), 1.0), covered, card)


def _share(count: int) -> float:
    """Diminishing weight of repeated mentions: the second says less than the first."""
    return count / (count + 1.5)


def _weights(texts: tuple[Counter[str], ...], wanted: Iterable[str]) -> Mapping[str, float]:
    return {word: log(1 + len(texts) / (1 + sum(1 for text in texts if text[word]))) for word in wanted}


@cache
def _words_of(card: Card) -> Counter[str]:
    found = Counter(_stems(" ".join(_rest(card))))
    for word in _stems(card.headline):
        found[word] += _HEADLINE
    for name in (*card.names, *card.asked):
        for word in _stems(name.replace("_", " ").replace(".", " ")):
            found[word] += _NAMES
    return found


def _rest(card: Card) -> Iterator[str]:
    yield from (_text(block) for block in card.summary)
    yield from (f"{pitfall.title} {_text(pitfall.lines)}" for pitfall in card.pitfalls)


def _text(lines: Paragraph) -> str:
    return " ".join(line.text for line in lines)


def _stems(text: str) -> Iterator[str]:
    """The distinctive words without their endings: enough for questions, and saves a dependency on a real stemmer."""
    for word in _WORD.findall(text.lower()):
        if word not in _FILLER:
            bare = _ENDINGS.sub("", word)
            bare = bare if len(bare) >= _SHORTEST else word
            yield bare[:-1] if len(bare) > _SHORTEST and bare[-1] == bare[-2] else bare.removesuffix("e")
