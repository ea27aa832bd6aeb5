"""For small screens and grep: a line for each finding, as ruff writes it."""

from __future__ import annotations

from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import say


def write(result: RunResult) -> None:
    """Write all findings, and a summary."""
    for checked in result.files:
        if checked.error is not None:
            say(f"{checked.path}:{checked.error.line}: {checked.error.message}")
        for report in checked.reports:
            mark = "[*] " if report.fix is not None and report.fix.safe else ""
            say(f"{checked.path}:{report.place}: {report.code} {mark}{report.message}")
    if not result.quiet:
        print(result.summary())
