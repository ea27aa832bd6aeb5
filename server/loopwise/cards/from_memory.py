"""Recognizes run-time messages typed from memory: other case, other punctuation, varying parts left out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from loopwise.cards.card import Card

_WORD = re.compile(r"\w+")
_WILD = "…"
_FEWEST = 4  # literal words of a wording: fewer occur in other programs' messages too
_LONGEST = 40  # words of a typed text; longer ones were pasted, and have the exact wording
_VARYING = r"(?:\w+ ){0,3}?"
"""A varying part, in words: a name with a dot or two, or nothing."""
_CATALOGUES_KEPT = 4


def from_memory(text: str, cards: Iterable[Card]) -> Card | None:
    """Return the message whose literal words all occur in ``text``, in order and together; ``None`` if none does.

    Of several, it is the one with the most words; if these are two cards, the text is ambiguous.
    """
    words = [word.lower() for word in _WORD.findall(text)]
    if not _FEWEST <= len(words) <= _LONGEST:
        return None
    listed = tuple(cards)
    spelled, typed = f" {' '.join(words)} ", frozenset(words)
    hits = [
        (len(literal), card)
        for card, literal, pattern in _wordings(tuple(card.names for card in listed))
        if literal <= typed and re.search(pattern, spelled)
    ]
    most = max((size for size, _ in hits), default=0)
    best = {card for size, card in hits if size == most}
    return listed[best.pop()] if len(best) == 1 else None


@lru_cache(_CATALOGUES_KEPT)
def _wordings(names: tuple[tuple[str, ...], ...]) -> tuple[tuple[int, frozenset[str], str], ...]:
    """Each wording: the index of its card, its literal words, and the pattern of its words in lower case."""
    found: list[tuple[int, frozenset[str], str]] = []
    for card, wordings in enumerate(names):
        for wording in wordings:
            parts = [_WORD.findall(part.lower()) for part in wording.split(_WILD)]
            literal = [word for part in parts for word in part]
            if len(literal) >= _FEWEST:
                pattern = _VARYING.join("".join(f"{word} " for word in part) for part in parts)
                found.append((card, frozenset(literal), f" {pattern}"))
    return tuple(found)
