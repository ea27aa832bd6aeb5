"""Summaries of popular libraries that come with the program, for use without an environment."""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from functools import cache

import msgspec

from loopwise import disk
from loopwise.cards import knowledge_folder
from loopwise.semantics.libraries.summary import Summary


class Pack(msgspec.Struct, frozen=True):
    """A top-level package of a released wheel."""

    name: str
    distribution: str
    version: str
    date: str
    """The day (``2026-11-30``) on which that version was the latest."""
    coroutines: frozenset[str]
    summaries: Mapping[str, Summary]


@cache
def shipped(name: str) -> Pack | None:
    """The summaries of a top-level package; ``None`` if none are shipped."""
    if not name.isidentifier():
        return None
    path = knowledge_folder() / "libraries" / f"{name}.xz"
    try:
        return msgspec.msgpack.decode(lzma.decompress(disk.read(path, disk.DATA)), type=Pack)
    except (OSError, lzma.LZMAError, msgspec.DecodeError):
        return None
