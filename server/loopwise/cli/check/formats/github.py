"""For GitHub Actions: workflow commands, shown beside the code of a pull request."""

from __future__ import annotations

import os

from loopwise.analysis.rule import Severity
from loopwise.cli.check.report import Place, Report
from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import printable

# GitHub has three levels; anything below a warning is a notice.
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}


def write(result: RunResult) -> None:
    """A line for each; how many are left to other tools in the log alone."""
    for checked in result.files:
        if checked.error is not None:
            line = checked.error.line
            print(_command("error", checked.path, Place(line, 1, line, 1), "Loopwise", checked.error.message))
        for report in checked.reports:
            print(_of_report(checked.path, report))
    if result.left_to_others and not result.quiet:
        print(result.left_to_others)


def _of_report(path: str, report: Report) -> str:
    command = _COMMANDS.get(report.severity, "notice")
    text = f"{path}:{report.place}: {report.code} {report.name} {report.message}"
    return _command(command, path, report.place, f"Loopwise ({report.code})", text)


def _command(command: str, path: str, place: Place, title: str, message: str) -> str:
    """A workflow command; columns are only given if the place is on one line, as GitHub requires."""
    properties = {"title": title, "file": _from_top(path), "line": str(place.line)}
    if place.line == place.end_line:
        properties |= {"col": str(place.column), "endColumn": str(place.end_column)}
    properties["endLine"] = str(place.end_line)
    said = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{command} {said}::{_data(message)}"


def _from_top(path: str) -> str:
    """The path relative to the repository's root, if GitHub's environment variable names it."""
    top, whole = os.environ.get("GITHUB_WORKSPACE", ""), os.path.abspath(path)
    if top and whole.startswith(top.rstrip(os.sep) + os.sep):
        path = whole[len(top) :].lstrip(os.sep)
    return path.replace(os.sep, "/")


def _data(text: str) -> str:
    lines = text.replace("%", "%25").replace("\r\n", "\n").split("\n")
    return "%0A".join(printable(line) for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
