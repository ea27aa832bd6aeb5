"""Calls that block the thread they run on: a typed view of ``knowledge/blocking.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from loopwise import disk
from loopwise.cards.api import knowledge_folder
from loopwise.problem import Problem

_REMEDY = "fix it or reinstall Loopwise; until then no call is known to block"
_STEPS = 6  # renamings of one name

Long = Literal["never", "short", "file", "network", "unbounded"]
Only = Literal[
    "", "arguments", "beside-tasks", "bounded-queue", "certificate-files", "entered", "named", "not-done", "noticeable",
    "path", "remote", "repeated", "shared", "stream", "unguarded",
]  # fmt: skip
Way = Literal["twin", "thread", "list", "future", "none"]


class Unless(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An argument that makes a call return at once."""

    name: str
    """The keyword."""
    says: str
    """Words, one of which must occur in the argument: ``False 0``; in capitals also as part of a word: ``NB``."""
    at: int = -1
    """The argument's position, counted from 0; -1 if it can only be passed by keyword."""


class Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Callables that block in the same way."""

    names: str
    """Full names, or last parts of them if ``of`` is set, separated by spaces; ``*`` as the last part matches any
    name."""
    long: Long
    """Duration of the block: ``never`` (excludes a name that a pattern would match), ``short`` (milliseconds), as long
    as the disk or the other side takes, or until something happens that may never happen (``unbounded``)."""
    of: str = ""
    """The prefix of each name: one or more modules or classes."""
    rule: str = ""
    """The rule that reports it."""
    twin: str = ""
    """The awaitable equivalent; ``{name}`` is replaced by the last part of the name."""
    fix: Way = "thread"
    """``twin``: the equivalent takes the same arguments; ``thread``: ``asyncio.to_thread``; ``list``: a lazy iterator,
    to be turned into a list in a thread; ``future``: ``asyncio.wrap_future``; ``none``: ``why`` holds the reason."""
    why: str = ""
    unless: tuple[Unless, ...] = ()
    only: Only = ""
    """A condition: ``arguments``: there are some; ``beside-tasks``: the file starts tasks or servers, or is not a
    program; ``bounded-queue``: the file creates a queue that can be full; ``entered``: ``with`` enters it; ``named``:
    the first argument is not the text of an IP address; ``not-done``: no earlier test or wait shows that it is done;
    ``noticeable``: the first argument is not a number below a thousandth; ``path``: the first argument is one, not an
    open file; ``remote``: the function does not mention ``data:`` and ``file:`` addresses; ``repeated``: in a loop;
    ``shared``: the object was not created in the same function; ``stream``: neither the receiver's name nor what made
    it says UDP; ``unguarded``: the function does not check first whether the queue is empty."""
    marks: tuple[str, ...] = ()
    """Texts, each of which in a file shows that the calls do not block there: ``setblocking(False)``."""


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file's contents as written."""

    same: dict[str, str] = {}
    """Aliases: ``_thread.lock = "threading.Lock"``; they apply to members as well."""
    calls: tuple[Calls, ...] = ()


class Table(msgspec.Struct, frozen=True):
    """All blocking calls, by name."""

    same: Mapping[str, str] = {}
    exact: Mapping[str, Calls] = {}
    below: Mapping[str, Calls] = {}
    """Patterns, without their ``.*``."""

    def canonical(self, name: str) -> str:
        """The name under which the table lists ``name``, with aliases resolved."""
        for _ in range(_STEPS):
            if name in self.exact:
                break
            renamed = next((self.same[head] + name[len(head) :] for head in _heads(name) if head in self.same), name)
            if renamed == name:
                break
            name = renamed
        return name

    def find(self, name: str) -> Calls | None:
        """The entry for a callable's canonical name; None if it is not known to block."""
        return self.exact.get(name) or self.below.get(name.rpartition(".")[0])

    def words(self, *rules: str) -> frozenset[str]:
        """The last parts of the names that the given rules report (all names if no rule is given), without patterns."""
        return frozenset(
            name.rpartition(".")[2]
            for name, calls in self.exact.items()
            if calls.long != "never" and (not rules or calls.rule in rules)
        )

    def roots(self, *rules: str) -> frozenset[str]:
        """The libraries for which there are patterns."""
        chosen = (name for name, calls in self.below.items() if not rules or calls.rule in rules)
        return frozenset(name.partition(".")[0] for name in chosen)


def _heads(name: str) -> Iterator[str]:
    """The name and each of its dotted prefixes, longest first."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def decoded(path: Path) -> tuple[Table, tuple[Problem, ...]]:
    """Read the table from a file; if it cannot be read, return an empty one and a problem that names the key."""
    try:
        contents = msgspec.toml.decode(disk.read(path, disk.DATA), type=Contents)
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        message, _, key = str(error).partition(" - at `$.")
        return Table(), (Problem(str(path), key.rstrip("`"), 0, f"{message}: {_REMEDY}"),)
    problems = tuple(
        Problem(str(path), f"calls[{number}].{key}", 0, f"{message}: {_REMEDY}")
        for number, calls in enumerate(contents.calls)
        for key, message in _wrong(calls)
    )
    return _table(contents), problems


def _wrong(calls: Calls) -> Iterator[tuple[str, str]]:
    if not calls.names.split():
        yield "names", "it names nothing"
    if calls.long != "never" and not calls.rule:
        yield "rule", "no rule would report it"
    if calls.fix == "twin" and not calls.twin:
        yield "twin", "the fix needs it"
    if calls.fix == "none" and not calls.why and calls.long != "never":
        yield "why", "without a fix there must be a reason"


def _table(contents: Contents) -> Table:
    exact: dict[str, Calls] = {}
    below: dict[str, Calls] = {}
    for calls in contents.calls:
        for name in full_names(calls):
            if name.endswith(".*"):
                below.setdefault(name[:-2], calls)
            else:
                exact.setdefault(name, calls)
    return Table(contents.same, exact, below)


def full_names(calls: Calls) -> list[str]:
    """All dotted names of one entry."""
    owners = calls.of.split()
    return [f"{owner}.{name}" for owner in owners for name in calls.names.split()] if owners else calls.names.split()


@cache
def read_blocking() -> tuple[Table, tuple[Problem, ...]]:
    """Decode blocking.toml; return the table and the problems in it."""
    return decoded(knowledge_folder() / "blocking.toml")


def blocking_table() -> Table:
    """The table of blocking calls, decoded on first use."""
    return read_blocking()[0]
