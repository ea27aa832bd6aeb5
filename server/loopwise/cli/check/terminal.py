"""Findings in colour, and a progress bar for long runs; for terminals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from loopwise.analysis.rule import Severity
from loopwise.cli.check.report import Report, notes
from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import printable
from loopwise.cli.screen.rich import RichScreen

T = TypeVar("T")
_STYLES = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFORMATION: "bold blue",
    Severity.HINT: "bold cyan",
}
_OFTEN = 0.1  # seconds between two looks of the bar


def write(result: RunResult) -> None:
    """Write all findings, then a summary."""
    screen, console = RichScreen(), Console(highlight=False, soft_wrap=True)
    for checked in result.files:
        if checked.error is not None:
            place, message = (
                printable(text) for text in (f"{checked.path}:{checked.error.line}", checked.error.message)
            )
            console.print(Text.assemble((place, "bold"), ": ", ("error", "bold red"), ": ", message))
            console.print()
        for report in checked.reports:
            console.print(_head(checked.path, report))
            screen.excerpt(report.excerpt)
            for note in map(printable, notes(report)):
                kind, colon, rest = note.partition(": ")
                style = "bold green" if kind == "fix" else "bold" if kind.endswith("fix") else "dim"
                console.print(Text.assemble("      ", ("= ", "dim"), (kind + colon, style), rest))
            console.print()
    if not result.quiet:
        console.print(Text(result.summary(), "bold" if result.code() else "bold green"))


def _head(path: str, report: Report) -> Text:
    place, message = printable(f"{path}:{report.place}"), printable(report.message)
    severity = (report.severity.value, _STYLES[report.severity])
    return Text.assemble(
        (place, "bold"), ": ", severity, " ", (report.code, "dim"), " ", (report.name, "bold"), " ", message
    )


def watched(results: Iterable[T], total: int, done: int) -> Iterator[T]:
    """Pass the results through, with a temporary progress bar on standard error that starts at ``done``."""
    columns = TextColumn("checking"), BarColumn(), MofNCompleteColumn(), TextColumn("files"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=False) as bar:
        task, shown = bar.add_task("", total=total, completed=done), 0.0
        for result in results:
            bar.advance(task)
            if monotonic() - shown > _OFTEN:
                bar.refresh()
                shown = monotonic()
            yield result
