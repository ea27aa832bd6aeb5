"""For people: where, what, the line of code, and how to fix it."""

from __future__ import annotations

from loopwise.cli.check.report import FileResult, Report
from loopwise.cli.check.result import RunResult


def write(result: RunResult) -> None:
    """All findings, a summary below."""
    for checked in result.files:
        if checked.error is not None:
            print(f"{checked.path}:{checked.error.line}: error: {checked.error.message}\n")
        for report in checked.reports:
            _write(checked, report)
    print(result.summary())


def notes(report: Report) -> list[str]:
    """The other places that matter, and how the finding is mended."""
    found = [f"{other.path}:{other.place.line}:{other.place.column}: {other.message}" for other in report.related]
    mend = report.fix
    if mend is not None:
        return [*found, f"fix: {mend.title}" if mend.safe else f"unsafe fix: {mend.title}"]
    return [*found, *(f"no fix here: {mend.refused}" for mend in report.fixes[:1])]


def _write(checked: FileResult, report: Report) -> None:
    place, code = report.place, report.excerpt
    print(
        f"{checked.path}:{place.line}:{place.column}: {report.severity.value}", report.code, report.name, report.message
    )
    print(f"{code.number:>5} | {code.code}\n      | {code.carets}")
    for note in notes(report):
        print(f"      = {note}")
    print()
