"""The modules below a root as they were when last looked at: one that has not changed is not read again."""

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
    """A file at one time."""

    mtime: int
    """In ns."""
    size: int
    digest: bytes
    """Of its bytes; empty where it cannot be read."""
    coroutines: tuple[str, ...]
    """The names of its coroutine functions."""
    classes: tuple[Subclass, ...] = ()
    roots: tuple[str, ...] = ()
    """The top-level packages that it imports."""


class Survey:
    """Looks at files, once each; ``old`` is what was known of them in an earlier run."""

    def __init__(self, old: Mapping[str, Known]) -> None:
        self.old = old
        self.known: dict[str, Known | None] = {}

    def look(self, path: str, stamp: tuple[int, int] | None = None) -> Known | None:
        """A file as it is; ``None`` where there is none.  ``stamp`` is its time and size, where they are known."""
        if path not in self.known:
            now = stamp or disk.stamp(path)
            self.known[path] = self._at(path, now) if now is not None else None
        return self.known[path]

    def digest(self, path: str) -> bytes:
        """Of a file's bytes; empty where there is none."""
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
    """A short digest of bytes one after the other."""
    made = hashlib.blake2b(digest_size=12)
    for part in parts:
        made.update(part)
    return made.digest()


def names_of(known: Iterable[Known | None]) -> ProjectNames:
    """The names of all modules."""
    there = [one for one in known if one is not None]
    return joined((one.coroutines for one in there), (cls for one in there for cls in one.classes))


def roots_in(known: Iterable[Known | None]) -> frozenset[str]:
    """The top-level packages that the modules import."""
    return frozenset(name for one in known if one is not None for name in one.roots)


def speaks_of(path: str, names: Iterable[str]) -> bool:
    """Is one of the names in a file, or can that not be told?"""
    pattern = rb"(?<![\w\x80-\xff])(?:%s)(?![\w\x80-\xff])" % b"|".join(re.escape(encode(name)) for name in names)
    data = disk.data(path, disk.SOURCE)
    return data is None or re.search(pattern, data) is not None
