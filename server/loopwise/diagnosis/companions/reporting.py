"""Finds out which of a file's findings other tools report, as they are configured for it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.companions import checkers, linters, ruff
from loopwise.diagnosis.companions.agreements import Peer, peers_of
from loopwise.diagnosis.companions.call_shapes import UNKNOWN
from loopwise.diagnosis.companions.reach import is_checked
from loopwise.diagnosis.companions.shapes import shape_of
from loopwise.semantics.bindings import File
from loopwise.text import Span

Find = Callable[[Path], Any]
"""Finds a tool's configuration for the files of a folder; None if the tool does not run there."""
Codes = Callable[[Any, Path], frozenset[str]]
"""The codes reported for a file under a configuration found by :data:`Find`."""

_LINTERS: Mapping[str, tuple[Find, Codes]] = {
    "ruff": (ruff.configured, ruff.reported),
    "flake8-async": (linters.flake8_async, linters.flake8_async_codes),
    "pylint": (linters.pylint, linters.pylint_codes),
}
_CHECKERS: Mapping[str, tuple[Find, Codes]] = {
    "pyright": (checkers.pyright, checkers.pyright_codes),
    "mypy": (checkers.mypy, checkers.mypy_codes),
    "ty": (checkers.ty, checkers.ty_codes),
    "pyrefly": (checkers.pyrefly, checkers.pyrefly_codes),
}
_TOOLS = {**_LINTERS, **_CHECKERS}
_NOTEBOOKS = frozenset({"ruff"})  # the tools that look into notebooks where nothing asks for it


class Reporting(msgspec.Struct, frozen=True):
    """The reports of a project's other tools on one file."""

    peers: frozenset[Peer] = frozenset()
    mypy_looks_into_all: bool = False
    """Does mypy also check functions without annotations?"""


NOBODY = Reporting()


class Companions:
    """The other tools of a project; their configurations are read once per folder."""

    def __init__(self, tools: Collection[str] = tuple(_TOOLS)) -> None:
        self.tools = tools
        self._found: dict[Path, Mapping[str, Any]] = {}

    def reporting(self, path: Path | None) -> Reporting:
        """The reports on a file; empty without a path.

        Configurations are searched for up to the repository's root; an unreadable one counts as empty, and a tool that
        is not configured in the project is assumed not to run.
        """
        if path is None or path.suffix not in {".py", ".ipynb"}:
            return NOBODY
        found = self._configured(path.parent)
        chosen = [tool for tool in found if path.suffix == ".py" or tool in _NOTEBOOKS]
        peers = frozenset(Peer(tool, code) for tool in chosen for code in _TOOLS[tool][1](found[tool], path))
        into_all = "mypy" in found and checkers.mypy_looks_into_all(found["mypy"])
        return Reporting(peers, into_all) if peers else NOBODY

    def _configured(self, folder: Path) -> Mapping[str, Any]:
        if folder not in self._found:
            read = {tool: _TOOLS[tool][0](folder) for tool in self.tools if tool in _TOOLS}
            self._found[folder] = {tool: found for tool, found in read.items() if found is not None}
        return self._found[folder]


def is_reported(file: File, rule: Rule, span: Span, by: Reporting) -> bool:
    """Does one of the tools report a rule's finding at a span?"""
    if not any(peer.code in rule.peers for peer in by.peers):
        return False
    shape = shape_of(file, rule.name, span)
    if UNKNOWN in shape:
        return False
    return any(
        peer.tool in _LINTERS or is_checked(file, span, untyped=peer.tool != "mypy" or by.mypy_looks_into_all)
        for peer in peers_of(rule.name, shape) & by.peers
    )
