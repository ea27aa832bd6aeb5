"""Call hierarchy of coroutine functions: their callers and callees, with the kind of call as detail.

Plain functions are left to a general server, which knows their calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from loopwise.graph import Edge, Function, Graph, Ref, function_at, said
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.lsp.graphs import Graphs


class _Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data that a client sends back with one of our items."""

    path: str
    name: str
    uri: str
    """The URI of the document in which the request started."""


async def prepare(graphs: Graphs, params: types.CallHierarchyPrepareParams) -> list[types.CallHierarchyItem] | None:
    """The coroutine function at the cursor."""
    text = graphs.session.text(params.text_document.uri)
    if text is None:
        return None
    view = graphs.session.state.view(text.document)
    ref = function_at(view, text.offset(params.position))
    if ref is None:
        return None
    graph = await graphs.graph([ref.path])
    function = graph.function(ref)
    if function is None or not function.is_async:
        return None
    item = _item(graphs, graph, ref, function, "async def", text.uri)
    return [item] if item is not None else None


async def incoming(
    graphs: Graphs, params: types.CallHierarchyIncomingCallsParams
) -> list[types.CallHierarchyIncomingCall] | None:
    """The callers of a function, one entry for each kind of call."""
    asked = _asked(params.item)
    text = graphs.session.text(asked.uri) if asked is not None else None
    if asked is None or text is None:
        return None
    ref = Ref(asked.path, asked.name)
    graph = await graphs.callers(text.document, [ref])
    by_source: dict[tuple[Ref, str], list[Edge]] = {}
    for source, edge in graph.incoming(ref):
        by_source.setdefault((source, said(edge)), []).append(edge)
    found = []
    for (source, words), edges in by_source.items():
        function = graph.function(source)
        item = _item(graphs, graph, source, function, words, asked.uri) if function is not None else None
        if item is not None:
            found.append(types.CallHierarchyIncomingCall(item, _ranges(graphs, source, edges)))
    return found


async def outgoing(
    graphs: Graphs, params: types.CallHierarchyOutgoingCallsParams
) -> list[types.CallHierarchyOutgoingCall] | None:
    """The callees of a function, overrides included, one entry for each kind of call."""
    asked = _asked(params.item)
    if asked is None:
        return None
    ref = Ref(asked.path, asked.name)
    graph = await graphs.callees(ref, 1)
    function = graph.function(ref)
    by_target: dict[tuple[Ref, str], list[Edge]] = {}
    for edge in function.edges if function is not None else ():
        for target in graph.reached(edge):
            by_target.setdefault((target, said(edge)), []).append(edge)
    found = []
    for (target, words), edges in by_target.items():
        reached = graph.function(target)
        item = _item(graphs, graph, target, reached, words, asked.uri) if reached is not None else None
        if item is not None:
            found.append(types.CallHierarchyOutgoingCall(item, _ranges(graphs, ref, edges)))
    return found


def _asked(item: types.CallHierarchyItem) -> _Item | None:
    try:
        return msgspec.convert(item.data, _Item)
    except msgspec.ValidationError:
        return None  # another server's


def _item(
    graphs: Graphs, graph: Graph, ref: Ref, function: Function, words: str, uri: str
) -> types.CallHierarchyItem | None:
    whole = graphs.place(ref, Span(function.start, function.end))
    name = graphs.place(ref, Span(function.name_start, function.name_end))
    if whole is None or name is None:
        return None
    kind = types.SymbolKind.Method if "." in ref.name else types.SymbolKind.Function
    return types.CallHierarchyItem(
        name=ref.name or graph.label(ref),
        kind=kind if ref.name else types.SymbolKind.Module,
        uri=whole[0],
        range=whole[1],
        selection_range=name[1],
        detail=words,
        data=msgspec.to_builtins(_Item(ref.path, ref.name, uri)),
    )


def _ranges(graphs: Graphs, ref: Ref, edges: list[Edge]) -> list[types.Range]:
    places = (graphs.place(ref, Span(edge.start, edge.end)) for edge in edges)
    return [place[1] for place in places if place is not None]
