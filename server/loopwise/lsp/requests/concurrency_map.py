"""The concurrency map for a client's own view: the program from its entry points down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

from loopwise.graph import Branch, Chart, unfolded
from loopwise.lsp.convert.values import value_of
from loopwise.semantics.index import is_test

if TYPE_CHECKING:
    from loopwise.lsp.graphs import Graphs


class Asked(msgspec.Struct, frozen=True):
    """A client's request: the map of the workspace folder that contains a text, or of the first folder."""

    uri: str | None = None


class Row(msgspec.Struct, frozen=True):
    """A line of the map."""

    label: str
    """The function reached."""
    detail: str
    """The way it is reached, with notes."""
    kind: str
    """``entry``, or the kind of a call: ``awaits``, ``task``, ``thread``, ``blocks`` …"""
    problem: bool
    """Does it block the event loop, or is it a task that is not stored?"""
    uri: str = ""
    line: int = 0
    """The line of the call, counted from 0."""
    place: str = ""
    """The same place for people: ``app/net.py:12``."""
    rows: tuple[Row, ...] = ()


class Map(msgspec.Struct, frozen=True):
    """The map of a folder; empty if there is no async code in it."""

    title: str
    summary: str
    rows: tuple[Row, ...]


async def concurrency_map(graphs: Graphs, params: Any) -> Any:
    """The map of a folder without its tests, built in steps."""
    asked = value_of(params if params is not None else {}, Asked)
    if asked is None:
        raise JsonRpcInvalidParams("uri: a string is expected")
    folder = _folder(graphs, asked.uri)
    paths = [path for path in await graphs.paths(folder) if not is_test(path)] if folder is not None else []
    graph = await graphs.graph(paths)
    title, top = (folder.name, str(folder)) if folder is not None else ("", "")
    chart = Chart(title, top, graph, unfolded(graph, tuple(graph.entries())))
    rows = tuple(_row(chart, branch, graphs) for branch in chart.branches)
    return msgspec.to_builtins(Map(chart.title, chart.summary(), rows))


def _folder(graphs: Graphs, uri: str | None) -> Path | None:
    """The project folder that contains a text, else the first of the workspace: anything else might be a whole disk."""
    folders = graphs.session.state.folders
    folder = graphs.session.root(uri).folder
    if any(folder.is_relative_to(one) for one in folders):
        return folder
    return folders[0] if folders else None


def _row(chart: Chart, branch: Branch, graphs: Graphs) -> Row:
    path = chart.path(branch)
    detail = " · ".join((*filter(None, [chart.words(branch)]), *chart.notes(branch)))
    return Row(
        chart.label(branch),
        detail,
        branch.kind,
        branch.kind == "blocks" or branch.lost,
        graphs.uri(path) if path else "",
        branch.line,
        chart.place(branch),
        tuple(_row(chart, one, graphs) for one in branch.branches),
    )
