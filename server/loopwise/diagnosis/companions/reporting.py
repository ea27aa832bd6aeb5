"""Finds out which of a file's findings other tools report, as they are configured for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import msgspec

from loopwise.analysis.rule import Rule
from loopwise.diagnosis.companions import checkers, linters, pythons, ruff
from loopwise.diagnosis.companions.agreements import Peer, Report, reports_on
from loopwise.diagnosis.companions.reach import is_checked
from loopwise.diagnosis.companions.shapes import shapes_of
from loopwise.semantics.bindings import File
from loopwise.text import Span
from loopwise.versions import Target, VersionRange

Find = Callable[[Path], Any]
"""Finds a tool's configuration for the files of a folder; None if the tool does not run there."""
Codes = Callable[[Any, Path], frozenset[str]]
"""The codes reported for a file under a configuration found by :data:`Find`."""

_EXCEPT_STAR = re.compile(rb"\bexcept\s*\*")
_STARRED_SINCE = (3, 11)  # before it, checkers report `except*` as a syntax error

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
_PYTHONS: Mapping[str, Callable[[Any], VersionRange | None]] = {
    "pyright": pythons.pyright,
    "mypy": pythons.mypy,
    "ty": pythons.ty,
    "pyrefly": pythons.pyrefly,
}
_TOOLS = {**_LINTERS, **_CHECKERS}
_NOTEBOOKS = frozenset({"ruff"})  # the tools that look into notebooks where nothing asks for it


class Reporting(msgspec.Struct, frozen=True):
    """The reports of a project's other tools on one file."""

    peers: frozenset[Peer] = frozenset()
    mypy_looks_into_all: bool = False
    """Does mypy also check functions without annotations?"""
    pythons: Mapping[str, VersionRange] = {}
    """The Pythons for which each type checker may check the file."""


NOBODY = Reporting()


class Companions:
    """The other tools of a project; their configurations are read once per folder.

    ``tools`` are those that are heard, None for all; ``target`` are the Pythons of the project: a type checker that is
    not told a Python runs on one of them.
    """

    def __init__(self, tools: Collection[str] | None = None, target: Target | None = None) -> None:
        self.tools = tuple(_TOOLS) if tools is None else tools
        self._any = VersionRange(None if target is None or target.assumed else target.oldest)
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
        checked = {tool: _PYTHONS[tool](found[tool]) or self._any for tool in found if tool in _PYTHONS}
        return Reporting(peers, into_all, checked) if peers else NOBODY

    def _configured(self, folder: Path) -> Mapping[str, Any]:
        if folder not in self._found:
            read = {tool: _TOOLS[tool][0](folder) for tool in self.tools if tool in _TOOLS}
            self._found[folder] = {tool: found for tool, found in read.items() if found is not None}
        return self._found[folder]


def is_reported(file: File, rule: Rule, span: Span, by: Reporting) -> bool:
    """Does one of the tools report a rule's finding at a span?"""
    if not any(peer.code in rule.peers for peer in by.peers):
        return False
    shapes = shapes_of(file, rule.name, span)
    starred = _EXCEPT_STAR.search(file.source.data) is not None
    reports = (each for shape in shapes for each in reports_on(rule.name, shape))
    tools = {each.peer.tool for each in reports if _applies(each, by, starred=starred)}
    return any(
        tool in _LINTERS or is_checked(file, span, untyped=tool != "mypy" or by.mypy_looks_into_all) for tool in tools
    )


def _applies(report: Report, by: Reporting, *, starred: bool) -> bool:
    """Does a tool that reports a shape for some Pythons check for these, with that rule?

    ``starred``: does the file have ``except*``, without which it is not checked for an older Python?
    """
    if report.peer not in by.peers:
        return False
    checked = by.pythons.get(report.peer.tool)
    if checked is not None and starred and (checked.last is None or checked.last >= _STARRED_SINCE):
        checked = VersionRange(max(checked.first or _STARRED_SINCE, _STARRED_SINCE), checked.last)
    return report.pythons is None or (checked is not None and report.pythons.covers(checked))
