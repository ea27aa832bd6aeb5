"""Completes names of unknown type that the file uses elsewhere in such places."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.features.completion.candidates import (
    Candidate,
)
from loopwise.features.completion.items import Item
from loopwise.features.completion.named_items import called_item, plain_item
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.receiver import receiver_of
from loopwise.features.completion.scores import Evidence, score
from loopwise.features.completion.uses import RECEIVERS
from loopwise.semantics.bindings import Binding, Kind, visible
from loopwise.syntax import Node


def items(place: Place, evidence: Evidence, known: set[str]) -> Iterator[Item]:
    """Names of unknown type that the file uses elsewhere in such places."""
    for name in evidence.uses.counts:
        if name not in known and _is_visible(place, name):
            yield used_item(place, name, name, evidence)


def used_item(place: Place, name: str, text: str, evidence: Evidence) -> Item:
    """An item for a dotted name used elsewhere in such places, written as ``text``; called if it is called there."""
    points = score(place, name, Candidate(), evidence, local=False)
    called = Candidate(is_function=True, takes=True)
    make = called_item if name in evidence.uses.called and place.wants is not Wants.FUNCTION else plain_item
    return make(place, text, called, points)


def _is_visible(place: Place, name: str) -> bool:
    """Is the first part of a dotted name bound at the cursor, to anything other than asyncio?"""
    first, dot, _ = name.partition(".")
    if first in RECEIVERS and dot:
        return receiver_of(place) is not None
    for scope, inside, flowing in visible(place.path, place.typed.node):
        bindings = place.view.file.table_of(scope).by_name.get(first, ()) if inside else ()
        if bindings:
            of_asyncio = any((b.module or "").split(".")[0] == "asyncio" for b in bindings)
            return not of_asyncio and not (flowing and all(is_later(place, scope, b) for b in bindings))
    return False


def is_later(place: Place, unit: Node, binding: Binding) -> bool:
    """Is the name bound only after the cursor, or by the very statement that contains the cursor?"""
    at, base = place.typed.span.start, unit.start_byte
    value = binding.value
    own = value is not None and value.start + base <= at <= value.end + base and binding.kind is not Kind.WITH
    return binding.at.start + base >= at or (own and binding.kind is not Kind.FUNCTION)
