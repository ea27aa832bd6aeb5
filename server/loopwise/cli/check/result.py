"""The result of a whole run of ``loopwise check``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from loopwise.cli.check.report import FileResult, Report, ReportedFix


class RunResult(msgspec.Struct, frozen=True, dict=True):
    """The files in the order of their paths, which are formatted for display."""

    files: tuple[FileResult, ...]
    diff: bool = False
    """Were fixes shown instead of applied?"""
    broken: bool = False
    """Do a pyproject.toml's settings contain mistakes?"""
    quiet: bool = False
    """Is nothing shown except the findings?"""
    assumed: str = ""
    """The assumed Python, if the project declares none."""

    def reports(self) -> Iterator[tuple[str, Report]]:
        """Each finding with its file's path."""
        return ((checked.path, report) for checked in self.files for report in checked.reports)

    @cached_property
    def findings(self) -> int:
        return sum(len(checked.reports) for checked in self.files)

    @cached_property
    def errors(self) -> int:
        return sum(checked.error is not None for checked in self.files)

    @cached_property
    def fixed(self) -> int:
        return sum(checked.fixed for checked in self.files)

    @cached_property
    def left_to_others(self) -> str:
        """A sentence with the number of findings that are left to other tools; empty if there are none."""
        silent = sum(checked.silent for checked in self.files)
        return f'{silent} more reported by other tools (shown with companion = "off")' if silent else ""

    def code(self, *, exit_zero: bool = False) -> int:
        """The exit code: 2 if something failed, 1 if there are findings (or changes to make), otherwise 0."""
        if self.errors or self.broken:
            return 2
        found = self.fixed if self.diff else self.findings
        return int(bool(found) and not exit_zero)

    def summary(self) -> str:
        """A one-line summary: the number of findings, and how many are fixable."""
        where = sum(bool(checked.reports) for checked in self.files)
        looked = counted(len(self.files), "file")
        place = looked if where == len(self.files) else f"{where} of {looked}"
        parts = [f"{'Would fix' if self.diff else 'Fixed'} {counted(self.fixed, 'problem')}"] if self.fixed else []
        if self.findings:
            found = counted(self.findings, "problem")
            parts.append(f"{found} left in {place}" if self.fixed else f"Found {found} in {place}")
        elif not self.files:
            parts.append("No Python files found")
        else:
            said = "no problems found" if self.errors or self.broken else "all checks passed"
            parts.append(f"{said if self.fixed else said.capitalize()} ({looked})")
        if self.errors:
            parts.append(f"{counted(self.errors, 'file')} could not be checked")
        return "; ".join([*parts, *self._remedies()])

    def _remedies(self) -> Iterator[str]:
        fixes = [report.fix for _, report in self.reports()]
        safe, unsafe = _count(fixes, safe=True), _count(fixes, safe=False)
        if safe:
            yield f"{safe} fixable with --fix" + (f" ({unsafe} more with --unsafe-fixes)" if unsafe else "")
        elif unsafe:
            yield f"{unsafe} fixable with --fix --unsafe-fixes"
        if self.left_to_others:
            yield self.left_to_others
        if self.assumed:
            yield f"assuming Python {self.assumed} (set target-version or requires-python)"


def counted(number: int, thing: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _count(fixes: Iterable[ReportedFix | None], *, safe: bool) -> int:
    return sum(fix is not None and fix.safe == safe for fix in fixes)
