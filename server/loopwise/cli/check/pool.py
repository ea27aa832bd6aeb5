"""Checks files in several processes."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from loopwise.cli.check.checker import Checker
from loopwise.cli.check.options import CheckOptions
from loopwise.cli.check.report import FileError, FileResult
from loopwise.cli.garbage import collect_rarely
from loopwise.problem import Problem, listen, tell
from loopwise.semantics.index import ProjectNames

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext  # one of them is not there on Windows
    from multiprocessing.process import BaseProcess

_CHUNK = 24  # files that a process is given at once
_FEW = 40  # files for which a second process costs more than it saves


class Job(msgspec.Struct, frozen=True):
    """The data that every process needs: the options, and for each root the names of its coroutine functions."""

    wanted: CheckOptions
    project_names: Mapping[str, ProjectNames]


class Chunk(msgspec.Struct, frozen=True):
    """Neighbouring files of one root, which are likely to need the same modules."""

    root: str
    paths: tuple[str, ...]


def checked(job: Job, files: Mapping[str, Sequence[str]], jobs: int) -> Iterator[FileResult]:
    """Check the files of each root; yields results as they arrive."""
    chunks = [
        Chunk(root, tuple(paths[start : start + _CHUNK]))
        for root, paths in files.items()
        for start in range(0, len(paths), _CHUNK)
    ]
    count = sum(len(chunk.paths) for chunk in chunks)
    if jobs == 1 or count < _FEW:
        return _here(job, chunks)
    return _Pool(job, chunks, min(jobs, len(chunks))).run()


def _here(job: Job, chunks: Iterable[Chunk]) -> Iterator[FileResult]:
    checkers: dict[str, Checker] = {}
    for chunk in chunks:
        checker = _checker(job, checkers, chunk.root)
        for path in chunk.paths:
            yield checker.check(path)


def _checker(job: Job, checkers: dict[str, Checker], root: str) -> Checker:
    if root not in checkers:
        checkers.clear()  # each holds the modules of its root
        checkers[root] = Checker(job.wanted, Path(root), job.project_names[root])
    return checkers[root]


def work(pipe: Connection, job: Job) -> None:
    """The main function of a process: takes chunks until it receives ``None``, and sends a result for each file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one sees to it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # nothing is written here
    gc.freeze()
    collect_rarely()
    checkers: dict[str, Checker] = {}
    with suppress(EOFError, OSError), listen(pipe.send):  # that process may be gone
        while (chunk := pipe.recv()) is not None:
            checker = _checker(job, checkers, chunk.root)
            for path in chunk.paths:
                pipe.send(checker.check(path))


class _Worker:
    """A process and its pending work."""

    def __init__(self, job: Job, share: list[Chunk]) -> None:
        self.job = job
        self.share = share
        self.doing: list[str] = []
        self.root = ""
        self.process, self.pipe = self._started()

    def _started(self) -> tuple[BaseProcess, Connection]:
        context = _context()
        ours, theirs = context.Pipe()
        process = context.Process(target=work, args=(theirs, self.job), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def give(self, chunk: Chunk) -> None:
        """Send it a chunk of files to check."""
        self.root, self.doing = chunk.root, list(chunk.paths)
        with suppress(OSError):  # it has died: that shows when its answer is read
            self.pipe.send(chunk)

    def take(self) -> FileResult:
        """Receive a file's result; a process that died is restarted, and continues after the file that killed it."""
        try:
            answer = self._received()
            self.doing.remove(answer.path)
        except (EOFError, OSError):
            answer = self._restarted()
        return answer

    def _received(self) -> FileResult:
        """Receive the next file's result; problems that the process noticed on the way are reported here."""
        while isinstance(answer := self.pipe.recv(), Problem):
            tell(answer)
        result: FileResult = answer
        return result

    def _restarted(self) -> FileResult:
        self.process.join()
        self.pipe.close()
        path, *rest = self.doing
        told = f"the check crashed (exit code {self.process.exitcode}): please report this as a bug in Loopwise"
        self.doing = []
        self.process, self.pipe = self._started()
        if rest:
            self.give(Chunk(self.root, tuple(rest)))
        return FileResult(path, error=FileError(told))

    def stop(self) -> None:
        """Kill it, whatever it is doing."""
        self.process.terminate()
        self.process.join()
        self.pipe.close()


class _Pool:
    """Assigns each process a contiguous share of the chunks; a process that is done takes from the largest share."""

    def __init__(self, job: Job, chunks: Sequence[Chunk], jobs: int) -> None:
        size = -(-len(chunks) // jobs)
        self.workers = [_Worker(job, list(chunks[at : at + size])) for at in range(0, len(chunks), size)]

    def run(self) -> Iterator[FileResult]:
        """Yield results as they arrive; the processes end afterwards."""
        from multiprocessing.connection import wait

        try:
            for worker in self.workers:
                self._next(worker)
            while busy := {worker.pipe: worker for worker in self.workers if worker.doing}:
                for pipe in wait(list(busy)):
                    worker = busy[pipe]  # type: ignore[index]
                    yield worker.take()
                    if not worker.doing:
                        self._next(worker)
        finally:
            for worker in self.workers:
                worker.stop()

    def _next(self, worker: _Worker) -> None:
        if worker.share:
            worker.give(worker.share.pop(0))
            return
        fullest = max(self.workers, key=lambda other: len(other.share))
        if fullest.share:
            worker.give(fullest.share.pop())


def _context() -> ForkContext | SpawnContext:
    """Forking saves start-up time, but is only safe on Linux, and without other threads."""
    import multiprocessing  # Costs 20 ms, which few files need not pay.

    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
