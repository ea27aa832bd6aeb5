"""Findings as text: where, what, the line of code, and how it is mended."""

from __future__ import annotations

from loopwise.cli.check.outcome import Outcome
from loopwise.cli.check.report import Checked, Report


def write(outcome: Outcome) -> None:
    """All findings, a summary below."""
    for checked in outcome.files:
        if checked.trouble is not None:
            print(f"{checked.path}:{checked.trouble.line}: error: {checked.trouble.message}\n")
        for report in checked.reports:
            _write(checked, report)
    print(outcome.summary())


def notes(report: Report) -> list[str]:
    """The other places that matter, and how the finding is mended."""
    found = [f"{other.path}:{other.place.line}:{other.place.column}: {other.message}" for other in report.related]
    mend = report.mend
    if mend is not None:
        return [*found, f"fix: {mend.title}" if mend.safe else f"unsafe fix: {mend.title}"]
    return [*found, *(f"no fix here: {mend.refused}" for mend in report.mends[:1])]


def _write(checked: Checked, report: Report) -> None:
    place, code = report.place, report.excerpt
    print(
        f"{checked.path}:{place.line}:{place.column}: {report.severity.value}", report.code, report.name, report.message
    )
    print(f"{code.number:>5} | {code.code}\n      | {code.carets}")
    for note in notes(report):
        print(f"      = {note}")
    print()
