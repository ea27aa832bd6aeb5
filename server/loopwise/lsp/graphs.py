"""The call graph for one session: made of the modules that a request is about, when it asks, in short steps."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from lsprotocol import types

from loopwise.graph import Builder, Graph, ModuleGraph, Ref
from loopwise.lsp.convert import positions
from loopwise.project import Document, View
from loopwise.semantics.modules import read
from loopwise.text import Span, encode

if TYPE_CHECKING:
    from loopwise.lsp.session import Session

_STEP = 0.002  # seconds of work before others have their turn
_MOST = 400  # modules that one question is answered from
_MOST_OF_FOLDER = 5_000  # modules of a map


class Graphs:
    """Answers one session's questions about who calls whom.  Nothing is made before somebody asks."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._builder = Builder()
        self._making = asyncio.Lock()

    async def graph(self, paths: Iterable[str]) -> Graph:
        """The graph of some modules, by the keys of their files; what cannot be read is left out."""
        modules = [await self._module(path) for path in dict.fromkeys(paths)]
        return Graph(module for module in modules if module is not None)

    async def paths(self, folder: Path) -> list[str]:
        """The Python files of a workspace folder, open ones among them."""
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
        """The URI of a file, as the client has it open."""
        document = self.opened(path)
        return document.uri if document is not None else Path(path).as_uri()

    async def callers(self, document: Document, refs: Iterable[Ref]) -> Graph:
        """The graph of the modules that may reach some functions: those in which the name of one is written."""
        refs = tuple(refs)
        names = {ref.name.rpartition(".")[2] for ref in refs}
        # What runs by another name: entering and iterating, calls of objects and classes.
        names |= {ref.name.split(".")[-2] for ref in refs if ref.name.count(".") and ref.name.endswith("__")}
        paths = await self._naming(document, names)
        return await self.graph([*(ref.path for ref in refs), *paths])

    async def callees(self, ref: Ref, deepest: int) -> Graph:
        """The graph of a function's module and of those that it reaches, ``deepest`` calls away."""
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
        """The URI and range of a span of a function's file; ``None`` if that is gone."""
        document = self.opened(ref.path)
        if document is not None:
            texts = self.session.texts(document)
            text = next((text for text in texts if text.holds(span)), None)
            return (text.uri, text.range_of(span)) if text is not None else None
        source = read(Path(ref.path))
        if source is None or span.end > len(source.data):
            return None
        return Path(ref.path).as_uri(), positions.range_of(source, span, self.session.encoding)

    def view(self, path: str) -> View | None:
        """The view of a file by its key, open or not."""
        document = self.opened(path) or _document(path)
        return self.session.state.view(document) if document is not None else None

    def opened(self, path: str) -> Document | None:
        """The open document of a file's key."""
        return next((one for one in self.session.state.documents.values() if one.file.key == path), None)

    async def _module(self, path: str) -> ModuleGraph | None:
        document = self.opened(path) or await asyncio.to_thread(_document, path)
        if document is None:
            return None
        view = self.session.state.view(document)
        known = self._builder.known(view)
        if known is not None:
            return known
        async with self._making:
            end = perf_counter() + _STEP
            for _ in self._builder.steps(view):
                if perf_counter() > end:
                    await asyncio.sleep(0)
                    end = perf_counter() + _STEP
        return self._builder.made(view)

    async def _naming(self, document: Document, names: set[str]) -> list[str]:
        """The files of the workspace in whose texts one of the names is written; open ones as the editor has them."""
        index = self.session.state.index(document.path)
        if not index.complete:
            await index.refresh()
        pattern = re.compile(rb"\b(?:" + b"|".join(re.escape(encode(name)) for name in sorted(names)) + rb")\b")
        opened = {one.file.key: one for one in self.session.state.documents.values()}
        closed = [path for each in self.session.state.indexes() for path in each.paths() if path not in opened]
        found = await asyncio.to_thread(_holding, closed, pattern)
        return [*(key for key, one in opened.items() if pattern.search(one.source.data)), *found][:_MOST]


def _document(path: str) -> Document | None:
    place = Path(path)
    source = read(place) if place.is_absolute() else None
    return Document(place.as_uri(), 1, place, source) if source is not None else None


def _holding(paths: Iterable[str], pattern: re.Pattern[bytes]) -> list[str]:
    """The files whose text matches; run in a thread."""
    found = []
    for path in paths:
        source = read(Path(path))
        if source is not None and pattern.search(source.data):
            found.append(path)
    return found
