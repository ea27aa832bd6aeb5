"""Handlers for the call graph and for marks in the text; their dependencies are imported by the first request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lsprotocol import types

if TYPE_CHECKING:
    from loopwise.lsp.server import Server


async def _prepare_calls(ls: Server, params: types.CallHierarchyPrepareParams) -> Any:
    from loopwise.lsp.requests import calls

    return await calls.prepare(ls.graphs, params)


async def _incoming_calls(ls: Server, params: types.CallHierarchyIncomingCallsParams) -> Any:
    from loopwise.lsp.requests import calls

    return await calls.incoming(ls.graphs, params)


async def _outgoing_calls(ls: Server, params: types.CallHierarchyOutgoingCallsParams) -> Any:
    from loopwise.lsp.requests import calls

    return await calls.outgoing(ls.graphs, params)


def _lenses(ls: Server, params: types.CodeLensParams) -> Any:
    from loopwise.lsp.requests import lenses

    return lenses.lenses(ls.graphs, params)


async def _resolve_lens(ls: Server, lens: types.CodeLens) -> Any:
    from loopwise.lsp.requests import lenses

    return await lenses.resolve(ls.graphs, lens)


def _highlights(ls: Server, params: types.DocumentHighlightParams) -> Any:
    from loopwise.lsp.requests import marks

    return marks.highlighted(ls.session, params)


def _hints(ls: Server, params: types.InlayHintParams) -> Any:
    from loopwise.lsp.requests import marks

    return marks.hinted(ls.session, params)


async def _map(ls: Server, params: object) -> Any:
    from loopwise.lsp.requests import concurrency_map

    return await concurrency_map.concurrency_map(ls.graphs, params)


HANDLERS: dict[str, Callable[..., Any]] = {
    types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: _prepare_calls,
    types.CALL_HIERARCHY_INCOMING_CALLS: _incoming_calls,
    types.CALL_HIERARCHY_OUTGOING_CALLS: _outgoing_calls,
    types.TEXT_DOCUMENT_CODE_LENS: _lenses,
    types.CODE_LENS_RESOLVE: _resolve_lens,
    types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: _highlights,
    types.TEXT_DOCUMENT_INLAY_HINT: _hints,
    "loopwise/map": _map,
}
OPTIONS = {
    types.TEXT_DOCUMENT_CODE_LENS: types.CodeLensOptions(resolve_provider=True),
}
