"""For programs: an array of objects, all with the same keys."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec

from loopwise.analysis.rule import Severity
from loopwise.cli.check.report import Change, FileResult, Place, Report, ReportedFix
from loopwise.cli.check.result import RunResult
from loopwise.cli.screen import write_json

FAILED = "failed"  # the name of what says that a file could not be checked


class Edit(msgspec.Struct, frozen=True):
    """Replaces the text from ``line`` and ``column`` up to the end by ``text``."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str
    cell: int | None = None


class Repair(msgspec.Struct, frozen=True):
    """The best fix; ``safe`` ones are applied by ``--fix``."""

    title: str
    safe: bool
    edits: tuple[Edit, ...]


class Related(msgspec.Struct, frozen=True):
    """A related place."""

    path: str
    line: int
    column: int
    message: str


class Object(msgspec.Struct, frozen=True):
    """A finding.  Lines and columns are counted from 1, columns in code points; the end is the column after it."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    code: str | None
    """Null if the file could not be checked; the name is ``failed`` then."""
    name: str
    severity: str
    message: str
    fix: Repair | None = None
    related: tuple[Related, ...] = ()
    cell: int | None = None
    """The notebook cell, counted from 1; lines count within it."""


def write(result: RunResult) -> None:
    """Write the array to standard output, in ASCII if that cannot encode more, and other text to standard error."""
    write_json([one for checked in result.files for one in _objects(checked)])
    if result.left_to_others and not result.quiet:
        print(f"loopwise: {result.left_to_others}", file=sys.stderr)


def _objects(checked: FileResult) -> Iterator[Object]:
    if checked.error is not None:
        line, message = checked.error.line, checked.error.message
        yield Object(checked.path, line, 1, line, 1, None, FAILED, Severity.ERROR.value, message)
    for report in checked.reports:
        yield _object(checked.path, report)


def _object(path: str, report: Report) -> Object:
    return Object(
        path,
        *_numbers(report.place),
        report.code,
        report.name,
        report.severity.value,
        report.message,
        _repair(report.fix),
        tuple(Related(other.path, other.place.line, other.place.column, other.message) for other in report.related),
        report.place.cell or None,
    )


def _repair(mend: ReportedFix | None) -> Repair | None:
    if mend is None:
        return None
    return Repair(mend.title, mend.safe, tuple(_edit(one) for one in mend.changes))


def _edit(change: Change) -> Edit:
    return Edit(*_numbers(change.place), change.text, change.place.cell or None)


def _numbers(place: Place) -> tuple[int, int, int, int]:
    return place.line, place.column, place.end_line, place.end_column
