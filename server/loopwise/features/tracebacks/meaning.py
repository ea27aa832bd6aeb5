"""Finds a report's meaning: the card of the message at its root."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.cards import Api, Card, Catalogue
from loopwise.features.tracebacks.read import Raised, Report, read

_GROUP = "unhandled errors in a TaskGroup"
_IN_ASYNCIO = re.compile(r"[/\\]asyncio[/\\]\w+\.py$")
_CONSEQUENCES = (
    "coroutine '…' was never awaited",
    "Task was destroyed but it is pending!",
    "unclosed transport …",
    "unclosed event loop …",
    "Unclosed client session",
    "Event loop is closed",
    "Task exception was never retrieved",
    "unhandled exception during asyncio.run() shutdown",
)
"""Messages that follow from another one, if one is printed with them."""


class Meaning(msgspec.Struct, frozen=True):
    """A card, and the text that it explains."""

    card: Card
    matched: str
    raised: Raised | None = None
    """The exception that it explains; ``None`` for a warning or a log record."""


def meaning(catalogue: Catalogue, api: Api, report: Report) -> Meaning | None:
    """The meaning of a report: of its first exception with a known message, else of its record.

    An exception without a message of its own (``CancelledError``) is looked up by name.
    """
    found = list(_meanings(catalogue, api, report))
    later = [one for one in found if one.card.name in _CONSEQUENCES or one.card.name.startswith(_GROUP)]
    first = [one for one in found if one not in later]
    return next(iter([*first, *later]), None)


def meanings(catalogue: Catalogue, api: Api, text: str) -> list[Meaning]:
    """The meanings of all reports in a text, each card once, causes before consequences."""
    first: dict[str, Meaning] = {}
    for report in read(text):
        means = meaning(catalogue, api, report)
        if means is not None:
            first.setdefault(means.card.name, means)
    return sorted(first.values(), key=lambda means: is_consequence(means.card))


def is_consequence(card: Card) -> bool:
    """Is it a message whose cause is another report, if there is one?"""
    return card.name in _CONSEQUENCES


def _meanings(catalogue: Catalogue, api: Api, report: Report) -> Iterator[Meaning]:
    for raised in report.raised:
        for card, matched in catalogue.find_message(_spelled(raised))[:1]:
            yield Meaning(card, matched, raised)
    for card, matched in catalogue.find_message(report.text):
        yield Meaning(card, matched, report.raised[-1] if report.raised else None)
    for raised in reversed(report.raised):
        named = by_name(catalogue, api, raised)
        if named is not None:
            yield named


def by_name(catalogue: Catalogue, api: Api, raised: Raised) -> Meaning | None:
    """The card of an asyncio exception; of a built-in one, only if asyncio is its usual source."""
    last = raised.type.rpartition(".")[2]
    known = raised.type.startswith(("asyncio.", "concurrent.futures.")) or raised.type in {
        "TimeoutError",
        "CancelledError",
    }
    if not known and not any(_IN_ASYNCIO.search(frame.path) for frame in raised.frames):
        return None
    name = f"asyncio.{last}"
    card = catalogue.card(name) if name in api.symbols else None
    return Meaning(card, raised.type, raised) if card is not None else None


def _spelled(raised: Raised) -> str:
    """The error's last line, repeated with each asyncio function that raised it: ``gather(): TypeError: …``."""
    whole = f"{raised.type}: {raised.text}" if raised.text else raised.type
    inner = [frame.function for frame in raised.frames if _IN_ASYNCIO.search(frame.path)]
    said = [f"{function.rpartition('.')[2]}(): {raised.text or raised.type}" for function in dict.fromkeys(inner)]
    return "\n".join([whole, *said])
