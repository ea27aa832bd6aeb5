"""Findings as text: where, what, the line of code, and how it is mended."""

from __future__ import annotations

from collections.abc import Sequence

from loopwise.cli.check_outcome import Outcome, counted
from loopwise.cli.check_report import Checked, Report


class PlainText:
    """Text without colours."""

    def file(self, checked: Checked) -> None:
        """All that is to be said of one file."""
        if checked.trouble is not None:
            print(f"{checked.path}:{checked.trouble.line}: error: {checked.trouble.message}\n")
        for report in checked.reports:
            self._report(checked.path, report)

    def _report(self, path: str, report: Report) -> None:
        place, code = report.place, report.excerpt
        head = f"{path}:{place.line}:{place.column}: {report.severity.value} {report.code} {report.name}"
        print(f"{head} {report.message}")
        print(f"{code.number:>5} | {code.code}\n      | {code.carets}")
        for line in notes(report):
            print(f"      = {line}")
        print()

    def end(self, text: str) -> None:
        """The last line."""
        print(text)


def notes(report: Report) -> list[str]:
    """The other places that matter, and how the finding is mended."""
    found = [f"{other.path}:{other.place.line}:{other.place.column}: {other.message}" for other in report.related]
    mend = report.mend
    if mend is not None:
        return [*found, f"fix: {mend.title}" if mend.safe else f"unsafe fix: {mend.title}"]
    refused = next((f"no fix here: {mend.refused}" for mend in report.mends if mend.refused), None)
    return [*found, refused] if refused else found


def summary(outcome: Outcome) -> str:
    """The last line: how much was found, and what can be done about it."""
    files = counted(len(outcome.files), "file")
    parts = [f"{counted(outcome.mended, 'finding')} mended"] if outcome.mended else []
    if outcome.findings:
        where = counted(sum(bool(checked.reports) for checked in outcome.files), "file")
        parts.append(f"{counted(outcome.findings, 'finding')} {'left ' if outcome.mended else ''}in {where} of {len(outcome.files)}")
    elif not outcome.troubles:
        parts.append(f"nothing found in {files}")
    ...
