"""Run-time messages found again in what a person pastes: a traceback, a warning, lines of a log."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from loopwise.cards.card import Card

_WILD = "…"
# Bounded, so that a log without line ends cannot make the search quadratic.
_ANYTHING = r"[^\n]{0,500}?"
_LONGEST = 100_000  # characters of a pasted text: a long traceback


class _Wording(msgspec.Struct, frozen=True):
    """What to look for, and how much of it is literal."""

    pattern: re.Pattern[str]
    weight: int


def find(text: str, cards: Iterable[Card]) -> list[tuple[Card, str]]:
    """The cards of which a wording occurs in ``text``, with the text that matched; most literal characters first.

    Of a very long log only the end is read.
    """
    text = text[-_LONGEST:]
    found = [(weight, card, matched) for card in cards for weight, matched in [_best(card, text)] if weight]
    found.sort(key=lambda hit: -hit[0])
    return [(card, matched) for _, card, matched in found]


def _best(card: Card, text: str) -> tuple[int, str]:
    """The most literal wording of the card that occurs: its weight (0 for none) and the text."""
    hits = [
        (wording.weight, _widened(text, hit, name))
        for name in card.names
        if (wording := _wording(name)) and (hit := wording.pattern.search(text))
    ]
    return max(hits, default=(0, ""))


def _widened(text: str, hit: re.Match[str], name: str) -> str:
    """The match, up to the ends of its line where the wording begins or ends with ``…``."""
    start = text.rfind("\n", 0, hit.start()) + 1 if name.startswith(_WILD) else hit.start()
    end = text.find("\n", hit.end()) if name.endswith(_WILD) else hit.end()
    return text[start : len(text) if end < 0 else end].strip()


@cache
def _wording(name: str) -> _Wording | None:
    name = name.strip(_WILD)
    # A message may be wrapped where it was pasted from: any white space will do for a blank.
    literals = [r"\s+".join(re.escape(word) for word in re.split(r"\s+", part)) for part in name.split(_WILD)]
    weight = len(re.sub(rf"[\s{_WILD}]", "", name))
    return _Wording(re.compile(_bounded(_ANYTHING.join(literals), name), re.MULTILINE), weight) if weight else None


def _bounded(pattern: str, name: str) -> str:
    """Whole words only; a message of one word (``__aenter__``) must be all that its line says."""
    if not re.search(rf"[\s{_WILD}]", name):
        return rf"(?:^|(?<=: )){pattern}\s*$"
    before = r"(?<!\w)" if re.match(r"\w", name) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", name) else ""
    return f"{before}{pattern}{after}"
