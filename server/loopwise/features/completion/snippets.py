"""Completes the idioms of ``patterns.md``, where they are possible."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.cards import Card, Snippet, plain
from loopwise.features.completion.items import Item, ItemKind, Tier
from loopwise.features.completion.lines import indent_of, line_end, line_start
from loopwise.features.completion.place import Place, Wants
from loopwise.writing import adapted, importing

_PLACES = {
    (Wants.STATEMENT, ExecutionContext.ASYNC): "body",
    (Wants.STATEMENT, ExecutionContext.CELL): "body",
    (Wants.STATEMENT, ExecutionContext.MODULE): "module",
    (Wants.ASYNC_CONTEXT, ExecutionContext.ASYNC): "async-with",
    (Wants.ASYNC_CONTEXT, ExecutionContext.CELL): "async-with",
}


def items(place: Place) -> Iterator[Item]:
    """The snippets that fit the place and run on all of the project's Pythons."""
    where = _PLACES.get((place.wants, place.context))
    if where is None or place.owner is not None or place.called or place.typed.rest.strip():
        return
    if place.wants is Wants.STATEMENT and _goes_on_below(place):
        return
    target = place.view.target
    for card, snippet in place.view.catalogue.snippets():
        if snippet.place == where and target.floor in snippet.versions:
            yield _item(place, card, snippet)


def _goes_on_below(place: Place) -> bool:
    """Is the code below indented deeper, so that it belongs to the statement being written?"""
    data, at = place.view.file.source.data, place.typed.node.end_byte
    below = next((line for line in data[line_end(data, at) :].splitlines() if line.strip()), b"")
    return indent_of(below, 0) > indent_of(data, line_start(data, at))


def _preview(card: Card, body: str) -> str:
    """The text inserted for this Python; the card's sample may be for another one."""
    return f"{card.headline}\n\n```python\n{plain(body)}\n```"


def _item(place: Place, card: Card, snippet: Snippet) -> Item:
    file, at = place.view.file, place.typed.span.start
    body, edits = adapted(snippet, lambda module: importing(file, at, module, None))
    return Item(
        snippet.name,
        ItemKind.SNIPPET,
        body,
        place.typed.span,
        snippet=True,
        edits=edits,
        detail=f" {card.name}",
        documentation=_preview(card, body),
        tier=Tier.OTHER if place.wants is Wants.STATEMENT else Tier.LEADS,
        score=1.0,
    )
