"""Functions that frameworks register by decorators: a typed view of ``knowledge/frameworks``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from loopwise import disk
from loopwise.cards.api import knowledge_folder

Takes = Literal["either", "plain", "async"]
"""The functions that a decorator accepts: both kinds, plain functions only, coroutine functions only."""


class Framework(msgspec.Struct, frozen=True, rename={"asynchronous": "async"}, forbid_unknown_fields=True):
    """A framework; decorators are named by their last parts."""

    modules: tuple[str, ...]
    """The top-level packages that it is imported from."""
    either: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    asynchronous: frozenset[str] = frozenset()
    awaits: bool = False
    """Does it await functions that it gets in other ways than by decorators: handlers, hooks of its modules?"""
    closes: frozenset[str] | None = None
    """If it closes the user's async generators itself: ends of names used for them, of dependencies, of responses."""
    drives: frozenset[str] = frozenset()
    """Decorators of generators that it runs to their end itself: fixtures."""

    def takes(self, decorator: str) -> Takes | None:
        """The kind of functions that a decorator accepts; ``None`` if the framework does not have it."""
        if decorator in self.asynchronous:
            return "async"
        if decorator in self.plain:
            return "plain"
        return "either" if decorator in self.either else None


def takes(decorators: Iterable[str], imported: Iterable[str]) -> Takes | None:
    """The kind of functions accepted by the first known decorator, matched by its last part; ``None`` if none is known.

    ``imported`` are the top-level packages that the file imports. A framework among them that has the decorator
    decides; otherwise all frameworks count, because the object to register with may be imported from another file of
    the project.
    """
    packages = frozenset(imported)
    for decorator in decorators:
        said = {one: found for one in frameworks().values() if (found := one.takes(decorator)) is not None}
        near = [found for one, found in said.items() if not packages.isdisjoint(one.modules)]
        kinds = set(near or said.values())
        if kinds:
            return kinds.pop() if len(kinds) == 1 else "plain" if "plain" in kinds else "either"
    return None


@cache
def awaiting() -> frozenset[str]:
    """The packages of frameworks that await the user's functions, which are async for them in any case."""
    return frozenset(name for one in frameworks().values() if one.awaits for name in one.modules)


@cache
def closing() -> tuple[frozenset[str], frozenset[str]]:
    """The packages of frameworks that close the user's async generators, and the ends of names used for it."""
    made = [(one.modules, one.closes) for one in frameworks().values() if one.closes is not None]
    packages = frozenset(name for modules, _ in made for name in modules)
    return packages, frozenset(name for _, closes in made for name in closes)


@cache
def driving() -> frozenset[str]:
    """Decorators of frameworks that run a generator to its end themselves."""
    return frozenset(name for one in frameworks().values() for name in one.drives)


@cache
def frameworks() -> Mapping[str, Framework]:
    """All frameworks by file name."""
    return {path.stem: decoded(path) for path in disk.matching(knowledge_folder() / "frameworks", "*.toml")}


def decoded(path: Path) -> Framework:
    """Decode a framework's file; raises :class:`msgspec.DecodeError` if it is malformed."""
    return msgspec.toml.decode(disk.read(path, disk.DATA), type=Framework)
