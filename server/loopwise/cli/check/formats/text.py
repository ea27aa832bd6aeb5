"""For people: where, what, the line of code, and how to fix it."""

from __future__ import annotations

from loopwise.cli.check.report import FileResult, Report, notes
from loopwise.cli.check.result import RunResult


def write(result: RunResult) -> None:
    """All findings, a summary below."""
    for checked in result.files:
        if checked.error is not None:
            print(f"{checked.path}:{checked.error.line}: error: {checked.error.message}\n")
        for report in checked.reports:
            _write(checked, report)
    if not result.quiet:
        print(result.summary())


def _write(checked: FileResult, report: Report) -> None:
    place, code = report.place, report.excerpt
    print(
        f"{checked.path}:{place.line}:{place.column}: {report.severity.value}", report.code, report.name, report.message
    )
    print(f"{code.number:>5} | {code.code}\n      | {code.carets}")
    for note in notes(report):
        print(f"      = {note}")
    print()
