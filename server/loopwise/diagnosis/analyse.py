"""What a file's rules say, as it is shown: chosen by settings, suppressed by comments, left to companions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from loopwise.diagnosis.run import Found, findings, ordered
from loopwise.diagnosis.selection import Selection
from loopwise.diagnosis.suppression import UNUSED, Suppressed, suppressed
from loopwise.project import View


class Analysis(msgspec.Struct, frozen=True):
    """Findings in source order, those that a comment suppresses left out."""

    found: tuple[Found, ...] = ()
    silent: tuple[Found, ...] = ()
    """Those that a companion reports: not shown, but they can be fixed."""


def analyse(view: View, selection: Selection, project_coroutines: frozenset[str] | None = None) -> Analysis:
    """What the chosen rules find in a whole file; see :func:`~loopwise.diagnosis.run.findings`."""
    return analysis(view, selection, findings(view, selection.rules, project_coroutines))


def analysis(view: View, selection: Selection, found: Iterable[Found]) -> Analysis:
    """What is left of a whole file's findings, and the suppressions that nothing needs."""
    kept = suppressed(view.file, list(found), selection.rules)
    return parted(selection, ordered([*kept.found, *unused(kept, selection)]))


def unused(kept: Suppressed, selection: Selection) -> list[Found]:
    """The suppressions that nothing needs, as findings, where those are wanted."""
    return [Found(UNUSED, finding) for finding in kept.unused] if UNUSED.name not in selection.off else []


def parted(selection: Selection, found: Iterable[Found]) -> Analysis:
    """Findings parted into those that are shown and those that a companion shows."""
    every = tuple(found)
    shown = tuple(one for one in every if one.rule.name not in selection.silent)
    return Analysis(shown, tuple(one for one in every if one.rule.name in selection.silent))
