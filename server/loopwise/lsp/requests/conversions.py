"""The code action that makes a function async across all files: one workspace edit with annotated parts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from loopwise.assists.conversion import Conversion, FileChange, Goal, Part, Written
from loopwise.graph import Ref, definition_at
from loopwise.lsp.convert import positions
from loopwise.lsp.convert.kinds import is_wanted
from loopwise.lsp.convert.values import value_of
from loopwise.lsp.texts import Text
from loopwise.semantics.modules import read
from loopwise.text import Encoding, Source, decode

if TYPE_CHECKING:
    from loopwise.lsp.graphs import Graphs

_KIND = types.CodeActionKind.RefactorRewrite
_ANNOTATIONS: dict[Part, types.ChangeAnnotation] = {
    "definition": types.ChangeAnnotation("Make functions async"),
    "await": types.ChangeAnnotation("Await calls"),
    "boundary": types.ChangeAnnotation(
        "Use asyncio.run() in plain functions",
        needs_confirmation=True,
        description="These stay plain: nothing in the project calls them, or they are tests and entry points.",
    ),
    "plain": types.ChangeAnnotation("Make functions plain"),
    "unawaited": types.ChangeAnnotation("Call without await"),
}


class Converting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Identifies the function of an action; the client sends it back when the action is chosen."""

    uri: str
    version: int
    path: str
    name: str
    goal: Goal = "async"


def offered(graphs: Graphs, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The action on the name of a function, for clients that ask for the edit when it is chosen.

    A plain function can be made async, a coroutine function that waits for nothing plain.
    """
    session = graphs.session
    text, client = session.text(params.text_document.uri), session.client
    can = client.action_literals and client.resolves_edits and client.versioned_edits
    if text is None or not can or not is_wanted(_KIND.value, params.context.only):
        return []
    found = definition_at(session.state.view(text.document), text.offset(params.range.start))
    if found is None:
        return []
    goal: Goal = "plain" if found.is_async else "async"
    name = found.ref.name.rpartition(".")[2]
    data = Converting(text.uri, text.document.version, found.ref.path, found.ref.name, goal)
    title = f"Make {name}() {goal}, callers included"
    return [types.CodeAction(title, _KIND, data=msgspec.to_builtins(data))]


async def resolve(graphs: Graphs, action: types.CodeAction) -> types.CodeAction | None:
    """The action with its edit; ``None`` if it is not one of ours.  The reason for a refusal is shown to the user."""
    asked = value_of(action.data, Converting)
    if asked is None:
        return None
    session = graphs.session
    text = session.text(asked.uri)
    if text is None or text.document.version != asked.version:
        return action
    before = dict(session.state.documents)
    found = await graphs.conversion(text.document, Ref(asked.path, asked.name), asked.goal)
    if found is None:
        return action
    if any(before.get(uri) is not document for uri, document in session.state.documents.items()):
        return action  # it was typed meanwhile
    if not found.refused:
        action.edit = await _edit(graphs, found)
    kind, name = asked.goal, found.name
    message = f"Loopwise: {name}() cannot be made {kind}: {found.refused}" if found.refused else _left(found)
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


async def _edit(graphs: Graphs, found: Conversion) -> types.WorkspaceEdit:
    """Each part under its annotation, if the client supports annotations."""
    annotated = graphs.session.client.annotations
    documents: list[types.TextDocumentEdit] = []
    for change in found.changes:
        document = graphs.opened(change.path)
        if document is not None:
            documents += _opened(graphs.session.texts(document), change, annotated)
        elif (source := await asyncio.to_thread(read, Path(change.path))) is not None:
            documents.append(_on_disk(source, change, graphs.session.encoding, annotated))
    used = {one.part for change in found.changes for one in change.edits}
    annotations: dict[str, types.ChangeAnnotation] = {name: one for name, one in _ANNOTATIONS.items() if name in used}
    return types.WorkspaceEdit(document_changes=documents, change_annotations=annotations if annotated else None)


def _opened(texts: Sequence[Text], change: FileChange, annotated: bool) -> list[types.TextDocumentEdit]:
    """The edits of an open document, cell by cell."""
    return [
        types.TextDocumentEdit(
            types.OptionalVersionedTextDocumentIdentifier(text.uri, text.version),
            [_written(one, text.range_of(one.edit.span), annotated) for one in own],
        )
        for text in texts
        if (own := [one for one in change.edits if text.holds(one.edit.span)])
    ]


def _on_disk(source: Source, change: FileChange, encoding: Encoding, annotated: bool) -> types.TextDocumentEdit:
    return types.TextDocumentEdit(
        types.OptionalVersionedTextDocumentIdentifier(Path(change.path).as_uri()),
        [_written(one, positions.range_of(source, one.edit.span, encoding), annotated) for one in change.edits],
    )


def _written(one: Written, place: types.Range, annotated: bool) -> types.TextEdit | types.AnnotatedTextEdit:
    text = decode(one.edit.text)
    return types.AnnotatedTextEdit(one.part, place, text) if annotated else types.TextEdit(place, text)
