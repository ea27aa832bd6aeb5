"""The chart as nodes and edges, for formats that draw them; large ones have one node per module."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.graph import Branch, Chart, Ref


class Arrow(msgspec.Struct, frozen=True):
    """An edge between two nodes, by their identifiers."""

    source: str
    target: str
    words: str
    lost: bool = False

    @property
    def label(self) -> str:
        """The edge's label."""
        return f"{self.words}, not stored" if self.lost else self.words


class Net(msgspec.Struct, frozen=True):
    """The tree as nodes and edges; a large one has one node per module."""

    groups: dict[str, dict[str, str]]
    """By module: labels by identifier."""
    marks: dict[str, str]
    """By identifier: ``entry`` or ``blocks``."""
    arrows: tuple[Arrow, ...]


def net_of(chart: Chart, most: int) -> Net:
    """Convert a chart; with more than ``most`` functions, each module becomes one node."""
    links = list(dict.fromkeys(_links(chart, None, chart.branches)))
    refs = {ref for source, branch in links for ref in (source, _end(branch))}
    by_module = len(refs) > most
    names: dict[str, str] = {}
    groups: dict[str, dict[str, str]] = {}
    marks: dict[str, str] = {}
    arrows: dict[Arrow, None] = {}

    def node(ref: Ref | None, text: str) -> str:
        module = (chart.graph.label(Ref(ref.path, "")) if ref is not None else "").removeprefix(chart.prefix)
        key = module if by_module else f"{ref}{text if ref is None else ''}"
        name = names.setdefault(key, f"n{len(names)}")
        shown = module if by_module else (text if ref is None else ref.name or "module")
        groups.setdefault("" if by_module else module, {})[name] = shown
        return name

    for source, branch in links:
        end = node(_end(branch), branch.label)
        if branch.kind == "entry":
            marks.setdefault(end, "entry")
        elif source is not None and branch.kind != "fold":
            start = node(source, "")
            if branch.kind == "blocks":
                marks[start if by_module else end] = "blocks"
            if start != end:
                arrows[Arrow(start, end, chart.words(branch), branch.lost)] = None
    return Net(groups, marks, tuple(arrows))


def _end(branch: Branch) -> Ref | None:
    """The target of a branch; a blocking call is shown within the module that makes it."""
    if branch.kind == "blocks" and branch.place is not None:
        return Ref(branch.place.path, f"⚠ {branch.label}")
    return branch.ref


def _links(chart: Chart, source: Ref | None, branches: tuple[Branch, ...]) -> Iterator[tuple[Ref | None, Branch]]:
    for one in branches:
        if one.kind != "fold":
            yield source, msgspec.structs.replace(one, branches=(), within=(), line=0, again=False, overridden=0)
            yield from _links(chart, one.ref, one.branches)
