"""How much asyncio's names are used in real projects: a typed view of ``knowledge/usage.json``."""

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

    The places of a name: ``await``, ``async_with``, ``async_for`` (what is awaited, entered, iterated there is the name
    or its call), ``raise`` (or ``except``), ``argument`` (of a call), ``statement`` (all else in a coroutine function),
    ``sync`` (all else), ``import`` (``from asyncio import …``) and ``annotation``.
    """

    measured: dict[str, str] = {}
    """The projects, with their versions."""
    places: tuple[str, ...] = ()
    uses: dict[str, dict[str, float]] = {}

    def weight(self, name: str, place: str) -> float:
        """How much ``name`` is used in one kind of place; 0.0 where no project uses it, or if the place is unknown."""
        return self.uses.get(name, {}).get(place, 0.0)

    def total(self, name: str) -> float:
        """How much ``name`` is used in all places together; 0.0 where no project uses it."""
        return self.weight(name, _TOTAL)


def decoded(path: Path) -> tuple[Usage, tuple[Problem, ...]]:
    """What a file says about usage; when it cannot be read, no usage and the reason."""
    try:
        return msgspec.json.decode(disk.read(path, disk.DATA), type=Usage), ()
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        message = f"{error}: nothing is ranked by use until Loopwise is reinstalled"
        return Usage(), (Problem(str(path), "", 0, message),)


@cache
def read_usage() -> tuple[Usage, tuple[Problem, ...]]:
    """usage.json decoded, with what is wrong with it."""
    return decoded(knowledge_folder() / "usage.json")


def load_usage() -> Usage:
    """How much each name is used; decoded on first use."""
    return read_usage()[0]
