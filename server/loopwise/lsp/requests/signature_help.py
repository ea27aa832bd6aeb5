"""Signature help, for one session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.features.signature_help import ParameterInfo, SignatureInfo, signature_help
from loopwise.lsp.convert.capabilities import Capabilities
from loopwise.lsp.convert.markup import documentation
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
    written = [_signature(one, session.client) for one in found.signatures]
    return types.SignatureHelp(written, found.active, written[found.active].active_parameter)


def _signature(info: SignatureInfo, client: Capabilities) -> types.SignatureInformation:
    parameters = [_parameter(info.label, one, client) for one in info.parameters]
    # An index beyond the last one means none, to clients old and new.
    active = info.active if info.active is not None else len(parameters)
    said = documentation(info.documentation, client.signature_markup)
    return types.SignatureInformation(info.label, said, parameters, active)


def _parameter(label: str, info: ParameterInfo, client: Capabilities) -> types.ParameterInformation:
    said = documentation(info.documentation, client.signature_markup)
    if not client.label_offsets:
        return types.ParameterInformation(label[info.start : info.end], said)
    start, end = (units(encode(label[:at]), Encoding.UTF16) for at in (info.start, info.end))
    return types.ParameterInformation((start, end), said)
