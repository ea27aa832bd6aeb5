"""Counts the findings of each rule."""

from __future__ import annotations

from collections import Counter

import msgspec

from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import say
from loopwise.cli.screen import write_json


class Count(msgspec.Struct, frozen=True):
    """The count of one rule; ``fixable`` are those that ``--fix`` fixes."""

    code: str
    name: str
    count: int
    fixable: int


def counts(result: RunResult) -> list[Count]:
    """The counts, the highest first."""
    found = Counter((report.code, report.name) for _, report in result.reports())
    fixable = Counter(report.code for _, report in result.reports() if report.fix is not None and report.fix.safe)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Count(code, name, count, fixable[code]) for (code, name), count in ordered]


def write(result: RunResult, *, as_json: bool) -> None:
    """Write a line per rule, or a JSON array of objects."""
    found = counts(result)
    if as_json:
        write_json(found)
        return
    for checked in result.files:
        if checked.error is not None:
            say(f"{checked.path}:{checked.error.line}: error: {checked.error.message}")
    for count in found:
        fixable = f"  ({count.fixable} fixable with --fix)" if count.fixable else ""
        print(f"{count.count:>6}  {count.code}  {count.name}{fixable}")
    print(result.summary())
