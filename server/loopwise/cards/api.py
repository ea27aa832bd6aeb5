"""Facts about asyncio as measured on each Python: a typed view of ``knowledge/api.json``."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cards.names import candidates
from loopwise.problem import Problem
from loopwise.versions import Target, Version, VersionRange, parse_version, version_text

# For versions that api.json does not record: older than any Python it was measured on.
_LONG_AGO = (3, 0)


class Facts(msgspec.Struct, frozen=True):
    """The facts about one name. Versions are texts such as ``"3.11"``; the first item of a pair is where it starts."""

    kind: str
    """module, class, exception, function, coroutine function, constant, method, coroutine method, property, …"""
    module: str | None = None
    """The module that defines it (``asyncio.tasks``)."""
    since: str | None = None
    """None if it is older than 3.7, or as old as its class."""
    removed: str | None = None
    """The first version without it."""
    deprecated: str | None = None
    removal: str | None = None
    """The version in which its removal is announced."""
    instead: str | None = None
    """The replacement for a deprecated or removed name."""
    platforms: tuple[str, ...] = ()
    """``posix`` or ``windows``; empty for all."""
    missing_from_all: tuple[str, ...] = ()
    """Versions on which ``asyncio.__all__`` leaves it out."""
    signatures: tuple[tuple[str, str], ...] = ()
    """``(coro, *, name=None)``: without self."""
    typeshed: tuple[tuple[str, tuple[str, ...]], ...] = msgspec.field(name="types", default=())
    """Signatures with types, one for each overload, ``async `` before a coroutine function's; methods with self."""
    bases: tuple[str, ...] = ()
    """A class's public bases, nearest first, including inherited ones."""
    type_parameters: tuple[str, ...] = ()
    awaitable: bool = False
    context_manager: bool = False
    async_context_manager: bool = False
    iterable: bool = False
    iterator: bool = False
    async_iterable: bool = False
    awaits: str | None = None
    """Type of ``await x``; the next four are the same for ``with``, ``async with``, ``for`` and ``async for``."""
    enters: str | None = None
    aenters: str | None = None
    iterates: str | None = None
    aiterates: str | None = None
    value: str | None = None
    """A constant's value, as ``repr`` returns it."""
    keyword_names: dict[str, str] = {}
    """The real keyword of a parameter, by its documented name, where the two differ: ``{"aw": "fut"}``."""
    docs: str | None = None
    """Path below docs.python.org/3/: ``library/asyncio-task.html#asyncio.create_task``."""
    changed: tuple[tuple[str, str], ...] = ()
    """Changes in behavior, each with the version that made it."""

    @property
    def lifetime(self) -> VersionRange:
        """The range of Pythons that have it."""
        removed = parse_version(self.removed or "")
        return VersionRange(parse_version(self.since or ""), (removed[0], removed[1] - 1) if removed else None)

    def available(self, version: Version) -> bool:
        """Does this Python have it?"""
        return version in self.lifetime

    def deprecated_at(self, version: Version) -> bool:
        """Does this Python have it, but deprecate it?"""
        first = parse_version(self.deprecated or "")
        return first is not None and first <= version and self.available(version)

    def removed_at(self, version: Version) -> bool:
        """Was it removed in this Python or an earlier one?"""
        removed = parse_version(self.removed or "")
        return removed is not None and removed <= version

    def signature(self, version: Version) -> str | None:
        """``(coro, *, name=None)`` on this Python; None if it has no signature or is not available."""
        held = [text for since, text in self.signatures if _from(since) <= version]
        return held[-1] if held and self.available(version) else None

    def types(self, version: Version) -> tuple[str, ...]:
        """typeshed's signatures on this Python, one per overload; empty if there are none."""
        held = [overloads for since, overloads in self.typeshed if _from(since) <= version]
        return held[-1] if held and self.available(version) else ()


class Api(msgspec.Struct, frozen=True):
    """All public names of asyncio and their members."""

    versions: tuple[str, ...]
    """The Pythons that were measured, oldest first."""
    measured: dict[str, str] = {}
    """The build on which each version was measured: ``{"3.12": "CPython 3.12.1, linux"}``."""
    symbols: dict[str, Facts] = {}

    @property
    def known(self) -> tuple[Version, ...]:
        """The Python versions that Loopwise knows, oldest first."""
        return tuple(version for text in self.versions if (version := parse_version(text)))

    @property
    def span(self) -> Target:
        """The range from the oldest known Python to the newest."""
        return Target(self.known[0], self.known[-1])

    def bases(self, name: str) -> tuple[str, ...]:
        """The public bases of a class, nearest first; empty for anything else."""
        facts = self.symbols.get(name)
        return facts.bases if facts else ()

    def canonical(self, name: str) -> str | None:
        """The name that the facts are filed under: ``asyncio.PriorityQueue.get`` -> ``asyncio.Queue.get``."""
        return next((spelling for spelling in candidates(name, self.bases) if spelling in self.symbols), None)

    def facts(self, name: str) -> Facts | None:
        """The facts about ``name``, looked up by the rules of :mod:`loopwise.cards.names`; None for an unknown name."""
        spelling = self.canonical(name)
        return self._dated(spelling, self.symbols[spelling]) if spelling else None

    def _dated(self, name: str, facts: Facts) -> Facts:
        """A member's facts, with its class's versions where the member was added or removed along with the class."""
        owner = self.symbols.get(name.rpartition(".")[0])
        if owner is None or not (owner.since or owner.removed):
            return facts
        return msgspec.structs.replace(facts, since=facts.since or owner.since, removed=facts.removed or owner.removed)


@cache
def knowledge_folder() -> Path:
    """The folder with the pages: beside the modules once installed, at the top of the repository in a checkout."""
    here = Path(__file__).resolve().parents[1]
    installed = here / "knowledge"
    return installed if installed.is_dir() else here.parent.parent / "knowledge"


@cache
def read_api() -> tuple[Api, tuple[Problem, ...]]:
    """Decode api.json; if it cannot be read, return an API without symbols, and the problem."""
    path = knowledge_folder() / "api.json"
    try:
        return msgspec.json.decode(disk.read(path, disk.DATA), type=Api), ()
    except (OSError, msgspec.DecodeError) as error:
        problem = Problem(str(path), "", 0, f"{error}: facts are missing until Loopwise is reinstalled")
        return Api(versions=(version_text((sys.version_info[0], sys.version_info[1])),)), (problem,)


def load_api() -> Api:
    """The measured facts about asyncio, decoded on first use."""
    return read_api()[0]


def _from(text: str) -> Version:
    return parse_version(text) or _LONG_AGO
