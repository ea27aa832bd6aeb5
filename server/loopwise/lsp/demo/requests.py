"""The requests of ``loopwise demo``, and the answers as received over the wire."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from time import perf_counter

import msgspec
from lsprotocol import types

from loopwise.lsp.convert import positions
from loopwise.lsp.demo.connection import Client
from loopwise.project import Document
from loopwise.text import Encoding, Span, decode

_ENCODING = Encoding.UTF16  # what every editor knows, and so what holds where nothing else is agreed


class Heard(msgspec.Struct, frozen=True):
    """One hover as received."""

    span: Span
    markdown: str


class Underlined(msgspec.Struct, frozen=True):
    """One finding as received."""

    span: Span
    rule: str
    message: str
    fix: str
    """Title of the best fix; empty if there is none."""


class Typing(msgspec.Struct, frozen=True):
    """A moment of typing: the code from ``cursor`` to ``end``, the line's end (byte offsets), is not typed yet."""

    cursor: int
    end: int
    inside_call: bool
    """If true, request signature help; else completion."""


class Offered(msgspec.Struct, frozen=True):
    """A completion list as received: each item's label, result and origin."""

    at: Typing
    items: tuple[tuple[str, str, str], ...]


class Called(msgspec.Struct, frozen=True):
    """A signature as received; ``parameter`` is the one at the cursor, documented in Markdown."""

    at: Typing
    label: str
    parameter: str
    documentation: str


async def point_at(client: Client, document: Document, places: Sequence[int]) -> tuple[list[Heard], list[float]]:
    """The hovers at ``places`` (byte offsets), and the duration of each request in seconds."""
    hovers: list[Heard] = []
    seconds: list[float] = []
    for place in places:
        began = perf_counter()
        params = types.HoverParams(_identifier(document), _position(document, place))
        answer = await client.answer(client.text_document_hover_async(params))
        seconds.append(perf_counter() - began)
        if answer is not None and isinstance(answer.contents, types.MarkupContent) and answer.range is not None:
            span = positions.span_of(document.source, answer.range, _ENCODING)
            hovers.append(Heard(span, answer.contents.value))
    return hovers, seconds


async def look_at(client: Client, document: Document) -> list[Underlined]:
    """The diagnostics of the document, each with its best fix."""
    found: list[Underlined] = []
    for one in client.published:
        context = types.CodeActionContext([one], [types.CodeActionKind.QuickFix])
        params = types.CodeActionParams(_identifier(document), one.range, context)
        actions = await client.answer(client.text_document_code_action_async(params)) or ()
        fixes = [each.title for each in actions if isinstance(each, types.CodeAction) and each.edit is not None]
        mending = next((title for title in fixes if not title.startswith("Suppress")), "")
        found.append(
            Underlined(positions.span_of(document.source, one.range, _ENCODING), str(one.code), one.message, mending)
        )
    return found


async def type_at(
    client: Client, document: Document, typings: Sequence[Typing], triggers: frozenset[str]
) -> tuple[list[Offered | Called], list[float]]:
    """Delete the rest of a line, send a request, restore it; return the answers and each request's seconds."""
    found: list[Offered | Called] = []
    seconds: list[float] = []
    versions = count(document.version + 1)
    for typing in typings:
        rest = decode(document.source.data[typing.cursor : typing.end])
        _replace(client, document, next(versions), Span(typing.cursor, typing.end), "")
        began = perf_counter()
        if typing.inside_call:
            answer: Offered | Called | None = await _called(client, document, typing)
        else:
            answer = await _offered(client, document, typing, triggers)
        seconds.append(perf_counter() - began)
        _replace(client, document, next(versions), Span(typing.cursor, typing.cursor), rest)
        if answer is not None:
            found.append(answer)
    return found, seconds


def _replace(client: Client, document: Document, version: int, span: Span, text: str) -> None:
    """Change the open text, which is the same as ``document`` up to ``span.start``."""
    change = types.TextDocumentContentChangePartial(positions.range_of(document.source, span, _ENCODING), text)
    identifier = types.VersionedTextDocumentIdentifier(version, document.uri)
    client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))


async def _offered(client: Client, document: Document, typing: Typing, triggers: frozenset[str]) -> Offered | None:
    character = decode(document.source.data[typing.cursor - 1 : typing.cursor])
    kind, trigger = types.CompletionTriggerKind.Invoked, None
    if character in triggers:
        kind, trigger = types.CompletionTriggerKind.TriggerCharacter, character
    context = types.CompletionContext(kind, trigger)
    params = types.CompletionParams(_identifier(document), _position(document, typing.cursor), context)
    answer = await client.answer(client.text_document_completion_async(params))
    items = answer.items if isinstance(answer, types.CompletionList) else answer or ()
    details = ((item.label, item.label_details or types.CompletionItemLabelDetails()) for item in items)
    rows = tuple((label, (more.detail or "").strip(), more.description or "") for label, more in details)
    return Offered(typing, rows) if rows else None


async def _called(client: Client, document: Document, typing: Typing) -> Called | None:
    params = types.SignatureHelpParams(_identifier(document), _position(document, typing.cursor))
    answer = await client.answer(client.text_document_signature_help_async(params))
    if answer is None or not answer.signatures:
        return None
    signature = answer.signatures[answer.active_signature or 0]
    parameters, active = signature.parameters or (), signature.active_parameter
    parameter = parameters[active] if active is not None and active < len(parameters) else None
    if parameter is None:
        return Called(typing, signature.label, "", _text(signature.documentation))
    return Called(typing, signature.label, _name(signature.label, parameter.label), _text(parameter.documentation))


def _name(label: str, part: str | tuple[int, int]) -> str:
    """A parameter's name, given its label or its range in the signature's label (UTF-16)."""
    if isinstance(part, str):
        return part
    return label.encode("utf-16-le")[2 * part[0] : 2 * part[1]].decode("utf-16-le")


def _text(documentation: str | types.MarkupContent | None) -> str:
    return documentation.value if isinstance(documentation, types.MarkupContent) else documentation or ""


def _identifier(document: Document) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(document.uri)


def _position(document: Document, place: int) -> types.Position:
    return types.Position(*document.source.position(place, _ENCODING))
