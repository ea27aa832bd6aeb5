"""One client's session: its capabilities, settings and open texts, and the work done between requests."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from loopwise.diagnosis import live
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection, selection_for, unknown_rules
from loopwise.features import prepare
from loopwise.lsp import register
from loopwise.lsp.client_settings import ClientSettings
from loopwise.lsp.convert import positions
from loopwise.lsp.convert.capabilities import Capabilities
from loopwise.lsp.librarian import Librarian
from loopwise.lsp.news import News
from loopwise.lsp.notebooks import Notebooks
from loopwise.lsp.problems import Problems
from loopwise.lsp.publish import Publisher
from loopwise.lsp.requests.actions import Actions
from loopwise.lsp.texts import Text
from loopwise.lsp.transport.watch_client import watch
from loopwise.lsp.typing_pauses import Typing
from loopwise.lsp.warm_up import warm_up
from loopwise.project import Document, Root, Workspace
from loopwise.semantics.oracle import Answer, Oracle, Question
from loopwise.settings import is_source
from loopwise.text import Edit, Encoding, Span

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)
_RECALL_WITHIN = 0.3  # seconds: on a busy machine this takes 0.1
_PREPARE_AFTER = 0.02  # seconds: what was asked with the file goes first


class Session:
    """The state of a server between ``initialize`` and ``exit``."""

    def __init__(self, server: Server, params: types.InitializeParams) -> None:
        self.server = server
        self.client = Capabilities.of(params.capabilities)
        self.encoding = Encoding(server.documents.position_encoding or "utf-16")
        self.news = News()
        self._foreign: set[str] = set()
        """The URIs of open texts in other languages, and of those that are too large."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._recalling: set[asyncio.Task[None]] = set()
        self._oracle: Oracle | None = None
        uris = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
        folders = filter(None, map(positions.path_of, filter(None, uris)))
        self.librarian = Librarian(self)
        self.state = Workspace(folders, unknown_rules, ask=self.librarian.ask)
        self.notebooks = Notebooks(self)
        self.problems = Problems(self)
        self.publisher = Publisher(self)
        self.actions = Actions(self)
        self._typing = Typing(self)
        self.settings = ClientSettings(self, params.initialization_options)
        if params.process_id is not None:
            self.start(watch(params.process_id), "watch the client")

    # From start to end

    async def ready(self) -> None:
        """Handle ``initialized``: ask for settings, register what the client needs registered, warm up."""
        self.start(register.watchers(self.server, self.client), "register")
        await self.settings.take(None)
        self.start(self._warm_up(), "warm up")

    async def end(self) -> None:
        self.problems.end()
        self.publisher.end()
        for task in list(self._tasks):
            task.cancel()
        self._typing.end()
        if self._oracle is not None:
            await self._oracle.close()

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run a coroutine as a background task, which is cancelled when the session ends."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _warm_up(self) -> None:
        """Read cards and stubs before the first request needs them, in short steps."""
        await asyncio.sleep(_PREPARE_AFTER)
        await self.recalled()
        await warm_up()
        for folder in self.state.folders:
            self.state.index(folder)
        await self._refresh_indexes()
        self.publisher.check_all()
        self.news.tell()
        # What is read by now stays: the collector need not look at it on each of its rounds.
        gc.collect()
        gc.freeze()

    # Documents and settings

    async def _refresh_indexes(self) -> None:
        """Update the indexes of other modules, in steps and in threads."""
        for index in self.state.indexes():
            try:
                await index.refresh()
            except OSError as error:
                _log.warning("%s cannot be walked: %s", index.folder, error)
            self.state.root(index.folder).libraries.survey(index.roots())

    def text(self, uri: str) -> Text | None:
        """The text that the client has open under a URI; ``None`` if it is not open or not Python."""
        cell = self.notebooks.text(uri)
        document = self.state.documents.get(uri) if cell is None else None
        return Text.of(document, self.encoding) if document is not None else cell

    def texts(self, document: Document) -> tuple[Text, ...]:
        """The texts of an open document: one, or one per cell."""
        return self.notebooks.texts(document) or (Text.of(document, self.encoding),)

    def root(self, uri: str | None) -> Root:
        """The root of the client's ``uri``; for ``None``, the first one."""
        text = self.text(uri) if uri is not None else None
        return self.state.root(text.document.path if text is not None else positions.path_of(uri or ""))

    def open(self, item: types.TextDocumentItem) -> None:
        """Open a text, if it is Python; other languages are ignored."""
        if not positions.is_python(item.language_id):
            self._foreign.add(item.uri)
        elif item.uri.endswith(".ipynb"):
            self.notebooks.open_text(item)
        else:
            self.put(positions.document_of(item))

    def put(self, document: Document) -> None:
        """Add a document, unless it is too large, in which case it gets no diagnostics or answers."""
        if self.problems.is_too_large(document):
            self._foreign.add(document.uri)
            return
        self.state.open(document)
        self.news.tell()
        recalling = self.start(self._recall(document), f"recall {document.uri}")
        self._recalling.add(recalling)
        recalling.add_done_callback(self._recalling.discard)
        self.start(self._prepare(document), f"prepare {document.uri}")

    def change(
        self, identifier: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent
    ) -> None:
        if identifier.uri in self._foreign or self.notebooks.change_text(identifier, change):
            return
        document = self.state.documents.get(identifier.uri)
        if document is None:
            _log.warning("change to %s, which is not open", identifier.uri)
            return
        self.replace(*positions.changed(document, identifier.version, change, self.encoding))

    def replace(self, changed: Document, edit: Edit) -> None:
        """Replace a document by its next version, which is the result of ``edit``."""
        if self.problems.is_too_large(changed):
            self.lose(changed.uri)
            self._foreign.add(changed.uri)
            return
        self.state.change(changed)
        self.publisher.changed(changed.uri, edit)
        self._typing.typed(changed.uri)

    def close(self, uri: str) -> None:
        """Close a text; if it is a file, the version on disk counts again."""
        self._foreign.discard(uri)
        if self.notebooks.close_text(uri):
            return
        self.state.close(uri)
        self.publisher.closed(uri)
        self.publisher.check_others(uri)
        self.news.tell()
        self._typing.forget(uri)

    def lose(self, uri: str) -> None:
        """Treat a text or notebook whose contents are no longer known as closed, until it is reopened."""
        close = self.notebooks.close if self.notebooks.has(uri) else self.close
        close(uri)

    async def _recall(self, document: Document) -> None:
        """Show the remembered findings; they depend on settings, so those are requested first."""
        await self.settings.known.wait()
        await self.publisher.recall(document)

    async def recalled(self) -> None:
        """Wait until remembered findings are shown, but not for a client that is slow to tell its settings."""
        if self._recalling:
            await asyncio.wait(self._recalling, timeout=_RECALL_WITHIN)

    async def _prepare(self, document: Document) -> None:
        """Fill the caches that the first requests would otherwise fill, in steps of about a millisecond."""
        await asyncio.sleep(_PREPARE_AFTER)
        await self.recalled()
        for _ in prepare.steps(self.state.view(document)):
            self.problems.show()
            await asyncio.sleep(0)
            if self.state.documents.get(document.uri) is not document:
                return
        await self.publisher.opened(document)

    def disk_changed(self, uris: Iterable[str]) -> None:
        if any(uri.endswith(".md") or is_source(uri.rpartition("/")[2]) for uri in uris):
            self.state.reload()
        self.state.refresh()
        self.start(self._look_at_disk(), "look at the disk")
        self.problems.show()

    async def _look_at_disk(self) -> None:
        await self._refresh_indexes()
        self.publisher.check_all()
        self.news.tell()

    async def folders_changed(self) -> None:
        folders = (positions.path_of(uri) for uri in self.server.documents.folders)
        self.state.folders = [folder for folder in folders if folder is not None]
        await self.settings.take(None)

    # Findings

    def selection(self, document: Document) -> Selection:
        """The selection of rules for a document."""
        return selection_for(self.state.root(document.path), document.path)

    def diagnoses(self, document: Document) -> bool:
        """Are diagnostics enabled for a document?"""
        root = self.state.root(document.path)
        return root.settings.diagnostics.enable and root.wants(document.path)

    def found_at(self, document: Document, offset: int) -> tuple[Found, ...]:
        """The findings shown at a byte offset of a document, as far as they are known, with their fixes."""
        if not self.diagnoses(document):
            return ()
        checked = self.publisher.current(document)
        places = ((one.rule.name, one.finding.span) for one in checked.shown().found)
        here = {(name, span) for name, span in places if span.start <= offset <= span.end}
        if not here:
            return ()
        found = live.at(self.state.view(document), self.selection(document), checked, Span(offset, offset))
        return tuple(one for one in found if (one.rule.name, one.finding.span) in here)

    async def ask_jedi(self, question: Question, deadline: float) -> tuple[Answer, ...] | None:
        """jedi's answers; ``None`` if none come within ``deadline`` seconds."""
        if self._oracle is None:
            self._oracle = Oracle()
        return await self._oracle.ask(question, deadline)
