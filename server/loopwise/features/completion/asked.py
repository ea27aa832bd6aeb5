"""Ranks asyncio's names by the code around the cursor: ``Lock`` for ``self._lock``, ``is_closed`` for ``if``."""

from __future__ import annotations

import re

import msgspec

from loopwise.cards import load_usage
from loopwise.features.completion.items import Item, Tier
from loopwise.features.completion.likeness import Likeness, likeness
from loopwise.features.completion.place import Place, Wants
from loopwise.syntax import CONDITIONS

# What asyncio's documentation itself steers away from: it names what to use in the first place.
STEERED_AWAY = frozenset(
    "asyncio.get_event_loop asyncio.set_event_loop asyncio.new_event_loop asyncio.ensure_future asyncio.wrap_future"
    " asyncio.Future asyncio.StreamReader asyncio.StreamWriter asyncio.StreamReaderProtocol asyncio.iscoroutine".split()
)
# Names of asyncio's methods that return a bool.
_TELLS = re.compile(r"is_|done$|cancelled$|cancelling$|locked$|empty$|full$|at_eof$|expired$|broken$")
# High enough that methods that return a bool lead in a condition.
_ASKED = 10.0


def likelier(place: Place, item: Item) -> Item:
    """A member of an asyncio object, raised if the surrounding code suggests it."""
    if _is_asked(place):
        name = item.label
        return msgspec.structs.replace(item, score=item.score + _ASKED) if _TELLS.match(name) else item
    return named(place, item, likeness(place)) if place.wants is Wants.VALUE and not place.parameters else item


def _is_asked(place: Place) -> bool:
    """Is the expression, as typed so far, a condition?"""
    at = next((index for index, node in enumerate(place.path) if node == place.expression), len(place.path) - 1)
    return at > 0 and place.path[at - 1].type in CONDITIONS


def named(place: Place, item: Item, like: Likeness) -> Item:
    """The item, raised to the top if it matches the assignment's target: ``Lock`` for ``self._lock``."""
    if item.symbol is None or item.deprecated or (item.symbol in STEERED_AWAY and place.may_await):
        return item
    if not like.is_named(item.symbol.rpartition(".")[2]):
        return item
    weight = load_usage().total(item.symbol)
    # Enough to pass members of similar use; see ``scores``.
    return msgspec.structs.replace(item, tier=Tier.FITS, score=item.score + 5.0 + weight / 5) if weight else item
