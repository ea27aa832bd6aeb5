"""A package as a whole, judged by its words: the names it defines that return awaitables."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec

from loopwise import disk
from loopwise.semantics.index import coroutine_functions
from loopwise.text import decode, encode

# A bound for packages of generated code.
_MOST_FILES = 3_000
# A function that says, perhaps on many lines, that it returns something to await; the names of the types follow.
_HEAD = rb"\bdef[ \t]+(\w+)\([^()]*(?:\([^()]*\)[^()]*)*\)\s*->\s*[^:#]*\b"
_TYPES = frozenset({b"Coroutine", b"CoroutineType", b"Awaitable"})
_AWAITABLE = re.compile(_HEAD + rb"(?:%s)\b" % b"|".join(sorted(_TYPES)))
# A class that is a coroutine, and other names for types that are awaited.
_CLASS = re.compile(rb"^[ \t]*class[ \t]+(\w+)\([^()]*\b(?:Coroutine|Awaitable)\b", re.MULTILINE)
_ALIAS = re.compile(
    rb"^(\w+)[ \t]*(?::[ \t]*[\w.]*TypeAlias[ \t]*)?=[ \t]*(?:(?:\w+\.)*(?:Union|Optional)\[)?(\w+)\[", re.MULTILINE
)
# Users do not import these parts of a package.
_NEVER = frozenset({"__pycache__", "tests", "test", "testing", "node_modules"})


class Package(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A top-level package; if it has no names, it has nothing to await and its modules are not read."""

    name: str
    coroutines: frozenset[str] = frozenset()
    version: str = ""
    """The version of the distribution of the same name; empty if there is none."""


class Files(msgspec.Struct, frozen=True):
    """The Python files of a package; ``digest`` identifies their state."""

    paths: tuple[str, ...]
    digest: bytes


def files_of(places: Iterable[str]) -> Files:
    """The files at and below some paths, identified by names, times and sizes."""
    state, paths = blake2b(digest_size=16), []
    for path, stamp in _below(places):
        paths.append(path)
        state.update(encode(f"{path} {stamp}\n"))
        if len(paths) >= _MOST_FILES:
            break
    return Files(tuple(paths), state.digest())


def package_of(name: str, files: Files, version: str = "") -> Package:
    """Read a package from the texts of its files."""
    found: set[str] = set()
    types = set(_TYPES)
    for path in files.paths:
        data = disk.data(path, disk.MODULE) or b""
        found |= coroutine_functions(data)
        if b"Awaitable" in data or b"Coroutine" in data:
            found.update(map(decode, _AWAITABLE.findall(data)))
            types |= _types(data)
    return Package(name, frozenset(found | _returning(files, types - _TYPES)), version)


def _types(data: bytes) -> set[bytes]:
    """A module's names of types that are awaited: classes derived from ``Coroutine``, and aliases."""
    found = set(_CLASS.findall(data))
    for alias, of in _ALIAS.findall(data):
        if of in found or of in _TYPES:
            found.add(alias)
    return found


def _returning(files: Files, types: set[bytes]) -> set[str]:
    """The functions that say that they return one of these types, such as aiohttp's ``_RequestContextManager``."""
    if not types:
        return set()
    head = re.compile(_HEAD + rb"(?:%s)\b" % b"|".join(map(re.escape, sorted(types))))
    found: set[str] = set()
    for path in files.paths:
        data = disk.data(path, disk.MODULE) or b""
        if any(one in data for one in types):
            found.update(map(decode, head.findall(data)))
    return found


def _below(places: Iterable[str]) -> Iterator[tuple[str, str]]:
    ahead = list(places)
    while ahead:
        place = ahead.pop()
        if place.endswith((".py", ".pyi")):
            stamp = _stamp(place)
            if stamp:
                yield place, stamp
            continue
        try:
            with os.scandir(place) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except (OSError, ValueError):
            continue
        for entry in found:
            if entry.name.endswith((".py", ".pyi")) or (entry.name not in _NEVER and _is_folder(entry)):
                ahead.append(entry.path)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _stamp(path: str) -> str:
    try:
        state = os.stat(path)
    except (OSError, ValueError):
        return ""
    return f"{state.st_mtime_ns} {state.st_size}" if state.st_size <= disk.MODULE else ""
