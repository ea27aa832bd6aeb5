"""Diagnostics: when a document is checked, and how its findings reach the client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.diagnosis import live
from loopwise.diagnosis.live import Checked
from loopwise.diagnosis.selection import Selection
from loopwise.lsp.convert.findings import Writer
from loopwise.lsp.document_findings import DocumentFindings
from loopwise.lsp.memory import Memory
from loopwise.lsp.texts import Text
from loopwise.project import Document
from loopwise.semantics.modules import read
from loopwise.text import Edit, Region

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_log = logging.getLogger(__name__)
# After these keys an editor asks for completions or a signature: that goes first.
_ASKS = (b".", b" ", b"=", b"(", b",")
_AFTER = 0.015  # seconds
_SLICE = 0.003  # seconds of work before others have their turn


class Publisher:
    """Keeps the findings of open documents, and publishes them to clients that do not pull."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.client = session.client
        self._memory = Memory(session)
        self._states: dict[str, DocumentFindings] = {}
        self._others: asyncio.Task[None] | None = None

    # What happens to documents

    def check(self, uri: str) -> None:
        """Check all of a document: it was opened, typing has paused, or something else changed."""
        if uri not in self.session.state.documents:
            return  # closed while somebody waited for it
        state = self._states.setdefault(uri, DocumentFindings())
        if state.whole is not None:
            state.whole.cancel()
        state.whole = self.session.start(self._whole(uri, state), f"check {uri}")

    def check_all(self) -> None:
        for uri in list(self._states):
            self.check(uri)

    async def recall(self, document: Document) -> None:
        """Show the remembered findings of a document that was just opened, until it has been checked.

        A client that asks for findings, and cannot be told to ask again, would not hear of it if more are found.
        """
        if self.client.pulls and not self.client.refreshes:
            return
        if self.session.state.documents.get(document.uri) is not document:
            return  # closed while its settings were waited for
        state = self._states.setdefault(document.uri, DocumentFindings())
        if state.checked is not None:
            return
        checked = await self._memory.recall(document)
        if checked is None or state.checked is not None:
            return
        if self.session.state.documents.get(document.uri) is document:
            state.checked, state.is_remembered = checked, True
            self._publish(document, state)

    async def opened(self, document: Document) -> None:
        """Check a document that was opened and, if its text differs from the saved one, the others as well."""
        self.check(document.uri)
        if document.module is not None and document.path is not None:
            saved = await asyncio.to_thread(read, document.path)
            if saved is not None and saved.data != document.source.data:
                self.check_others(document.uri)

    def check_others(self, uri: str) -> None:
        """Check the other documents: their imports from this one may have changed."""
        if self._others is not None:
            self._others.cancel()
        self._others = self.session.start(self._each_but(uri), f"check what is open beside {uri}")

    def changed(self, uri: str, edit: Edit) -> None:
        """Note an edit; requests that came along with it are answered first."""
        if self._others is not None:
            self._others.cancel()
        state = self._states.setdefault(uri, DocumentFindings())
        state.is_remembered = False
        state.region = state.region.then(edit) if state.region is not None else Region.of(edit)
        if state.whole is not None:
            state.whole.cancel()
            state.whole = None
        if state.soon is None:
            loop = asyncio.get_running_loop()
            asks = edit.text.endswith(_ASKS)
            state.soon = loop.call_later(_AFTER, self._typed, uri) if asks else loop.call_soon(self._typed, uri)

    def closed(self, uri: str) -> None:
        state = self._states.pop(uri, None)
        if state is not None:
            state.stop()
            self._clear(state, ())

    def end(self) -> None:
        for state in self._states.values():
            state.stop()

    # What is known

    def current(self, document: Document) -> Checked:
        """The known findings of a document's present version; empty for a closed one."""
        state = self._states.get(document.uri) or DocumentFindings()
        self._catch_up(state, document)
        return state.checked or Checked()

    async def complete(self, document: Document) -> Checked:
        """The findings of a document after a complete check; waits for the first one."""
        state = self._states.setdefault(document.uri, DocumentFindings())
        await self.session.recalled()
        while state.checked is None:
            if state.whole is None:
                self.check(document.uri)
            looking = state.whole
            if looking is None:
                break
            await asyncio.wait([looking])
            if state.whole is looking:
                break  # it has looked at all, or cannot; another one in its place goes on
        return self.current(document)

    # The work

    def _catch_up(self, state: DocumentFindings, document: Document) -> None:
        if state.region is None or state.checked is None:
            return
        view = self.session.state.view(document)
        state.checked = live.typed(state.checked, state.region, view, self.session.selection(document))
        state.region = None

    def _typed(self, uri: str) -> None:
        state, document = self._states.get(uri), self.session.state.documents.get(uri)
        if state is None or document is None:
            return
        state.soon = None
        try:
            self._catch_up(state, document)
        except Exception:  # noqa: BLE001 - the adapter: one broken rule must not end the server's work
            _log.exception("%s cannot be looked at", uri)
            state.region = None
        self._publish(document, state)

    async def _each_but(self, uri: str) -> None:
        """Check all documents except one, one after another."""
        for other in [each for each in self._states if each != uri]:
            if other in self._states:
                self.check(other)
                whole = self._states[other].whole
                if whole is not None:
                    await asyncio.wait([whole])

    async def _whole(self, uri: str, state: DocumentFindings) -> None:
        """Check all of a document, a few milliseconds at a time; the next keystroke stops it."""
        document = self.session.state.documents.get(uri)
        if document is None:
            return
        view, selection = self.session.state.view(document), self.session.selection(document)
        project_names = self.session.state.project_names(document.path)
        steps = live.whole(view, selection, project_names, state.checked)
        end = perf_counter() + _SLICE
        while True:
            try:
                next(steps)
            except StopIteration as done:
                checked = done.value
                break
            except Exception:  # noqa: BLE001 - likewise
                _log.exception("%s cannot be looked at", uri)
                return
            if perf_counter() > end:
                await asyncio.sleep(0)
                end = perf_counter() + _SLICE
        knows_all = project_names is not None and not self.session.librarian.is_waited_for
        if state.is_remembered and not knows_all:
            return  # what is shown was found with all of it: it stays until that is known again
        state.checked, state.is_remembered, state.region = checked, False, None
        self._publish(document, state)
        self._ask_again(state, document, selection)
        if knows_all:
            self.session.start(self._memory.keep(document, checked), f"keep what was found in {uri}")

    # To the client

    def items(self, text: Text, checked: Checked) -> list[types.Diagnostic]:
        """The diagnostics to show in a text."""
        return next((items for one, items in self.by_text(text.document, checked) if one.uri == text.uri), [])

    def by_text(self, document: Document, checked: Checked) -> Iterator[tuple[Text, list[types.Diagnostic]]]:
        """The texts of a document, each with its diagnostics."""
        selection, texts = self.session.selection(document), self.session.texts(document)
        found = checked.shown().found
        for text in texts:
            yield text, Writer(text, texts, selection, self.client).all_of(found)

    def _publish(self, document: Document, state: DocumentFindings) -> None:
        if self.client.pulls or state.checked is None:
            return
        wanted, texts = self.session.diagnoses(document), []
        for text, items in self.by_text(document, state.checked):
            texts.append(text.uri)
            params = types.PublishDiagnosticsParams(text.uri, items if wanted else [], text.version)
            if state.shown.get(text.uri) != params:
                state.shown[text.uri] = params
                self.session.server.text_document_publish_diagnostics(params)
        self._clear(state, texts)

    def _clear(self, state: DocumentFindings, texts: Collection[str]) -> None:
        """Clear the diagnostics of texts that no longer exist."""
        for uri in state.shown.keys() - texts:
            del state.shown[uri]
            self.session.server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def pulled(self, document: Document, checked: Checked) -> None:
        """Note that the client has pulled these."""
        if document.uri in self._states:
            self._states[document.uri].sent = (document.version, checked.shown())

    def _ask_again(self, state: DocumentFindings, document: Document, selection: Selection) -> None:
        """Ask a client to pull again if it did so before the check was complete, or before its settings were known."""
        version, sent = state.sent
        if not self.client.refreshes or version != document.version or state.checked is None:
            return
        if sent != state.checked.shown():
            self.session.start(self._refresh(), "refresh diagnostics")

    async def _refresh(self) -> None:
        await self.session.server.workspace_diagnostic_refresh_async(None)
