"""Our findings in programs, each with what a tool has to report for it to count as found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from loopwise.analysis.rule import Rule
from loopwise.cards import load_api
from loopwise.diagnosis.companions.reach import is_checked
from loopwise.diagnosis.companions.shapes import shapes_of
from loopwise.diagnosis.run import findings
from loopwise.project import Document, Workspace
from loopwise.rules.registry import all_rules
from loopwise.semantics.index import ProjectNames
from loopwise.text import Source
from loopwise.versions import Target


class Ours(NamedTuple):
    """A finding of ours."""

    file: str
    first: int
    last: int
    rule: Rule
    shape: str
    checked: bool
    """Does a type checker check the place?"""


def ours(folder: Path) -> Iterator[Ours]:
    """The findings in all programs, of projects that support all Pythons and of those that support the newest."""
    span = load_api().span
    every = (each for first in (span.floor, span.ceiling) for each in _ours(folder, Target(first, span.ceiling)))
    return iter({each._replace(rule=each.rule.name): each for each in every}.values())  # type: ignore[arg-type]


def _ours(folder: Path, target: Target) -> Iterator[Ours]:
    rules = list(all_rules().values())
    workspace = Workspace([folder])
    workspace.root(folder / "main.py").target = target
    for path in sorted(folder.glob("*.py")):
        document = Document(path.as_uri(), 1, path, Source.of(path.read_bytes()), module=(path.stem, folder))
        for one in findings(workspace.view(document), rules, ProjectNames()):
            span, source = one.finding.span, document.source
            lines = source.line_at(span.start) + 1, source.line_at(max(span.start, span.end - 1)) + 1
            checked = is_checked(document.file, span, untyped=True)
            for shape in shapes_of(document.file, one.rule.name, span) if one.rule.peers else ():
                yield Ours(path.name, *lines, one.rule, shape, checked)
