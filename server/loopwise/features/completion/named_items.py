"""Makes the items of names: alone, called, or with a member."""

from __future__ import annotations

import msgspec

from loopwise.cards import escaped
from loopwise.features.completion.candidates import (
    Candidate,
    Held,
)
from loopwise.features.completion.items import Item, ItemKind, Tier, block_text, call_text
from loopwise.features.completion.place import Place


def plain_item(place: Place, name: str, candidate: Candidate, points: float) -> Item:
    """An item for a name that is not called."""
    function = ItemKind.METHOD if "." in name else ItemKind.FUNCTION
    return Item(
        name,
        function if candidate.is_function else ItemKind.VARIABLE,
        block_text(place, escaped(name)),
        place.typed.span,
        snippet=True,
        detail=candidate.detail,
        filter=name,
        symbol=candidate.holds,
        tier=Tier.FITS,
        score=points,
    )


def unknown_item(place: Place, name: str, candidate: Candidate, points: float, *, likely: bool) -> Item:
    """A name of unknown type: it may fit, but precedes fitting items only if it is similar to the surrounding code."""
    item = plain_item(place, name, candidate, points)
    return item if likely else msgspec.structs.replace(item, tier=Tier.LEADS)


def called_item(place: Place, name: str, candidate: Candidate, points: float) -> Item:
    """An item that calls ``name``."""
    kind = ItemKind.CLASS if candidate.is_class else ItemKind.METHOD if "." in name else ItemKind.FUNCTION
    return Item(
        name,
        kind,
        block_text(place, call_text(place, name, parameters=candidate.takes), candidate.target),
        place.typed.span,
        snippet=True,
        detail=candidate.detail,
        filter=name,
        tier=Tier.FITS,
        score=points,
    )


def held_item(place: Place, name: str, held: Held, points: float) -> Item:
    """``queue.get()`` for a queue."""
    label = f"{name}.{held.name}"
    return Item(
        label,
        ItemKind.METHOD,
        block_text(place, call_text(place, label, parameters=held.takes)),
        place.typed.span,
        snippet=True,
        detail=held.detail,
        filter=label,
        symbol=held.symbol,
        tier=Tier.FITS,
        score=points,
    )
