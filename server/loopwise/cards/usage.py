"""Frequency of asyncio's names in real projects: a typed view of ``knowledge/usage.json``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cards.api import knowledge_folder
from loopwise.problem import Problem

_TOTAL = "total"


class Usage(msgspec.Struct, frozen=True):
    """Weights of canonical names (``asyncio.Queue.get``): sums over projects of log2(1 + count), so they do not add up.

    The places: ``await``, ``async_with``, ``async_for`` (the name, or a call of it, is awaited, entered or iterated),
    ``raise`` (or ``except``), ``argument`` (of a call), ``statement`` (anything else in a coroutine function), ``sync``
    (anything else), ``import`` (``from asyncio import …``) and ``annotation``.
    """

    measured: dict[str, str] = {}
    """The projects that were measured, with their versions."""
    places: tuple[str, ...] = ()
    uses: dict[str, dict[str, float]] = {}

    def weight(self, name: str, place: str) -> float:
        """The weight of ``name`` in one kind of place; 0.0 if no project uses it there, or if the place is unknown."""
        return self.uses.get(name, {}).get(place, 0.0)

    def total(self, name: str) -> float:
        """The weight of ``name`` over all places; 0.0 if no project uses it."""
        return self.weight(name, _TOTAL)


def decoded(path: Path) -> tuple[Usage, tuple[Problem, ...]]:
    """Read the weights from a file; if it cannot be read, return none and the problem."""
    try:
        return msgspec.json.decode(disk.read(path, disk.DATA), type=Usage), ()
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        message = f"{error}: nothing is ranked by use until Loopwise is reinstalled"
        return Usage(), (Problem(str(path), "", 0, message),)


@cache
def read_usage() -> tuple[Usage, tuple[Problem, ...]]:
    """Decode usage.json; return the weights and the problems in it."""
    return decoded(knowledge_folder() / "usage.json")


def load_usage() -> Usage:
    """The weight of each name, decoded on first use."""
    return read_usage()[0]
