"""What other tools' rules report of what ours find: a typed view of ``knowledge/companions.toml``.

The file is measured (``server/tools/measure_companions.py``), never typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.cards import knowledge_folder

Version = tuple[int, ...]


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule of another tool, one of ours, and the shapes of ours that it reports."""

    code: str
    rule: str
    shapes: tuple[str, ...]


class Tool(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A tool as it was measured."""

    version: str
    default: tuple[str, ...] = ()
    """Codes that it reports where nothing is selected."""
    default_since: str = "0"
    """The first version that selects these."""
    preview: tuple[str, ...] = ()
    """Codes that have to be asked for."""
    since: Mapping[str, str] = {}
    """The first version in which a code reports what it reports in ``version``, of those that were tried."""
    agreements: tuple[Agreement, ...] = ()


class Rules(msgspec.Struct, frozen=True):
    """The rules of a tool of which something is known."""

    codes: frozenset[str] = frozenset()
    default: frozenset[str] = frozenset()
    default_since: Version = ()
    preview: frozenset[str] = frozenset()
    since: Mapping[str, Version] = {}


class Peer(msgspec.Struct, frozen=True):
    """A rule of another tool."""

    tool: str
    code: str


@cache
def read_agreements() -> Mapping[str, Tool]:
    """The file as it is written, by tool; raises ``msgspec.DecodeError`` for any other file."""
    return decoded(knowledge_folder() / "companions.toml")


def decoded(path: Path) -> Mapping[str, Tool]:
    return msgspec.toml.decode(disk.read(path, disk.DATA), type=dict[str, Tool])


@cache
def rules_of(tool: str) -> Rules:
    """The rules of a tool."""
    found = read_agreements().get(tool)
    if found is None:
        return Rules()
    since = {code: _version(text) for code, text in found.since.items()}
    codes = frozenset(agreement.code for agreement in found.agreements)
    return Rules(codes, frozenset(found.default), _version(found.default_since), frozenset(found.preview), since)


@cache
def peers_of(rule: str, shape: str) -> frozenset[Peer]:
    """The rules of other tools that report what ``rule`` finds in a shape."""
    return _by_shape().get((rule, shape), frozenset())


@cache
def _by_shape() -> Mapping[tuple[str, str], frozenset[Peer]]:
    found: dict[tuple[str, str], set[Peer]] = {}
    for tool, measured in read_agreements().items():
        for agreement in measured.agreements:
            for shape in agreement.shapes:
                found.setdefault((agreement.rule, shape), set()).add(Peer(tool, agreement.code))
    return {key: frozenset(peers) for key, peers in found.items()}


def _version(text: str) -> Version:
    return tuple(int(part) for part in text.split("."))
