"""One client's session: what it can, what it wants, what is open; and the work that goes on between requests."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine, Iterable
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from loopwise.document import Document
from loopwise.features.hover import Hover, hover
from loopwise.features.view import View
from loopwise.lsp import convert, register
from loopwise.workspace import Workspace

if TYPE_CHECKING:
    from loopwise.lsp.server import Server

_log = logging.getLogger(__name__)
_SETTLE_AFTER = 0.5  # seconds after the last keystroke
_LOOK_AT_PARENT_EVERY = 3.0  # seconds


class Session:
    """The state of a server between ``initialize`` and ``exit``."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.state = Workspace()
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._settling: dict[str, asyncio.Task[None]] = {}
        self._markup = types.MarkupKind.Markdown
        self._own_options: object = None
        self._lane: Any = None
        self.shut_down = False

    # From start to end

    def begin(self, params: types.InitializeParams) -> None:
        folders = [convert.path_of(folder.uri) for folder in params.workspace_folders or ()]
        if not folders and params.root_uri:
            folders = [convert.path_of(params.root_uri)]
        self.state = Workspace(folder for folder in folders if folder is not None)
        self.server.documents.attach(self.state)
        self._markup = convert.markup_kind(params.capabilities)
        self._own_options = _section(params.initialization_options)
        self.state.configure({None: self._own_options})
        if params.process_id is not None:
            self._start(self._watch_parent(params.process_id), "watch the client")

    async def ready(self) -> None:
        """After ``initialized``: ask for settings, register what clients want registered, warm up."""
        await register.watchers(self.server)
        await self.configure(None)
        self._start(self._warm_up(), "warm up")

    async def end(self) -> None:
        self.shut_down = True
        for task in list(self._tasks):
            task.cancel()
        if self._lane is not None:
            await self._lane.close()

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _watch_parent(self, process_id: int) -> None:
        """A client that died without a word takes the server with it."""
        while _alive(process_id):
            await asyncio.sleep(_LOOK_AT_PARENT_EVERY)
        _log.warning("the client (process %s) is gone", process_id)
        os._exit(1)

    async def _warm_up(self) -> None:
        """Read cards and stubs before someone asks, a little at a time."""
        from loopwise.knowledge import load
        from loopwise.semantics.project import stub

        await asyncio.to_thread(load, (), True)
        for name in _COMMON_STUBS:
            await asyncio.sleep(0)
            stub(name)
        for document in list(self.state.documents.values()):
            await asyncio.sleep(0)
            self._prepare(document)

    # Documents and settings

    def changed(self, uri: str) -> None:
        """A text is new or another: check it again once the typing pauses."""
        task = self._settling.pop(uri, None)
        if task is not None:
            task.cancel()
        self._settling[uri] = self._start(self._settle(uri), f"settle {uri}")

    def closed(self, uri: str) -> None:
        task = self._settling.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _settle(self, uri: str) -> None:
        document = self.state.documents.get(uri)
        if document is not None and document.version <= 1:
            await asyncio.sleep(0)
            self._prepare(document)
        await asyncio.sleep(_SETTLE_AFTER)
        document = self.state.documents.get(uri)
        if document is not None:
            settled = document.settled()
            if settled is not document:
                self.state.change(settled)

    def _prepare(self, document: Document) -> None:
        """Fill the caches that the first request would have to fill."""
        view = self.state.view(document)
        hover(view, 0)
        self.show_problems()

    def disk_changed(self, uris: Iterable[str]) -> None:
        if any(uri.endswith((".toml", ".python-version", ".md")) for uri in uris):
            self.state.reload()
        self.state.refresh()
        self.show_problems()

    async def configure(self, pushed: object) -> None:
        """Take the client's settings: pulled for each folder where it can, else as pushed with the notification."""
        settings = await register.pull_settings(self.server, self.state.folders)
        if settings is None:
            options = _section(pushed) if pushed is not None else self._own_options
            settings = {None: options}
        elif settings.get(None) is None:
            settings[None] = self._own_options
        self.state.configure(settings)
        self.show_problems()

    async def folders_changed(self) -> None:
        folders = (convert.path_of(uri) for uri in self.server.documents.folders)
        self.state.folders = [folder for folder in folders if folder is not None]
        await self.configure(None)

    def show_problems(self) -> None:
        """Tell the user what is wrong with settings and cards, each thing once."""
        for problem in self.state.problems:
            text = f"Loopwise: {problem}"
            if text not in self._told:
                self._told.add(text)
                self.server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, text))
        self.state.problems.clear()

    # Requests

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        document = self.state.documents.get(params.text_document.uri)
        if document is None:
            return None
        encoding = self.server.documents.encoding
        offset = convert.offset_of(document.source, params.position, encoding)
        view, settings = self.state.view(document), self.state.root(document.path).settings
        if not settings.hover.enable:
            return None
        found = hover(view, offset)
        if found is None and settings.jedi.enable:
            found = await self._ask_jedi(document, view, offset, settings.jedi.deadline)
        if self.state.problems:
            self.show_problems()
        if found is None:
            return None
        return convert.hover_of(document.source, found, view.target, settings.hover.samples, encoding, self._markup)

    async def _ask_jedi(self, document: Document, view: View, offset: int, deadline: float) -> Hover | None:
        from loopwise.features import hover_by_jedi

        question = hover_by_jedi.question(view, document.path, self.state.root(document.path).folder, offset)
        if question is None:
            return None
        if self._lane is None:
            from loopwise.semantics.oracle import Oracle

            self._lane = Oracle()
        answers = await self._lane.ask(question, deadline)
        return hover_by_jedi.hover(view, offset, answers) if answers else None


_COMMON_STUBS = (
    "builtins",
    "typing",
    "_typeshed",
    "types",
    "collections.abc",
    "asyncio",
    "asyncio.tasks",
    "_asyncio",
    "asyncio.futures",
    "asyncio.events",
    "asyncio.base_events",
    "asyncio.locks",
    "asyncio.queues",
    "asyncio.streams",
    "asyncio.subprocess",
    "asyncio.taskgroups",
    "asyncio.timeouts",
    "asyncio.transports",
    "asyncio.protocols",
    "asyncio.runners",
    "asyncio.threads",
    "asyncio.exceptions",
    "asyncio.unix_events",
    "asyncio.selector_events",
    "contextlib",
    "collections",
)


def _section(options: object) -> object:
    """Our settings inside what a client sends: bare, or under ``loopwise``."""
    return options["loopwise"] if isinstance(options, dict) and "loopwise" in options else options


def _alive(process_id: int) -> bool:
    """Is a process there?  True where that cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


