"""Hover, for one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.features.hover import Hover, by_jedi, hover, hover_found, hover_word
from loopwise.lsp.convert import positions
from loopwise.project import Document, View

if TYPE_CHECKING:
    from loopwise.lsp.session import Session


async def hovered(session: Session, params: types.HoverParams) -> types.Hover | None:
    """The hover at a place: for its findings and its name."""
    text = session.text(params.text_document.uri)
    if text is None:
        return None
    document, offset = text.document, text.offset(params.position)
    view, settings = session.state.view(document), session.state.root(document.path).settings
    if not settings.hover.enable:
        return None
    selection = session.selection(document)
    named = hover(view, offset) or hover_word(view, offset, selection)
    if named is None and settings.jedi.enable:
        named = await _by_jedi(session, document, view, offset, settings.jedi.deadline)
    if session.state.problems:
        session.problems.show()
    shown = session.client.hovers_findings
    found = hover_found(session.found_at(document, offset), offset, selection, named, shown=shown)
    if not found:
        return None
    place = text.range_of((named or found[0]).span)
    return positions.hover_of(found, place, view.target, settings.hover.samples, session.client.hover_markup)


async def _by_jedi(session: Session, document: Document, view: View, offset: int, deadline: float) -> Hover | None:
    folder = session.state.root(document.path).folder
    question = by_jedi.question(view, document.path, folder, offset)
    answers = await session.ask_jedi(question, deadline) if question is not None else None
    return by_jedi.hover(view, offset, answers) if answers else None
