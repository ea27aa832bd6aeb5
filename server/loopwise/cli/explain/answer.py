"""The answers of ``loopwise explain`` for programs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from loopwise.diagnosis.together import best
from loopwise.features.hover import docs_link, markdown
from loopwise.features.lookup import Found
from loopwise.features.tracebacks import Cause
from loopwise.versions import Target


class ReportAnswer(msgspec.Struct, frozen=True):
    """One error report; a key is null if it does not apply."""

    name: str
    """The card's name."""
    summary: str
    matched: str
    """The text that is explained."""
    count: int
    """The number of occurrences with this cause."""
    lines: tuple[int, ...]
    """The lines in the text, counted from 1."""
    file: str | None = None
    line: int | None = None
    """The line of the user's code that causes it, counted from 1."""
    code: str | None = None
    rule: str | None = None
    finding: str | None = None
    """The rule's message about that line."""
    fix: str | None = None
    """The fix for it."""
    seen_at: tuple[str, ...] = ()
    """The place of the report itself, as ``app.py:12``, if that is another line."""


class Explanation(msgspec.Struct, frozen=True):
    """The answer, as JSON; all keys are always present."""

    query: str
    target: str
    """The target Pythons: ``3.12``, ``3.11-3.14``."""
    found: bool
    kind: str | None = None
    """``name``, ``keyword``, ``message``, ``pattern`` or ``rule``; null if nothing was found, like all keys below."""
    name: str | None = None
    summary: str | None = None
    """One sentence."""
    markdown: str | None = None
    """The full text, as an editor would show it."""
    since: str | None = None
    deprecated: str | None = None
    removed: str | None = None
    """Python versions; null if they do not apply."""
    docs: str | None = None
    """URL in Python's documentation."""
    page: str | None = None
    """The page of the cheatsheet."""
    matched: str | None = None
    """The part of the query that is a known message."""
    others: tuple[str, ...] = ()
    """Other possible meanings."""
    near: tuple[str, ...] = ()
    """Similar names, if nothing was found."""
    reports: tuple[ReportAnswer, ...] = ()
    """For a traceback or log: its reports, causes before consequences, frequent ones before rare ones."""


def explanation(query: str, target: Target, found: Found | None, near: tuple[str, ...] = ()) -> Explanation:
    """The answer for programs."""
    if found is None:
        return Explanation(query, str(target), False, near=near)
    facts, card = found.facts, found.card
    return Explanation(
        query,
        str(target),
        True,
        found.kind,
        found.name,
        card.headline if card else found.summary,
        markdown(found.hover, target, samples="all", pitfalls=None),
        facts.since if facts else None,
        facts.deprecated if facts else None,
        facts.removed if facts else None,
        docs_link(facts, target) if facts else None,
        Path(card.page).stem if card else None,
        found.matched or None,
        found.others,
    )


def report_answer(group: Sequence[Cause]) -> ReportAnswer:
    """A group of reports with one cause."""
    cause = group[0]
    means = cause.meaning
    found, line = cause.found, cause.line
    fix = best(found, unsafe=True) if found is not None else None
    seen = [place for one in group if (place := one.place) and (place.path, place.line) != (cause.path, line)]
    return ReportAnswer(
        means.card.name,
        means.card.headline,
        means.matched,
        len(group),
        tuple(one.report.line for one in group),
        shown(cause.path) if cause.path is not None else None,
        line,
        cause.code or None,
        found.rule.name if found is not None else None,
        found.finding.message if found is not None else None,
        fix.title if fix is not None else None,
        tuple(dict.fromkeys(f"{shown(place.path)}:{place.line}" for place in seen)),
    )


def shown(path: Path) -> str:
    """A path for display: relative to the working folder if it is below that."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
    return str(path) if relative.startswith("..") else relative
