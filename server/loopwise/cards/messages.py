"""Recognizes run-time messages in pasted text: a traceback, a warning, lines of a log."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

import msgspec

from loopwise.cards.card import Card

_WILD = "…"
# Bounded, so that a log without line ends cannot make the search quadratic.
_ANYTHING = r"[^\n]{0,500}?"
_LONGEST = 100_000  # characters of a pasted text: a long traceback
_WORD = re.compile(r"\w+")
_NAMES_KEPT = 4  # catalogues of which the wordings stay prepared: a workspace has few
_ALIKE = 0.35  # of the weight of a wording's words; below that the likeness is chance


class _Wording(msgspec.Struct, frozen=True):
    """A wording to search for, and its number of literal characters."""

    card: int
    name: str
    weight: int


class _Index(msgspec.Struct, frozen=True):
    """All wordings, indexed by a word that each of them requires."""

    by_word: Mapping[str, tuple[_Wording, ...]]
    wordless: tuple[_Wording, ...]
    words: tuple[tuple[int, frozenset[str]], ...]
    """The words of each wording, with the index of its card."""
    rarity: Mapping[str, float]


def find(text: str, cards: Iterable[Card]) -> list[tuple[Card, str]]:
    """The cards with a wording that occurs in ``text``, each with the matching text; most literal characters first.

    Only the end of a very long log is read.
    """
    text, listed = text[-_LONGEST:], tuple(cards)
    index = _index(tuple(card.names for card in listed))
    best: dict[int, tuple[int, str]] = {}
    for wording in _candidates(index, text):
        hit = _pattern(wording.name).search(text)
        if hit:
            found = (wording.weight, _widened(text, hit, wording.name))
            best[wording.card] = max(found, best.get(wording.card, (0, "")))
    ranked = sorted(best, key=lambda card: (-best[card][0], card))
    return [(listed[card], best[card][1]) for card in ranked]


def alike(text: str, cards: Iterable[Card], most: int = 3) -> list[Card]:
    """The cards whose wordings share the most distinctive words with ``text``, best first."""
    listed = tuple(cards)
    index = _index(tuple(card.names for card in listed))
    said = {word.lower() for word in _WORD.findall(text[-_LONGEST:])}
    scores: dict[int, float] = {}
    for card, words in index.words:
        whole = sum(index.rarity[word] for word in words)
        shared = sum(index.rarity[word] for word in words & said)
        if whole and shared / whole >= _ALIKE:
            scores[card] = max(scores.get(card, 0.0), shared * shared / whole)
    return [listed[card] for card in sorted(scores, key=lambda card: (-scores[card], card))[:most]]


def _candidates(index: _Index, text: str) -> Iterator[_Wording]:
    for word in set(_WORD.findall(text)) & index.by_word.keys():
        yield from index.by_word[word]
    yield from index.wordless


@lru_cache(_NAMES_KEPT)
def _index(names: tuple[tuple[str, ...], ...]) -> _Index:
    by_word: dict[str, list[_Wording]] = {}
    wordless: list[_Wording] = []
    words: list[tuple[int, frozenset[str]]] = []
    for card, wordings in enumerate(names):
        for name in wordings:
            wording = _wording(card, name)
            if wording is not None:
                by_word.setdefault(_rarest(name), []).append(wording)
                words.append((card, frozenset(word.lower() for word in _WORD.findall(name))))
    wordless += by_word.pop("", [])
    counts: dict[str, int] = {}
    for _, found in words:
        for word in found:
            counts[word] = counts.get(word, 0) + 1
    rarity = {word: math.log(len(words) / count) for word, count in counts.items()}
    return _Index({word: tuple(found) for word, found in by_word.items()}, tuple(wordless), tuple(words), rarity)


def _rarest(name: str) -> str:
    """The longest word that every text with the wording contains whole; empty if ``…`` touches each word."""
    whole = [word[0] for word in _WORD.finditer(name) if _WILD not in name[max(0, word.start() - 1) : word.end() + 1]]
    return max(whole, key=len, default="")


def _widened(text: str, hit: re.Match[str], name: str) -> str:
    """The match, extended to the ends of its line where the wording begins or ends with ``…``."""
    start = text.rfind("\n", 0, hit.start()) + 1 if name.startswith(_WILD) else hit.start()
    end = text.find("\n", hit.end()) if name.endswith(_WILD) else hit.end()
    return text[start : len(text) if end < 0 else end].strip()


def _wording(card: int, name: str) -> _Wording | None:
    weight = len(re.sub(rf"[\s{_WILD}]", "", name))
    return _Wording(card, name, weight) if weight else None


@cache
def _pattern(name: str) -> re.Pattern[str]:
    spelled = name.strip(_WILD)
    # A message may be wrapped where it was pasted from: any white space will do for a blank.
    literals = [r"\s+".join(re.escape(word) for word in re.split(r"\s+", part)) for part in spelled.split(_WILD)]
    return re.compile(_bounded(_ANYTHING.join(literals), spelled), re.MULTILINE)


def _bounded(pattern: str, name: str) -> str:
    """Match whole words only; a message of one word (``__aenter__``) must be the entire message on its line.

    The name of an exception may have its module before it and its text after it.
    """
    if not re.search(rf"[\s{_WILD}]", name):
        is_exception = name[0].isupper()
        return rf"(?:^|(?<=: ))(?:[\w.]+\.)?{pattern}(?::.*)?\s*$" if is_exception else rf"(?:^|(?<=: )){pattern}\s*$"
    before = r"(?<!\w)" if re.match(r"\w", name) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", name) else ""
    return f"{before}{pattern}{after}"
