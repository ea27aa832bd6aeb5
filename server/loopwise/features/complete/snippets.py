"""The idioms of ``patterns.md``, where they can stand."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.cards import Card, Snippet
from loopwise.features.complete.items import Item, ItemKind, Tier, joined
from loopwise.features.complete.place import Around, Place, Wants
from loopwise.features.imports import importing

_PLACES = {
    (Wants.STATEMENT, Around.ASYNC): "body",
    (Wants.STATEMENT, Around.CELL): "body",
    (Wants.STATEMENT, Around.MODULE): "module",
    (Wants.ASYNC_CONTEXT, Around.ASYNC): "async-with",
    (Wants.ASYNC_CONTEXT, Around.CELL): "async-with",
}


def items(place: Place) -> Iterator[Item]:
    """The snippets that fit the place and run on all of the project's Pythons."""
    where = _PLACES.get((place.wants, place.around))
    if where is None or place.owner is not None or place.called or place.typed.rest.strip():
        return
    target = place.view.target
    for card, snippet in place.view.catalogue.snippets():
        if snippet.place == where and target.floor in snippet.versions:
            yield _item(place, card, snippet)


def _item(place: Place, card: Card, snippet: Snippet) -> Item:
    body, edits = snippet.body, []
    for module in (*(("asyncio",) if "asyncio." in body else ()), *snippet.imports):
        written = importing(place.view.file, place.typed.span.start, module, None)
        edits += [edit for edit in written.edits if edit not in edits]
        if written.text != module:
            body = body.replace(f"{module}.", f"{written.text}.")
    return Item(
        snippet.name,
        ItemKind.SNIPPET,
        body,
        place.typed.span,
        snippet=True,
        edits=joined(edits),
        detail=f" {card.name}",
        origin="asyncio",
        symbol=card.name,
        tier=Tier.OTHER if place.wants is Wants.STATEMENT else Tier.LEADS,
        score=1.0,
    )
