"""What frameworks register by their decorators: a typed view of ``knowledge/frameworks``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from loopwise import disk
from loopwise.cards.api import knowledge_folder

Takes = Literal["either", "plain", "async"]
"""Which functions a decorator takes: both kinds, plain functions only, coroutine functions only."""


class Framework(msgspec.Struct, frozen=True, rename={"asynchronous": "async"}, forbid_unknown_fields=True):
    """A framework; decorators are named by their last parts."""

    modules: tuple[str, ...]
    """The top-level packages by which it is imported."""
    either: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    asynchronous: frozenset[str] = frozenset()

    def takes(self, decorator: str) -> Takes | None:
        """Which functions a decorator takes; ``None`` for one that is not the framework's."""
        if decorator in self.asynchronous:
            return "async"
        if decorator in self.plain:
            return "plain"
        return "either" if decorator in self.either else None


def takes(decorators: Iterable[str], imported: Iterable[str]) -> Takes | None:
    """Which functions the first known one of some decorators takes, by their last parts.

    ``imported`` are the top-level packages that the file imports: if one of these is a framework that has the
    decorator, that one counts, else all frameworks do, as an object to register with may come from another file.
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
def frameworks() -> Mapping[str, Framework]:
    """All frameworks by the names of their files."""
    return {path.stem: decoded(path) for path in disk.matching(knowledge_folder() / "frameworks", "*.toml")}


def decoded(path: Path) -> Framework:
    """The framework of a file; :class:`msgspec.DecodeError` says what is wrong with it."""
    return msgspec.toml.decode(disk.read(path, disk.DATA), type=Framework)
