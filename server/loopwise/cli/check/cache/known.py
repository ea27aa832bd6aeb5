"""Facts about the modules below a root, as of the last look: an unchanged file is not read again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

import msgspec

from loopwise import disk
from loopwise.semantics.index import (
    ProjectNames,
    Subclass,
    coroutine_functions,
    imported_modules,
    joined,
    roots_of,
    subclasses,
)
from loopwise.text import encode

_NOTHING = b""


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Facts about one version of a file."""

    mtime: int
    """Modification time in ns."""
    size: int
    digest: bytes
    """The digest of its bytes; empty if it cannot be read."""
    coroutines: tuple[str, ...]
    """The names of its coroutine functions."""
    classes: tuple[Subclass, ...] = ()
    roots: tuple[str, ...] = ()
    """The top-level packages that it imports."""


class Survey:
    """Looks at each file once; ``old`` are the facts of an earlier run."""

    def __init__(self, old: Mapping[str, Known]) -> None:
        self.old = old
        self.known: dict[str, Known | None] = {}

    def look(self, path: str, stamp: tuple[int, int] | None = None) -> Known | None:
        """The facts about a file; ``None`` if it does not exist.  ``stamp`` is its time and size, if known."""
        if path not in self.known:
            now = stamp or disk.stamp(path)
            self.known[path] = self._at(path, now) if now is not None else None
        return self.known[path]

    def digest(self, path: str) -> bytes:
        """The digest of a file's bytes; empty if it does not exist."""
        found = self.look(path)
        return found.digest if found is not None else _NOTHING

    def _at(self, path: str, stamp: tuple[int, int]) -> Known:
        before = self.old.get(path)
        if before is not None and (before.mtime, before.size) == stamp:
            return before
        data = disk.data(path, disk.SOURCE)
        if data is None:
            return Known(*stamp, _NOTHING, ())
        coroutines, roots = sorted(coroutine_functions(data)), sorted(roots_of(imported_modules(data)))
        return Known(*stamp, digest_of(data), tuple(coroutines), subclasses(data), tuple(roots))


def digest_of(*parts: bytes) -> bytes:
    """A short digest of the given bytes in sequence."""
    made = hashlib.blake2b(digest_size=12)
    for part in parts:
        made.update(part)
    return made.digest()


def names_of(known: Iterable[Known | None]) -> ProjectNames:
    """The names of all modules combined."""
    there = [one for one in known if one is not None]
    return joined((one.coroutines for one in there), (cls for one in there for cls in one.classes))


def roots_in(known: Iterable[Known | None]) -> frozenset[str]:
    """The top-level packages that the modules import."""
    return frozenset(name for one in known if one is not None for name in one.roots)


def speaks_of(path: str, names: Iterable[str]) -> bool:
    """Does a file contain one of the names, or is that unknown?"""
    pattern = rb"(?<![\w\x80-\xff])(?:%s)(?![\w\x80-\xff])" % b"|".join(re.escape(encode(name)) for name in names)
    data = disk.data(path, disk.SOURCE)
    return data is None or re.search(pattern, data) is not None
