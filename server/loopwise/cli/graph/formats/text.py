"""For terminals: a tree, with the file and line of each call."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.graph import Branch, Chart, folded

_MOST = 200  # lines
_WIDEST = 84  # columns before the places


class Line(msgspec.Struct, frozen=True):
    """A line of the tree: the prefix of the branch, the branch, and whether it is an entry point."""

    lead: str
    branch: Branch


def drawn(chart: Chart) -> str:
    lines = [chart.title, chart.summary(), ""]
    if chart.callers:
        lines += ["Reached from:", *_placed(chart, list(tree(chart.callers))), ""]
    lines += _placed(chart, list(tree(folded(chart.branches, _MOST))))
    return "\n".join(lines) + "\n"


def tree(branches: tuple[Branch, ...]) -> Iterator[Line]:
    """The lines of some trees, one below another."""
    for one in branches:
        yield Line("", one)
        yield from _below(one.branches, "")


def _below(branches: tuple[Branch, ...], lead: str) -> Iterator[Line]:
    for index, one in enumerate(branches):
        is_last = index == len(branches) - 1
        yield Line(lead + ("└─ " if is_last else "├─ "), one)
        yield from _below(one.branches, lead + ("   " if is_last else "│  "))


def said(chart: Chart, branch: Branch) -> str:
    """``⚠ blocks on time.sleep``, ``starts task app.job · not stored``."""
    mark = "⚠ " if branch.kind == "blocks" or branch.lost else ""
    words = chart.words(branch)
    label = chart.label(branch) + ("()" if branch.kind == "entry" and branch.ref and branch.ref.name else "")
    notes = " · ".join(chart.notes(branch))
    return f"{mark}{words} {label}".strip() + (f" · {notes}" if notes else "")


def _placed(chart: Chart, lines: list[Line]) -> Iterator[str]:
    """The lines, each with its place after it, aligned in one column where possible."""
    texts = [line.lead + said(chart, line.branch) for line in lines]
    wide = min(
        max((len(text) for text, line in zip(texts, lines, strict=True) if chart.place(line.branch)), default=0),
        _WIDEST,
    )
    for text, line in zip(texts, lines, strict=True):
        yield f"{text:<{wide}}  {chart.place(line.branch)}".rstrip()
