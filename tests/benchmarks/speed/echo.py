"""The least that a server on pygls costs: it returns the same answer whatever it is asked."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("echo", "1")


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(params: types.DidOpenTextDocumentParams) -> None:
    _publish(params.text_document.uri, params.text_document.version)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
def changed(params: types.DidChangeTextDocumentParams) -> None:
    _publish(params.text_document.uri, params.text_document.version)


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(_: types.HoverParams) -> types.Hover:
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, "a card of usual length " * 50))


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=["."]))
def completion(_: types.CompletionParams) -> types.CompletionList:
    return types.CompletionList(is_incomplete=False, items=[types.CompletionItem(f"name{n}") for n in range(100)])


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
def actions(_: types.CodeActionParams) -> list[types.CodeAction]:
    return [types.CodeAction("Do nothing", kind=types.CodeActionKind.QuickFix)]


def _publish(uri: str, version: int) -> None:
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, [], version))


if __name__ == "__main__":
    server.start_io()
