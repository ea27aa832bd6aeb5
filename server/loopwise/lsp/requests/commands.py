"""Commands that a client can execute on the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from loopwise.diagnosis.selection import meant
from loopwise.features.hover import plain
from loopwise.rules.rule_card import rules_page

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

EXPLAIN = "loopwise.explain"
APPLY = "loopwise.applyEdit"


def for_client(session: Session, actions: list[types.CodeAction]) -> list[types.CodeAction] | list[types.Command]:
    """The actions, or for clients before LSP 3.8 commands in their place, which have no kinds."""
    if session.client.action_literals:
        return actions
    return [command for action in actions if (command := _as_command(session, action)) is not None]


def _as_command(session: Session, action: types.CodeAction) -> types.Command | None:
    if action.edit is None:
        return action.command
    edit = session.server.protocol.plain(action.edit)
    return types.Command(action.title, APPLY, arguments=[edit])


async def apply(session: Session, arguments: tuple[object, ...]) -> None:
    """Ask the client to apply the edit of a command that represents an action."""
    match arguments:
        case (dict(sent),):
            edit = session.server.protocol.edit_of(sent)
        case _:
            edit = types.WorkspaceEdit()
    if edit.changes is None and edit.document_changes is None:
        raise JsonRpcInvalidParams(f"`{APPLY}` takes one argument: a workspace edit")
    params = types.ApplyWorkspaceEditParams(edit)
    await session.server.protocol.send_request_async(types.WORKSPACE_APPLY_EDIT, params)


def explain(session: Session, arguments: tuple[object, ...]) -> str | None:
    """The page of a rule (name or code) as Markdown, also shown as a message; ``None`` if there is no such rule."""
    match arguments:
        case (str(rule),):
            rules = meant(rule)
        case _:
            raise JsonRpcInvalidParams(f"`{EXPLAIN}` takes one argument: the name or code of a rule")
    if not rules:
        return None
    page = rules_page(rule, rules)
    message = types.ShowMessageParams(types.MessageType.Info, plain(page))
    session.server.window_show_message(message)
    return page
