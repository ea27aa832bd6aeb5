"""Builds the call graph in a separate process, so that the event loop never waits for it.

The process starts with the first question, and exits after being idle for a while or when its input is closed.
:func:`serve` is what runs in it: frames of questions in, frames of answers out.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from loopwise import disk, own_path
from loopwise.assists.conversion import Conversion, Goal, conversion
from loopwise.graph import Builder, Graph, ModuleGraph, Ref
from loopwise.project import Document, View, Workspace
from loopwise.semantics.modules import read
from loopwise.text import Source, encode

_log = logging.getLogger(__name__)
_PATIENCE = 120.0  # seconds for one answer, after which the process is taken for hung
_NICE = 5  # of the process's priority, where there is such a thing
_START = own_path.serving("loopwise.lsp.graph_process")


class Opened(msgspec.Struct, frozen=True):
    """An open document; ``text`` is ``None`` if the process already has this version."""

    uri: str
    path: str | None
    version: int
    cells: tuple[int, ...]
    text: bytes | None


class Convert(msgspec.Struct, frozen=True):
    """A function that is to be made async or plain."""

    ref: Ref
    goal: Goal


class Question(msgspec.Struct, frozen=True):
    """Asks for the files with keys in ``wanted``, and for those in ``among`` whose text contains one of ``names``.

    With ``convert`` the answer is a conversion over the files of ``among``.
    """

    folders: tuple[str, ...]
    opened: tuple[Opened, ...]
    wanted: tuple[str, ...]
    names: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    convert: Convert | None = None


class Answer(msgspec.Struct, frozen=True):
    """The graphs, and the keys of those that are unchanged since they were last sent."""

    graphs: tuple[ModuleGraph, ...] = ()
    same: tuple[str, ...] = ()
    conversion: Conversion | None = None


class GraphProcess:
    """Asks the process; belongs to one event loop, one question at a time."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-c", _START)) -> None:
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._asking = asyncio.Lock()
        self._sent: dict[str, Document] = {}
        self._known: dict[str, ModuleGraph] = {}

    async def ask(
        self, folders: Sequence[Path], documents: Sequence[Document], question: Question
    ) -> list[ModuleGraph]:
        """The graphs that a question asks for; none if the process fails, which is logged."""
        answer = await self._asked(folders, documents, question)
        return [*answer.graphs, *(self._known[key] for key in answer.same)]

    async def convert(
        self, folders: Sequence[Path], documents: Sequence[Document], question: Question
    ) -> Conversion | None:
        """The conversion that a question asks for; ``None`` if the process fails, which is logged."""
        return (await self._asked(folders, documents, question)).conversion

    async def _asked(self, folders: Sequence[Path], documents: Sequence[Document], question: Question) -> Answer:
        async with self._asking:
            try:
                answer = await asyncio.wait_for(self._answer(folders, documents, question), _PATIENCE)
            except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError, msgspec.DecodeError) as error:
                _log.warning("the call graph cannot be made: %s", str(error) or type(error).__name__)
                await self.close()
                return Answer()
            except asyncio.CancelledError:
                await self.close()  # half an answer is in the pipe
                raise
            self._known.update((graph.path, graph) for graph in answer.graphs)
        return answer

    async def close(self) -> None:
        """Stop the process; the next question starts another one."""
        process, self._process = self._process, None
        self._sent.clear()
        self._known.clear()
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _answer(self, folders: Sequence[Path], documents: Sequence[Document], question: Question) -> Answer:
        pipe = asyncio.subprocess.PIPE
        if self._process is None:
            null = asyncio.subprocess.DEVNULL
            self._process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=null)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        told = msgspec.structs.replace(
            question, folders=tuple(map(str, folders)), opened=tuple(self._opened(one) for one in documents)
        )
        data = msgspec.msgpack.encode(told)
        stdin.write(len(data).to_bytes(4, "little") + data)
        await stdin.drain()
        self._sent = {one.uri: one for one in documents}
        size = int.from_bytes(await stdout.readexactly(4), "little")
        return msgspec.msgpack.decode(await stdout.readexactly(size), type=Answer)

    def _opened(self, document: Document) -> Opened:
        is_known = self._sent.get(document.uri) is document
        path = str(document.path) if document.path is not None else None
        text = None if is_known else document.source.data
        return Opened(document.uri, path, document.version, document.cells, text)


def serve() -> None:
    """Answer questions on standard input until it is closed."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    worker: Worker | None = None
    while (question := _read(sys.stdin.buffer)) is not None:
        worker = worker if worker is not None and worker.folders == question.folders else Worker(question.folders)
        data = msgspec.msgpack.encode(worker.answer(question))
        sys.stdout.buffer.write(len(data).to_bytes(4, "little") + data)
        sys.stdout.buffer.flush()


def _read(stream: BinaryIO) -> Question | None:
    size = stream.read(4)
    if len(size) < 4:
        return None
    return msgspec.msgpack.decode(stream.read(int.from_bytes(size, "little")), type=Question)


class Worker:
    """A workspace with the editor's texts, and the graphs built so far."""

    def __init__(self, folders: tuple[str, ...]) -> None:
        self.folders = folders
        self._workspace = Workspace(map(Path, folders))
        self._builder = Builder()
        self._sent: dict[str, ModuleGraph] = {}

    def answer(self, question: Question) -> Answer:
        """The graphs of the wanted files; files that cannot be read are left out."""
        self._open(question.opened)
        if question.convert is not None:
            return Answer(conversion=self._converted(question.convert, question))
        made = [self._graph(key) for key in dict.fromkeys((*question.wanted, *self._naming(question)))]
        graphs = [graph for graph in made if graph is not None]
        same = [graph.path for graph in graphs if self._sent.get(graph.path) is graph]
        fresh = tuple(graph for graph in graphs if self._sent.get(graph.path) is not graph)
        self._sent.update((graph.path, graph) for graph in fresh)
        return Answer(fresh, tuple(same))

    def _converted(self, asked: Convert, question: Question) -> Conversion:
        def graph_of(refs: Iterable[Ref]) -> Graph:
            refs = tuple(refs)
            naming = self._naming(msgspec.structs.replace(question, names=names_of(refs)))
            made = (self._graph(key) for key in dict.fromkeys((*(ref.path for ref in refs), *naming)))
            return Graph(graph for graph in made if graph is not None)

        return conversion(asked.ref, asked.goal, graph_of, self._view)

    def _open(self, opened: Sequence[Opened]) -> None:
        documents = self._workspace.documents
        for uri in [uri for uri in documents if uri not in {one.uri for one in opened}]:
            self._workspace.close(uri)
        for one in opened:
            if one.text is not None:
                path = Path(one.path) if one.path is not None else None
                document = Document(one.uri, one.version, path, Source.of(one.text), cells=one.cells)
                self._workspace.open(document)
        self._workspace.refresh()

    def _naming(self, question: Question) -> list[str]:
        if not question.names:
            return []
        pattern = re.compile(rb"\b(?:" + b"|".join(re.escape(encode(name)) for name in question.names) + rb")\b")
        opened = {one.file.key: one.source for one in self._workspace.documents.values()}
        found = [key for key, source in opened.items() if pattern.search(source.data)]
        for path in question.among:
            with contextlib.suppress(OSError):
                if path not in opened and pattern.search(disk.read(path, disk.SOURCE)):
                    found.append(path)
        return found

    def _graph(self, key: str) -> ModuleGraph | None:
        view = self._view(key)
        return self._builder.graph(view) if view is not None else None

    def _view(self, key: str) -> View | None:
        opened = self._workspace.documents.values()
        document = next((one for one in opened if one.file.key == key), None) or document_at(key)
        return self._workspace.view(document) if document is not None else None


def names_of(refs: Iterable[Ref]) -> tuple[str, ...]:
    """The names of which a module must contain one if it reaches some functions."""
    found = {ref.name.rpartition(".")[2] for ref in refs}
    # What runs by another name: entering and iterating, calls of objects and classes.
    found |= {ref.name.split(".")[-2] for ref in refs if ref.name.count(".") and ref.name.endswith("__")}
    return tuple(sorted(found))


def document_at(key: str) -> Document | None:
    """The file with a key as a document; ``None`` if it cannot be read."""
    place = Path(key)
    source = read(place) if place.is_absolute() else None
    return Document(place.as_uri(), 1, place, source) if source is not None else None
