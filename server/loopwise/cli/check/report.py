"""Results for one checked file: values that can be sent between processes and written to disk."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from loopwise.analysis.rule import Fix, Related, Severity
from loopwise.cli.screen import Excerpt, excerpt
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.verify import verified
from loopwise.project import Document
from loopwise.text import Encoding, Source, Span, decode


class Place(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Counted from 1; columns are code points, and the end is the column after the last one."""

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int = 0
    """The notebook cell, counted from 1 among all cells; lines count within it.  0 in other files."""

    def __str__(self) -> str:
        """``12:5``, or ``cell 3:12:5`` as in ruff."""
        return f"cell {self.cell}:{self.line}:{self.column}" if self.cell else f"{self.line}:{self.column}"

    @classmethod
    def of(cls, source: Source, span: Span) -> Place:
        start, end = (source.position(offset, Encoding.UTF32) for offset in (span.start, span.end))
        return cls(start[0] + 1, start[1] + 1, end[0] + 1, end[1] + 1)


class Change(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One edit of the unchanged file."""

    place: Place
    text: str


class ReportedFix(msgspec.Struct, frozen=True, array_like=True):
    """A fix of a finding; without changes, ``refused`` is the reason."""

    title: str
    safe: bool
    changes: tuple[Change, ...]
    refused: str = ""


class RelatedPlace(msgspec.Struct, frozen=True, array_like=True):
    """A related place."""

    path: str
    place: Place
    message: str


class Report(msgspec.Struct, frozen=True, array_like=True):
    """A finding with everything that the output formats need."""

    place: Place
    code: str
    name: str
    severity: Severity
    message: str
    excerpt: Excerpt
    fixes: tuple[ReportedFix, ...] = ()
    """The fixes, the best first."""
    related: tuple[RelatedPlace, ...] = ()

    @property
    def fix(self) -> ReportedFix | None:
        """The best fix that can be applied."""
        return next((mend for mend in self.fixes if mend.changes), None)


class FileError(msgspec.Struct, frozen=True, array_like=True):
    """The reason why a file, or a part of the work on it, was skipped."""

    message: str
    line: int = 1


class FileResult(msgspec.Struct, frozen=True, array_like=True):
    """The results for one file."""

    path: str
    reports: tuple[Report, ...] = ()
    error: FileError | None = None
    silent: int = 0
    """The number of findings left to other tools that report them."""
    asked: tuple[str, ...] = ()
    """The names of the modules that the analysis looked for, found or not."""
    folder: str = ""
    """The folder that the file is imported from."""
    digest: bytes = b""
    """The digest of the file's bytes."""
    fixed: int = 0
    """The number of findings that were fixed."""
    before: bytes = b""
    after: bytes = b""
    """The file's bytes before and after the fixes; both empty if nothing was fixed."""
    rejected: tuple[FileError, ...] = ()
    """The fixes that would have left the code worse."""


def moved(report: Report, to: Callable[[Place], Place]) -> Report:
    """The same finding with each of its places translated."""
    fixes = tuple(
        msgspec.structs.replace(fix, changes=tuple(Change(to(one.place), one.text) for one in fix.changes))
        for fix in report.fixes
    )
    here = [msgspec.structs.replace(one, place=to(one.place)) for one in report.related]
    place = to(report.place)
    excerpt_ = msgspec.structs.replace(report.excerpt, number=place.line)
    return msgspec.structs.replace(report, place=place, excerpt=excerpt_, fixes=fixes, related=tuple(here))


def report_of(document: Document, found: Found, severity: Severity, path: str, refused: str = "") -> Report:
    """A finding in the file at ``path``; ``refused`` is the reason if its fix was rejected."""
    rule, finding, source = found.rule, found.finding, document.source
    fixes = (verified(document, found, fix) for fix in found.fixes())
    return Report(
        Place.of(source, finding.span),
        rule.code,
        rule.name,
        severity,
        finding.message,
        excerpt(source, finding.span),
        tuple(_reported_fix(source, fix, refused) for fix in fixes if fix.edits or fix.refused),
        tuple(_second(source, path, related) for related in finding.related),
    )


def notes(report: Report) -> list[str]:
    """Notes on related places, and on the finding's fix."""
    found = [f"{other.path}:{other.place}: {other.message}" for other in report.related]
    mend = report.fix
    if mend is not None:
        return [*found, f"fix: {mend.title}" if mend.safe else f"unsafe fix: {mend.title}"]
    return [*found, *(f"no fix: {mend.refused}" for mend in report.fixes[:1])]


class Shown(msgspec.Struct, frozen=True):
    """Formats paths: as they were typed, and files below a typed folder relative to it."""

    folder: str
    """The working folder: other paths below it are shown relative to it."""
    typed: tuple[tuple[str, str], ...] = ()
    """Absolute paths, each as it was typed."""

    def __call__(self, path: str) -> str:
        for whole, said in self.typed:
            if path == whole:
                return said
            if path.startswith(whole.rstrip(os.sep) + os.sep):
                below = path[len(whole) :].lstrip(os.sep)
                return below if said in {"", os.curdir} else f"{said.rstrip(os.sep)}{os.sep}{below}"
        inside = self.folder.rstrip(os.sep) + os.sep
        return path.removeprefix(inside)


def as_shown(checked: FileResult, shown: Shown) -> FileResult:
    """The same result with its paths formatted for display."""
    reports = tuple(
        msgspec.structs.replace(report, related=tuple(_shown(second, shown) for second in report.related))
        if report.related
        else report
        for report in checked.reports
    )
    return msgspec.structs.replace(checked, path=shown(checked.path), reports=reports)


def _reported_fix(source: Source, fix: Fix, refused: str) -> ReportedFix:
    if refused and fix.edits:
        return ReportedFix(fix.title, fix.safe, (), refused)
    changes = tuple(Change(Place.of(source, edit.span), decode(edit.text)) for edit in fix.edits)
    return ReportedFix(fix.title, fix.safe, changes, fix.refused)


def _second(source: Source, path: str, related: Related) -> RelatedPlace:
    if related.file is not None:
        path, source = related.file.key, related.file.source
    return RelatedPlace(path, Place.of(source, related.span), related.message)


def _shown(second: RelatedPlace, shown: Shown) -> RelatedPlace:
    return msgspec.structs.replace(second, path=shown(second.path))
