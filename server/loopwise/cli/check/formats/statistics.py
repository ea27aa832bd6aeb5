"""How often each rule found something."""

from __future__ import annotations

from collections import Counter

import msgspec

from loopwise.cli.check.formats.json import dump
from loopwise.cli.check.outcome import Outcome


class Count(msgspec.Struct, frozen=True):
    """Of one rule; ``fixable`` are those that ``--fix`` mends."""

    code: str
    name: str
    count: int
    fixable: int


def counts(outcome: Outcome) -> list[Count]:
    """The most frequent first."""
    found = Counter((report.code, report.name) for _, report in outcome.reports())
    fixable = Counter(report.code for _, report in outcome.reports() if report.mend is not None and report.mend.safe)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [Count(code, name, count, fixable[code]) for (code, name), count in ordered]


def write(outcome: Outcome, *, as_json: bool) -> None:
    """A line for each rule, or an array of objects."""
    found = counts(outcome)
    if as_json:
        dump([msgspec.to_builtins(count) for count in found])
        return
    for checked in outcome.files:
        if checked.trouble is not None:
            print(f"{checked.path}:{checked.trouble.line}: error: {checked.trouble.message}")
    for count in found:
        fixable = f"  ({count.fixable} by --fix)" if count.fixable else ""
        print(f"{count.count:>6}  {count.code}  {count.name}{fixable}")
    print(outcome.summary())
