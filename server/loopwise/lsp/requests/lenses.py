"""Code lenses above coroutine functions: who awaits and starts them, and what they block on."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from loopwise.graph import Graph, Ref
from loopwise.lsp.convert.values import value_of
from loopwise.semantics.infer import definitions
from loopwise.syntax import FUNCTIONS, field, is_async, nodes_of, span_of

if TYPE_CHECKING:
    from loopwise.lsp.graphs import Graphs

_DEEPEST = 3  # calls from the function to what blocks
_SAID = {
    "awaits": "awaited by",
    "task": "task by",
    "group": "task by",
    "gathers": "gathered by",
    "runs": "run by",
    "calls": "called by",
    "callback": "scheduled by",
}


class _Lens(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data that a client sends back to resolve a lens."""

    uri: str
    version: int
    path: str
    name: str


def lenses(graphs: Graphs, params: types.CodeLensParams) -> list[types.CodeLens]:
    """A lens without text for each coroutine function: a client resolves only those that it shows."""
    text = graphs.session.text(params.text_document.uri)
    if text is None or not graphs.session.state.root(text.document.path).settings.code_lens.enable:
        return []
    file, found = text.document.file, []
    for node in nodes_of(file.root, FUNCTIONS):
        name = field(node, "name")
        if is_async(node) and name is not None and text.holds(span_of(name)):
            data = _Lens(text.uri, text.version, file.key, definitions.qualname(file, node))
            found.append(types.CodeLens(text.range_of(span_of(name)), data=msgspec.to_builtins(data)))
    return found


async def resolve(graphs: Graphs, lens: types.CodeLens) -> types.CodeLens:
    """The lens with its text."""
    asked = value_of(lens.data, _Lens)
    text = graphs.session.text(asked.uri) if asked is not None else None
    if asked is None or text is None:
        return lens
    ref = Ref(asked.path, asked.name)
    callers = await graphs.callers(text.document, [ref])
    callees = await graphs.callees(ref, _DEEPEST)
    lens.command = types.Command(said(callers, callees, ref), "")
    return lens


def said(callers: Graph, callees: Graph, ref: Ref) -> str:
    """``awaited by 3 · task by 1 · blocks on open() through load()``."""
    counts: Counter[str] = Counter()
    for _, edge in callers.incoming(ref):
        counts[_SAID.get(edge.kind, "called by")] += 1
    parts = [f"{words} {counts[words]}" for words in dict.fromkeys(_SAID.values()) if counts[words]]
    blocked = callees.blocked(ref)
    if blocked:
        first = blocked[0]
        helper = first.through[0].name.rpartition(".")[2] if first.through else ""
        on = f"blocks on {first.sink.label}()"
        parts.append(f"{on} through {helper}()" if helper else on)
    return " · ".join(parts) or "not called in this workspace"
