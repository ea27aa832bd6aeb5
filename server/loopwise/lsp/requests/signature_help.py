"""Signature help, for one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.features.hover import plain, without_pictures
from loopwise.features.signature_help import ParameterInfo, SignatureInfo, signature_help
from loopwise.text import Encoding, encode, units

if TYPE_CHECKING:
    from loopwise.lsp.session import Session


def signatures(session: Session, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The signatures of the call around the cursor; ``None`` if Loopwise has none for it."""
    text = session.text(params.text_document.uri)
    if text is None or not session.state.root(text.document.path).settings.signature_help.enable:
        return None
    found = signature_help(session.state.view(text.document), text.offset(params.position))
    if session.state.problems:
        session.problems.show()
    if found is None:
        return None
    kind = session.client.signature_markup
    written = [_signature(one, kind) for one in found.signatures]
    return types.SignatureHelp(written, found.active, written[found.active].active_parameter)


def _signature(info: SignatureInfo, kind: types.MarkupKind) -> types.SignatureInformation:
    parameters = [_parameter(info.label, one, kind) for one in info.parameters]
    # An index beyond the last one means none, to clients old and new.
    active = info.active if info.active is not None else len(parameters)
    return types.SignatureInformation(info.label, _text(info.documentation, kind), parameters, active)


def _parameter(label: str, info: ParameterInfo, kind: types.MarkupKind) -> types.ParameterInformation:
    start, end = (units(encode(label[:at]), Encoding.UTF16) for at in (info.start, info.end))
    return types.ParameterInformation((start, end), _text(info.documentation, kind))


def _text(markdown: str, kind: types.MarkupKind) -> types.MarkupContent | None:
    if not markdown:
        return None
    return types.MarkupContent(
        kind, without_pictures(markdown) if kind is types.MarkupKind.Markdown else plain(markdown)
    )
