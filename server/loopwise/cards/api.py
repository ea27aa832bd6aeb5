"""What was measured about asyncio on each Python: a typed view of ``knowledge/api.json``."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cards.names import candidates
from loopwise.problem import Problem
from loopwise.versions import Target, Version, VersionRange, parse_version, version_text

_LONG_AGO = (3, 0)


class Facts(msgspec.Struct, frozen=True):
    """One name. Versions are texts such as ``"3.11"``; lists of pairs hold from the version named first."""

    kind: str
    """module, class, exception, function, coroutine function, constant, method, coroutine method, property, …"""
    module: str | None = None
    """Where it is defined (``asyncio.tasks``)."""
    since: str | None = None
    """None when it is older than 3.7, or as old as its class."""
    removed: str | None = None
    """First version without it."""
    deprecated: str | None = None
    removal: str | None = None
    """Version for which its removal is announced."""
    instead: str | None = None
    """What to use in place of something deprecated or removed."""
    platforms: tuple[str, ...] = ()
    """``posix`` or ``windows``; empty for all."""
    missing_from_all: tuple[str, ...] = ()
    """Versions on which ``asyncio.__all__`` leaves it out."""
    signatures: tuple[tuple[str, str], ...] = ()
    """``(coro, *, name=None)``: without self."""
    typeshed: tuple[tuple[str, tuple[str, ...]], ...] = msgspec.field(name="types", default=())
    """Signatures with types, one for each overload, ``async `` before a coroutine function's; methods with self."""
    bases: tuple[str, ...] = ()
    """A class's public bases, nearest first, those of its bases included."""
    type_parameters: tuple[str, ...] = ()
    awaitable: bool = False
    context_manager: bool = False
    async_context_manager: bool = False
    iterable: bool = False
    iterator: bool = False
    async_iterable: bool = False
    awaits: str | None = None
    """Type of ``await x``; the next four likewise of ``with``, ``async with``, ``for`` and ``async for``."""
    enters: str | None = None
    aenters: str | None = None
    iterates: str | None = None
    aiterates: str | None = None
    value: str | None = None
    """A constant's, as ``repr`` returns it."""
    keyword_names: dict[str, str] = {}
    """The real keyword for a documented one where they differ: ``{"aw": "fut"}``."""
    docs: str | None = None
    """Below docs.python.org/3/: ``library/asyncio-task.html#asyncio.create_task``."""
    changed: tuple[tuple[str, str], ...] = ()
    """What became different, and from which version on."""

    @property
    def lifetime(self) -> VersionRange:
        """The Pythons that have it."""
        removed = parse_version(self.removed or "")
        return VersionRange(parse_version(self.since or ""), (removed[0], removed[1] - 1) if removed else None)

    def available(self, version: Version) -> bool:
        """Does this Python have it?"""
        return version in self.lifetime

    def deprecated_at(self, version: Version) -> bool:
        """Is it there on this Python, and deprecated?"""
        first = parse_version(self.deprecated or "")
        return first is not None and first <= version and self.available(version)

    def removed_at(self, version: Version) -> bool:
        """Is it no longer there on this Python?"""
        removed = parse_version(self.removed or "")
        return removed is not None and removed <= version

    def signature(self, version: Version) -> str | None:
        """``(coro, *, name=None)`` on this Python; None where it has none or is not there."""
        held = [text for since, text in self.signatures if _from(since) <= version]
        return held[-1] if held and self.available(version) else None

    def types(self, version: Version) -> tuple[str, ...]:
        """typeshed's signatures on this Python, one for each overload; empty where there are none."""
        held = [overloads for since, overloads in self.typeshed if _from(since) <= version]
        return held[-1] if held and self.available(version) else ()


class Api(msgspec.Struct, frozen=True):
    """All public names of asyncio and their own members."""

    versions: tuple[str, ...]
    """The Pythons measured, oldest first."""
    measured: dict[str, str] = {}
    """On what each was measured: ``{"3.12": "CPython 3.12.1, linux"}``."""
    symbols: dict[str, Facts] = {}

    @property
    def known(self) -> tuple[Version, ...]:
        """The Pythons that Loopwise knows, oldest first."""
        return tuple(version for text in self.versions if (version := parse_version(text)))

    @property
    def span(self) -> Target:
        """From the oldest Python known to the newest."""
        return Target(self.known[0], self.known[-1])

    def bases(self, name: str) -> tuple[str, ...]:
        """The public bases of a class, nearest first; empty for anything else."""
        facts = self.symbols.get(name)
        return facts.bases if facts else ()

    def canonical(self, name: str) -> str | None:
        """The name under which the facts are: ``asyncio.PriorityQueue.get`` -> ``asyncio.Queue.get``."""
        return next((spelling for spelling in candidates(name, self.bases) if spelling in self.symbols), None)

    def facts(self, name: str) -> Facts | None:
        """What was measured about ``name``, under the rules of :mod:`loopwise.cards.names`."""
        spelling = self.canonical(name)
        return self._dated(spelling, self.symbols[spelling]) if spelling else None

    def _dated(self, name: str, facts: Facts) -> Facts:
        """A member's facts with the dates of its class, where it came or goes with that."""
        owner = self.symbols.get(name.rpartition(".")[0])
        if owner is None or not (owner.since or owner.removed):
            return facts
        return msgspec.structs.replace(facts, since=facts.since or owner.since, removed=facts.removed or owner.removed)


@cache
def knowledge_folder() -> Path:
    """Where the pages are: beside the modules once installed, at the top of the repository before."""
    here = Path(__file__).resolve().parents[1]
    installed = here / "knowledge"
    return installed if installed.is_dir() else here.parent.parent / "knowledge"


@cache
def read_api() -> tuple[Api, tuple[Problem, ...]]:
    """api.json decoded; when it cannot be, an API without symbols and the reason."""
    path = knowledge_folder() / "api.json"
    try:
        return msgspec.json.decode(disk.read(path, disk.DATA), type=Api), ()
    except (OSError, msgspec.DecodeError) as error:
        problem = Problem(str(path), "", 0, f"{error}: facts are missing until Loopwise is reinstalled")
        return Api(versions=(version_text((sys.version_info[0], sys.version_info[1])),)), (problem,)


def load_api() -> Api:
    """What was measured about asyncio; decoded on first use."""
    return read_api()[0]


def _from(text: str) -> Version:
    return parse_version(text) or _LONG_AGO
