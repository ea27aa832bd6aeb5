"""Completion and ``completionItem/resolve``, for one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from lsprotocol import types

from loopwise.features.completion import Options, completions
from loopwise.features.hover import card_hover, markdown
from loopwise.lsp.convert.items import Writer, symbol_of
from loopwise.lsp.convert.markup import documentation

if TYPE_CHECKING:
    from loopwise.lsp.session import Session


def completion(session: Session, params: types.CompletionParams) -> types.CompletionList | None:
    """The completions at the cursor; ``None`` if they are left to other servers."""
    text = session.text(params.text_document.uri)
    if text is None:
        return None
    settings = session.state.root(text.document.path).settings
    if not settings.completion.enable:
        return None
    offset = text.offset(params.position)
    options = Options.of(settings.completion)
    if options.mode == "auto" and session.client.general_server:
        options = msgspec.structs.replace(options, mode="companion")
    if _by_itself(params.context):
        options = msgspec.structs.replace(options, typed=True)
    found = completions(session.state.view(text.document), offset, options)
    if session.state.problems:
        session.problems.show()
    return Writer(text, offset, session.client).list_of(found)


def _by_itself(context: types.CompletionContext | None) -> bool:
    """Did typing a space or ``=`` open the list?  A dot is a request; those two are mostly just typed."""
    character = context.trigger_character if context is not None else None
    return character is not None and character != "."


def resolve(session: Session, item: types.CompletionItem) -> types.CompletionItem:
    """The item with its documentation; all it needs is in the item, no state is kept between the two requests."""
    carried = symbol_of(item.data)
    if carried is None:
        return item
    symbol, uri = carried
    root = session.root(uri)
    found = card_hover(root.catalogue, symbol)
    if found is not None:
        text = markdown(found, root.target, samples=root.settings.hover.samples)
        item.documentation = documentation(text, session.client.item_markup)
    return item
