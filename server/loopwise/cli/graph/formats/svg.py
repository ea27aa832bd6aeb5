"""For pages and READMEs: the tree as a picture, drawn by rich; it loads nothing."""

from __future__ import annotations

from loopwise.cli.graph.formats.text import said, tree
from loopwise.cli.screen import rich
from loopwise.graph import Branch, Chart, folded

_MOST = 90  # lines


def drawn(chart: Chart) -> str:
    lines = [("", chart.title, "", "title"), ("", chart.summary(), "", "figures"), ("", "", "", "")]
    for line in tree(folded(chart.branches, _MOST)):
        lines.append((line.lead, said(chart, line.branch), chart.place(line.branch), _style(line.branch)))
    return rich.picture(lines)


def _style(branch: Branch) -> str:
    if branch.kind == "blocks" or branch.lost:
        return "bad"
    return branch.kind if branch.kind in _STYLED else ""


_STYLED = frozenset("entry task group gathers thread process callback fold".split())
