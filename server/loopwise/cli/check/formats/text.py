"""For people: where, what, the line of code, and how to fix it."""

from __future__ import annotations

from loopwise.cli.check.report import FileResult, Report, notes
from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import say


def write(result: RunResult) -> None:
    """Write all findings, then a summary."""
    for checked in result.files:
        if checked.error is not None:
            say(f"{checked.path}:{checked.error.line}: error: {checked.error.message}")
            print()
        for report in checked.reports:
            _write(checked, report)
    if not result.quiet:
        print(result.summary())


def _write(checked: FileResult, report: Report) -> None:
    code = report.excerpt
    head = f"{checked.path}:{report.place}: {report.severity.value} {report.code}"
    say(f"{head} {report.name} {report.message}")
    say(f"{code.number:>5} | {code.code}")
    print(f"      | {code.carets}")
    for note in notes(report):
        say(f"      = {note}")
    print()
