"""``knowledge/parameters.toml``: explains parameters, for the cards that do not explain them themselves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import msgspec

from loopwise import disk
from loopwise.cards.api import knowledge_folder
from loopwise.cards.card import Card, Line, Parameter
from loopwise.problem import Problem
from loopwise.versions import VersionRange

FILE = "parameters.toml"
_RANGED = re.compile(r"\[(?P<range>[-+.\d]+)\] (?P<text>.*)")


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The explanation of one parameter that some functions share."""

    name: str
    of: tuple[str, ...]
    """The headings of their cards."""
    says: str
    """Markdown, one sentence per line; a line may begin with a range of Pythons."""


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    parameters: tuple[Entry, ...]


@cache
def read_parameters() -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    """Read the entries; if the file cannot be read, return none and the problem."""
    path = knowledge_folder() / FILE
    try:
        return msgspec.toml.decode(disk.read(path, disk.DATA), type=_Table).parameters, ()
    except (OSError, msgspec.DecodeError) as error:
        problem = Problem(str(path), "", 0, f"{error}: parameters are not explained until Loopwise is reinstalled")
        return (), (problem,)


def with_parameters(cards: Iterable[Card]) -> list[Card]:
    """The cards, each with the explanations of its parameters."""
    said: dict[str, list[Parameter]] = {}
    for entry in read_parameters()[0]:
        parameter = Parameter(entry.name, tuple(map(_line, entry.says.splitlines())))
        for name in entry.of:
            said.setdefault(name, []).append(parameter)
    return [
        msgspec.structs.replace(card, parameters=tuple(said[card.name])) if card.name in said else card
        for card in cards
    ]


def _line(text: str) -> Line:
    found = _RANGED.fullmatch(text)
    held = VersionRange.parse(found["range"]) if found else None
    return Line(found["text"], held) if found and held else Line(text)
