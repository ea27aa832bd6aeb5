"""Finds cards, the user's and ours, for names outside asyncio: those of libraries and of the user's own code."""

from __future__ import annotations

from loopwise.cards import Card
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.infer import Value
from loopwise.syntax import Node


def card_of(view: View, node: Node, value: Value) -> tuple[str, Card | None]:
    """The card for a node with the given value, and the dotted name that has it."""
    for name in symbols.dotted_names(view.evaluator, view.file, node, value):
        card = view.catalogue.card(name) if not symbols.is_asyncio(name) else None
        if card is not None:
            return name, card
    return "", None
