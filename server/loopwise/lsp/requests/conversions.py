"""The code action that makes a function async across all files: one workspace edit with annotated parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from lsprotocol import types

from loopwise.assists.conversion import Conversion, Part, Written, converted, wanted
from loopwise.graph import Graph, Ref, definition_at
from loopwise.lsp.convert import positions
from loopwise.lsp.convert.kinds import is_wanted
from loopwise.project import View
from loopwise.text import decode

if TYPE_CHECKING:
    from loopwise.lsp.graphs import Graphs

_MOST_ROUNDS = 40  # from a function to its callers, and theirs
_KIND = types.CodeActionKind.RefactorRewrite
_ANNOTATIONS: dict[Part, types.ChangeAnnotation] = {
    "definition": types.ChangeAnnotation("Make functions async"),
    "await": types.ChangeAnnotation("Await calls"),
    "boundary": types.ChangeAnnotation(
        "Use asyncio.run() in plain functions",
        needs_confirmation=True,
        description="These stay plain: nothing in the project calls them, or they are tests and entry points.",
    ),
}


class Converting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Identifies the function of an action; the client sends it back when the action is chosen."""

    uri: str
    version: int
    path: str
    name: str
    what: Literal["make-async"] = "make-async"


def offered(graphs: Graphs, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The action on the name of a plain function, for clients that resolve edits when an action is chosen."""
    session = graphs.session
    text, client = session.text(params.text_document.uri), session.client
    can = client.action_literals and client.resolves_edits and client.versioned_edits
    if text is None or not can or not is_wanted(_KIND.value, params.context.only):
        return []
    ref = definition_at(session.state.view(text.document), text.offset(params.range.start))
    if ref is None:
        return []
    name = ref.name.rpartition(".")[2]
    data = Converting(text.uri, text.document.version, ref.path, ref.name)
    title = f"Make {name}() async, callers included"
    return [types.CodeAction(title, _KIND, data=msgspec.to_builtins(data))]


async def resolve(graphs: Graphs, action: types.CodeAction) -> types.CodeAction | None:
    """The action with its edit; ``None`` if it is another kind of action.  A refusal is shown to the user."""
    try:
        asked = msgspec.convert(action.data, Converting)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None
    session = graphs.session
    text = session.text(asked.uri)
    if text is None or text.document.version != asked.version:
        return action
    ref, graph = await _graph(graphs, asked)
    view_of = cache(graphs.view)  # of a file that is not open it is read and parsed
    found = converted(graph, ref, view_of)
    if not found.refused:
        action.edit = _edit(graphs, found, view_of)
    message = f"Loopwise: {found.name}() cannot be made async: {found.refused}" if found.refused else _left(found)
    if message:
        session.server.window_show_message(types.ShowMessageParams(types.MessageType.Info, message))
    return action


def _left(found: Conversion) -> str:
    """A message on what is left for the user to check; empty if there is nothing."""
    calls = [f"{count} of .{name}()" for name, count in found.unfollowed]
    said = [f"Check the calls on objects of unknown type: {', '.join(calls)}."] if calls else []
    if found.uncalled:
        said.append(f"Nothing in the project calls {', '.join(found.uncalled)}: callers elsewhere have to await it.")
    return f"Loopwise: {' '.join(said)}" if said else ""


async def _graph(graphs: Graphs, asked: Converting) -> tuple[Ref, Graph]:
    """The graph of all modules that name the function or one of its callers."""
    ref, text = Ref(asked.path, asked.name), graphs.session.text(asked.uri)
    assert text is not None
    refs = frozenset({ref})
    graph = await graphs.callers(text.document, refs)
    for _ in range(_MOST_ROUNDS):
        more = wanted(graph, refs)
        if more == refs:
            break
        refs, graph = more, await graphs.callers(text.document, more)
    return ref, graph


def _edit(graphs: Graphs, found: Conversion, view_of: Callable[[str], View | None]) -> types.WorkspaceEdit:
    """The workspace edit, its parts annotated if the client supports that."""
    annotated = graphs.session.client.annotations
    documents = [
        edit
        for change in found.changes
        for edit in _documents(graphs, change.path, change.edits, view_of(change.path), annotated)
    ]
    used = {one.part for change in found.changes for one in change.edits}
    annotations: dict[str, types.ChangeAnnotation] = {name: one for name, one in _ANNOTATIONS.items() if name in used}
    return types.WorkspaceEdit(document_changes=documents, change_annotations=annotations if annotated else None)


def _documents(
    graphs: Graphs, path: str, edits: Sequence[Written], view: View | None, annotated: bool
) -> list[types.TextDocumentEdit]:
    document = graphs.opened(path)
    by_text: dict[tuple[str, int | None], list[types.TextEdit | types.AnnotatedTextEdit]] = {}
    for one in edits:
        assert view is not None
        if document is not None:
            text = next(text for text in graphs.session.texts(document) if text.holds(one.edit.span))
            key: tuple[str, int | None] = (text.uri, text.version)
            place = text.range_of(one.edit.span)
        else:
            key = (Path(path).as_uri(), None)
            place = positions.range_of(view.file.source, one.edit.span, graphs.session.encoding)
        new = decode(one.edit.text)
        made = types.AnnotatedTextEdit(one.part, place, new) if annotated else types.TextEdit(place, new)
        by_text.setdefault(key, []).append(made)
    return [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, version), some)
        for (uri, version), some in by_text.items()
    ]
