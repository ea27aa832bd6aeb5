"""Finds the user's line that caused a report, with the findings there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from loopwise import disk
from loopwise.analysis.rule import Severity
from loopwise.cards import Catalogue, load_api
from loopwise.diagnosis.run import Found
from loopwise.features.tracebacks.checked_file import CheckedFile
from loopwise.features.tracebacks.meaning import Meaning, is_consequence, meaning
from loopwise.features.tracebacks.places import UserPlace, user_places
from loopwise.features.tracebacks.read import Report, read
from loopwise.features.tracebacks.related import is_related
from loopwise.project import Workspace
from loopwise.semantics.index import files_below

_COROUTINE = re.compile(r"coroutine '([\w.<>]+)'|coro=<([\w.<>]+)\(\)")
_NUMBER = re.compile(r"\d+")
_CALLED = re.compile(r"(\w+)\(")
_DEFINED = re.compile(r"^(?:async )?def (\w+)", re.MULTILINE)
_SLOW = "Executing … took … seconds"
# Hints and information are too common around any line to explain a crash.
_SURE = frozenset({Severity.ERROR, Severity.WARNING})
_MOST_FILES = 300  # searched for a coroutine that a message names without a place


class Cause(msgspec.Struct, frozen=True):
    """A report's explanation."""

    report: Report
    meaning: Meaning
    place: UserPlace | None = None
    """The user's line that the report names first."""
    found: Found | None = None
    """The finding that is taken to be the cause."""
    checked: CheckedFile | None = None
    """The file with the finding."""

    @property
    def line(self) -> int | None:
        """The line of the cause, counted from 1: the finding's, else the place's."""
        if self.found is not None and self.checked is not None:
            return self.checked.line_of(self.found)
        return self.place.line if self.place is not None else None

    @property
    def path(self) -> Path | None:
        """The path of the file with that line."""
        if self.checked is not None:
            return self.checked.path
        return self.place.path if self.place is not None else None

    @property
    def code(self) -> str:
        """The text of that line; empty if there is none."""
        line = self.line
        if self.checked is not None and line is not None:
            return self.checked.code(line)
        return self.place.code if self.place is not None else ""


def causes(workspace: Workspace, text: str, folder: Path) -> list[Cause]:
    """Explain a traceback or log, report by report; reports without a known meaning are left out.

    A report that only follows from another one (a coroutine that was never awaited because the program had failed)
    comes after it.
    """
    root = workspace.root(folder)
    looker = _Looker(workspace, folder)
    return _causes_first([looker.cause(report, means) for report, means in _told(root.catalogue, read(text))])


def _told(catalogue: Catalogue, reports: Iterable[Report]) -> Iterator[tuple[Report, Meaning]]:
    """The reports with a known meaning. Of a log's many lines that differ only in numbers, one is looked up."""
    silent: set[str] = set()
    for report in reports:
        shape = _NUMBER.sub("0", report.text)
        if shape in silent:
            continue
        means = meaning(catalogue, load_api(), report)
        if means is None:
            silent.add(shape)
        else:
            yield report, means


def _causes_first(found: list[Cause]) -> list[Cause]:
    """Sort consequences of an exception last; otherwise the order is kept."""
    return sorted(found, key=_follows(found))


def _follows(found: Iterable[Cause]) -> Callable[[Cause], bool]:
    """A test for causes that only follow from another one of these."""
    is_mixed = any(cause.report.raised and not is_consequence(cause.meaning.card) for cause in found)
    return lambda cause: is_mixed and is_consequence(cause.meaning.card)


class _Looker:
    """Finds causes in files, each of which is checked once."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self._workspace, self._folder = workspace, folder
        root = workspace.root(folder).folder
        self._folders = tuple(dict.fromkeys((folder, root, folder / "src", root / "src")))
        self._files: dict[Path, CheckedFile | None] = {}

    def cause(self, report: Report, means: Meaning) -> Cause:
        places = list(user_places(report, self._folders))
        first = places[0] if places else None
        names = _coroutines(report)
        for search in (self._on_lines, self._by_name, self._in_functions, self._in_callees):
            hit = next(search(places, means.card.name, names), None)
            if hit is not None:
                return Cause(report, means, first, hit[1], hit[0])
        if first is not None and means.card.name == _SLOW:
            first = self._slow_step(first)
        hit = next(self._anywhere(means.card.name, names), None) if not places else None
        return Cause(report, means, first, hit[1], hit[0]) if hit else Cause(report, means, first)

    def _slow_step(self, place: UserPlace) -> UserPlace:
        """The last call before a place where a task suspends: the code run since its previous ``await`` was slow."""
        file = self.file(place.path)
        if file is None or place.place.role != "running":
            return place
        for line in reversed(range(file.function_at(place.line).start + 1, place.line)):
            code = file.code(line)
            if "await " in code:
                break
            if _CALLED.search(code) and not code.startswith(("#", "def ", "async ", "class ", "@")):
                return msgspec.structs.replace(place, line=line)
        return place

    def file(self, path: Path) -> CheckedFile | None:
        if path not in self._files:
            try:
                self._files[path] = CheckedFile(self._workspace, path)
            except (OSError, ValueError):
                self._files[path] = None
        return self._files[path]

    def _on_lines(self, places: list[UserPlace], card: str, _: frozenset[str]) -> Iterator[tuple[CheckedFile, Found]]:
        """Findings on the very lines that the report names; those of related rules first."""
        hits = [
            (file, one, place)
            for place in places
            if (file := self.file(place.path)) is not None
            for one in file.found
            if place.line in file.lines_of(one)
        ]
        yield from ((file, one) for file, one, at in hits if is_related(one.rule, card))
        inner = places[0] if places else None
        yield from ((file, one) for file, one, at in hits if at == inner and one.rule.severity in _SURE)

    def _by_name(
        self, places: list[UserPlace], card: str, names: frozenset[str]
    ) -> Iterator[tuple[CheckedFile, Found]]:
        """Findings of related rules in the report's files, at calls of the coroutine function that it names."""
        for path in dict.fromkeys(place.path for place in places):
            file = self.file(path)
            yield from _named(file, card, names) if file is not None else ()

    def _in_functions(
        self, places: list[UserPlace], card: str, _: frozenset[str]
    ) -> Iterator[tuple[CheckedFile, Found]]:
        """Findings of related rules in the functions around the report's lines, the nearest first."""
        for place in places:
            file = self.file(place.path)
            if file is None:
                continue
            around = file.function_at(place.line)
            near = [
                (abs(line - place.line), line, one)
                for one in file.found
                if is_related(one.rule, card) and (line := file.line_of(one)) in around
            ]
            yield from ((file, one) for _, _, one in sorted(near, key=lambda hit: hit[:2]))

    def _in_callees(self, places: list[UserPlace], card: str, _: frozenset[str]) -> Iterator[tuple[CheckedFile, Found]]:
        """Findings of related rules in the functions that those around the report's lines call, in the same file."""
        for place in places:
            file = self.file(place.path)
            if file is None:
                continue
            called = set(_CALLED.findall("\n".join(file.code(line) for line in file.function_at(place.line))))
            for one in file.found:
                around = file.function_at(file.line_of(one))
                name = _DEFINED.search("\n".join(file.code(line) for line in around))
                if is_related(one.rule, card) and name is not None and name[1] in called:
                    yield file, one

    def _anywhere(self, card: str, names: frozenset[str]) -> Iterator[tuple[CheckedFile, Found]]:
        """The same in all of the project's files, for a report without a place."""
        looked = 0
        for entry in files_below(self._folder) if names else ():
            if entry is None or looked >= _MOST_FILES:
                continue
            data = disk.data(entry.path, disk.SOURCE) or b""
            if any(name.encode() + b"(" in data for name in names):
                looked += 1
                file = self.file(Path(entry.path))
                yield from _named(file, card, names) if file is not None else ()


def _named(file: CheckedFile, card: str, names: frozenset[str]) -> Iterator[tuple[CheckedFile, Found]]:
    for one in file.found:
        code = "\n".join(file.code(line) for line in file.lines_of(one))
        if is_related(one.rule, card) and any(f"{name}(" in code for name in names):
            yield file, one


def _coroutines(report: Report) -> frozenset[str]:
    """The names of the coroutine functions that a report is about, without classes and modules."""
    hits = _COROUTINE.findall(report.text)
    return frozenset((first or second).rpartition(".")[2] for first, second in hits)


def grouped(found: Iterable[Cause]) -> list[list[Cause]]:
    """Group causes by message and line; consequences come last, otherwise the most frequent first."""
    groups: dict[tuple[object, ...], list[Cause]] = {}
    for cause in found:
        key = (cause.meaning.card.name, cause.path, cause.line)
        groups.setdefault(key, []).append(cause)
    follows = _follows([group[0] for group in groups.values()])
    return sorted(groups.values(), key=lambda group: (follows(group[0]), group[0].line is None, -len(group)))
