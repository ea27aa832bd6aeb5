"""Commands that a client can run on the server."""

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


def explain(session: Session, arguments: tuple[object, ...]) -> str | None:
    """The page of a rule (name or code) as Markdown, which is also shown as a message; ``None``: there is no such."""
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
