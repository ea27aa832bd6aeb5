"""Document highlights and inlay hints: suspension points, task groups, locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.features import highlights, suspensions
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_KINDS = {
    "text": types.DocumentHighlightKind.Text,
    "read": types.DocumentHighlightKind.Read,
    "write": types.DocumentHighlightKind.Write,
}


def highlighted(session: Session, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """The highlights for the cursor; ``None`` if they are left to a general server."""
    text = session.text(params.text_document.uri)
    if text is None:
        return None
    found = highlights.highlights(session.state.view(text.document), text.offset(params.position))
    return [
        types.DocumentHighlight(text.range_of(one.span), _KINDS[one.kind]) for one in found if text.holds(one.span)
    ] or None


def hinted(session: Session, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """The suspension points of the functions in a range, if the settings enable them."""
    text = session.text(params.text_document.uri)
    if text is None or not session.state.root(text.document.path).settings.inlay_hints.suspension:
        return None
    found = suspensions.suspensions(session.state.view(text.document), text.span_of(params.range))
    return [
        types.InlayHint(
            text.range_of(Span(one.offset, one.offset)).start,
            one.text,
            padding_left=not one.before,
            padding_right=one.before,
        )
        for one in found
        if text.holds(Span(one.offset, one.offset))
    ]
