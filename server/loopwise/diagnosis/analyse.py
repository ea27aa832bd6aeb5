"""Findings as they are shown: selected by settings, suppressed by comments, left to companions."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from loopwise.diagnosis.causes import grouped
from loopwise.diagnosis.companions import is_reported
from loopwise.diagnosis.run import Found, findings, ordered
from loopwise.diagnosis.selection import Selection
from loopwise.diagnosis.suppression import UNUSED, Suppressed, suppressed
from loopwise.project import View
from loopwise.semantics.bindings import File
from loopwise.semantics.index import ProjectNames


class Analysis(msgspec.Struct, frozen=True):
    """Findings in source order, without those that a comment suppresses."""

    found: tuple[Found, ...] = ()
    silent: tuple[Found, ...] = ()
    """Findings that a companion reports: not shown, but they can be fixed."""


def analyse(view: View, selection: Selection, project_names: ProjectNames | None = None) -> Analysis:
    """The findings of the selected rules in a whole file; see :func:`~loopwise.diagnosis.run.findings`."""
    return analysis(view, selection, grouped(findings(view, selection.rules, project_names)))


def analysis(view: View, selection: Selection, found: Iterable[Found]) -> Analysis:
    """The findings of a whole file that are not suppressed, with the unused suppressions added."""
    kept = suppressed(view.file, list(found), selection.rules)
    left = left_to_others(view.file, selection, kept.found)
    return parted(ordered([*left, *unused(kept, selection)]))


def unused(kept: Suppressed, selection: Selection) -> list[Found]:
    """The unused suppressions as findings, if the selection includes them."""
    return [Found(UNUSED, finding) for finding in kept.unused] if UNUSED.name not in selection.off else []


def left_to_others(file: File, selection: Selection, found: Iterable[Found]) -> list[Found]:
    """The findings, with those marked that another tool reports; a rule named in the settings is always shown."""
    by = selection.reporting
    return [
        one._replace(left=one.rule.name not in selection.named and is_reported(file, one.rule, one.finding.span, by))
        for one in found
    ]


def parted(found: Iterable[Found]) -> Analysis:
    """Split findings into those that are shown and those that another tool shows."""
    every = tuple(found)
    return Analysis(tuple(one for one in every if not one.left), tuple(one for one in every if one.left))
