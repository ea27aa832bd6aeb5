"""The call graph of one session: of the modules that a request needs, built on demand in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.assists.conversion import Conversion, Goal
from loopwise.graph import Graph, ModuleGraph, Ref
from loopwise.lsp.convert import positions
from loopwise.lsp.graph_process import Convert, GraphProcess, Question, names_of
from loopwise.project import Document, Workspace
from loopwise.semantics.modules import read
from loopwise.text import Span

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_MOST = 4_000  # files in whose texts a name is looked for
_MOST_OF_FOLDER = 5_000  # modules of a map
_AT_ONCE = 100  # modules of one question: between two, others have their turn
_IDLE = 300.0  # seconds without a question, after which the process ends


class Graphs:
    """Answers one session's questions about calls.  Nothing is built before the first one."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._process = GraphProcess()
        self._asked = 0.0
        self._keeping: asyncio.Task[None] | None = None

    async def graph(self, paths: Iterable[str]) -> Graph:
        """The graph of some modules, given their files' keys; files that cannot be read are left out."""
        wanted, found = list(dict.fromkeys(paths)), []
        for start in range(0, len(wanted), _AT_ONCE):
            found += await self._modules(Question((), (), tuple(wanted[start : start + _AT_ONCE])))
        return Graph(found)

    async def paths(self, folder: Path) -> list[str]:
        """The Python files of a workspace folder, including open ones."""
        index = self.session.state.index(folder)
        if not index.complete:
            await index.refresh()
        opened = [
            one for one in self.session.state.documents.values() if one.path is not None and one.module is not None
        ]
        inside = {one.file.key for one in opened if one.path is not None and one.path.is_relative_to(folder)}
        saved = {path for path in index.paths() if path.endswith(".py")}
        return sorted(saved | inside)[:_MOST_OF_FOLDER]

    def uri(self, path: str) -> str:
        """The URI of a file, as used by the client if it is open."""
        document = self.opened(path)
        return document.uri if document is not None else Path(path).as_uri()

    async def callers(self, document: Document, refs: Iterable[Ref]) -> Graph:
        """The graph of the modules that may reach some functions: those whose text contains the name of one."""
        refs = tuple(refs)
        own = tuple(dict.fromkeys(ref.path for ref in refs))
        return Graph(await self._modules(Question((), (), own, names_of(refs), await self._files(document))))

    async def conversion(self, document: Document, ref: Ref, goal: Goal) -> Conversion | None:
        """Convert a function to async or plain over all files; ``None`` if the process fails."""
        question = Question((), (), (), among=await self._files(document), convert=Convert(ref, goal))
        state = self._used()
        return await self._process.convert(state.folders, tuple(state.documents.values()), question)

    async def _files(self, document: Document) -> tuple[str, ...]:
        """The Python files of the workspace."""
        index = self.session.state.index(document.path)
        if not index.complete:
            await index.refresh()
        return tuple(path for each in self.session.state.indexes() for path in each.paths())[:_MOST]

    async def callees(self, ref: Ref, deepest: int) -> Graph:
        """The graph of a function's module and of those that it reaches within ``deepest`` calls."""
        known = {ref.path}
        graph = await self.graph(known)
        ends = {ref}
        for _ in range(deepest):
            functions = [function for end in ends if (function := graph.function(end)) is not None]
            ends = {target for one in functions for edge in one.edges for target in graph.reached(edge)}
            if not {end.path for end in ends} - known:
                continue
            known |= {end.path for end in ends}
            graph = await self.graph(known)
        return graph

    def place(self, ref: Ref, span: Span) -> tuple[str, types.Range] | None:
        """The URI and range of a span in a function's file; ``None`` if the file is gone."""
        document = self.opened(ref.path)
        if document is not None:
            texts = self.session.texts(document)
            text = next((text for text in texts if text.holds(span)), None)
            return (text.uri, text.range_of(span)) if text is not None else None
        source = read(Path(ref.path))
        if source is None or span.end > len(source.data):
            return None
        return Path(ref.path).as_uri(), positions.range_of(source, span, self.session.encoding)

    def opened(self, path: str) -> Document | None:
        """The open document with a file's key."""
        return next((one for one in self.session.state.documents.values() if one.file.key == path), None)

    async def _modules(self, question: Question) -> list[ModuleGraph]:
        state = self._used()
        return await self._process.ask(state.folders, tuple(state.documents.values()), question)

    def _used(self) -> Workspace:
        """The workspace that the process is told about; it is kept for a while."""
        self._asked = perf_counter()
        if self._keeping is None or self._keeping.done():
            self._keeping = self.session.start(self._keep(), "keep the graph's process")
        return self.session.state

    async def _keep(self) -> None:
        """Stop the process once it has been idle, or when the session ends."""
        try:
            while perf_counter() - self._asked < _IDLE:
                await asyncio.sleep(_IDLE)
        finally:
            await self._process.close()
