"""Matches a file against a tool's patterns; each tool matches in its own way, so the answer is maybe or surely.

A tool's exclusions are matched with ``maybe``, its inclusions with ``surely``: in doubt the tool does not check the
file, and Loopwise reports.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

import msgspec

from loopwise.globs import matches

# A name without wildcards, which all tools match in the same way.
_PLAIN = re.compile(r"[\w.-]+")
_BRACES = re.compile(r"\{([^{}]*)\}")


def maybe(patterns: Iterable[str], path: Path, folder: Path) -> bool:
    """Might one of the patterns, relative to ``folder``, match a file or a parent folder?"""
    return any(_maybe(each, path, folder) for pattern in patterns for each in _spelled_out(pattern))


def surely(patterns: Iterable[str], path: Path, folder: Path) -> bool:
    """Does one of the patterns match a file, or a parent folder, under every interpretation?"""
    return any(_surely(each, path, folder) for pattern in patterns for each in _spelled_out(pattern))


def _maybe(pattern: str, path: Path, folder: Path) -> bool:
    if pattern.startswith("!"):
        return not _surely(pattern[1:], path, folder)
    plain = pattern.removeprefix("./").rstrip("/").removesuffix("/**").removesuffix("/*")
    if plain in {"", ".", "*", "**"}:
        return True
    short, around = plain.replace("**/", ""), _around(path, folder)
    if _PLAIN.fullmatch(short):  # a name without wildcards, as most are
        return short in around.names
    return any(fnmatchcase(text, word) for word in (plain, short, f"*/{short}") for text in around.spellings)


def _surely(pattern: str, path: Path, folder: Path) -> bool:
    plain = pattern.removeprefix("./").rstrip("/")
    if plain in {"", ".", "**", "**/*", "*"}:
        return path.is_relative_to(folder)
    anchored = plain if plain.startswith(("/", "**")) else f"/{plain}"
    return not pattern.startswith("!") and matches(anchored, path, folder)


class _Around(msgspec.Struct, frozen=True):
    """A file and its parent folders, below a folder."""

    names: frozenset[str]
    spellings: frozenset[str]
    """The name, the absolute path and the relative path of each."""


@lru_cache(64)
def _around(path: Path, folder: Path) -> _Around:
    every = (path, *path.parents)
    every = every[: every.index(folder)] if folder in every else every
    names = frozenset(each.name for each in every)
    paths = frozenset(text for each in every for text in (each.as_posix(), _relative(each, folder)))
    return _Around(names, names | paths)


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


def _spelled_out(pattern: str) -> Iterator[str]:
    """A pattern with its braces expanded: ``{a,b}.py`` becomes ``a.py`` and ``b.py``."""
    found = _BRACES.search(pattern)
    if found is None:
        yield pattern
        return
    for word in found[1].split(","):
        yield from _spelled_out(pattern[: found.start()] + word + pattern[found.end() :])
