"""Which of a file's findings other tools report, as they are configured for it."""

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
"""What is set up for the files of a folder; None where the tool does not run there."""
Codes = Callable[[Any, Path], frozenset[str]]
"""The codes that what was found reports of a file."""

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
    """What the other tools of a project report of one file."""

    peers: frozenset[Peer] = frozenset()
    mypy_looks_into_all: bool = False
    """Into functions without annotations too?"""


NOBODY = Reporting()


class Companions:
    """The other tools of a project; their configurations are read once for each folder."""

    def __init__(self, tools: Collection[str] = tuple(_TOOLS)) -> None:
        self.tools = tools
        self._found: dict[Path, Mapping[str, Any]] = {}

    def reporting(self, path: Path | None) -> Reporting:
        """What is reported of a file; without a path, of none.

        Configurations are looked for up to the folder of the repository; what cannot be read says nothing, and a tool
        that is not set up in the project is not taken to run.
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
    """Does one of the tools report what a rule finds at a span?"""
    if not any(peer.code in rule.peers for peer in by.peers):
        return False
    shape = shape_of(file, rule.name, span)
    if UNKNOWN in shape:
        return False
    return any(
        peer.tool in _LINTERS or is_checked(file, span, untyped=peer.tool != "mypy" or by.mypy_looks_into_all)
        for peer in peers_of(rule.name, shape) & by.peers
    )
