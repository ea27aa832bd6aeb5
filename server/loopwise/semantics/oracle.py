"""Runs jedi in a separate process, for names that local flow cannot resolve: mainly those of other libraries.

jedi can be slow, can hang and is not thread-safe; so it is asked over a pipe, with a deadline, and restarted when it
dies.  :func:`serve` is what runs in that process: one JSON object per line in, one out. This module alone imports jedi,
and only in that process.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import sys
from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from loopwise import disk, own_path

_log = logging.getLogger(__name__)
_MOST_KEPT = 2_000  # answers: those of a long session in a few files
_MOST_STARTS = 5  # in a session: a process that dies more often has a cause that another start does not remove
_MOST_MEMORY = 112 * disk.MIB
"""Limit for the memory of the process, after which it exits and is started again: jedi forgets no module's tree.

It starts with 34 MiB, and has 110 after 60 questions about django and twisted.
"""
_GROWN = 75  # exit code of a process that has reached the limit
_STUCK_AFTER = 15.0  # seconds without an answer, after which the process is taken for hung
_LONGEST_LINE = 64 * 1024 * 1024  # bytes of one question or answer: a text of the largest size that is opened, escaped
_START = own_path.serving("loopwise.semantics.oracle")


class Question(msgspec.Struct, frozen=True):
    """Asks for the meaning of the name at ``line`` (from 1) and ``column`` (code points, from 0) of ``text``."""

    text: str
    path: str | None
    line: int
    column: int
    project: str
    sys_path: tuple[str, ...] = ()  # site-packages of the workspace's environment


class Answer(msgspec.Struct, frozen=True):
    """One possible meaning of the name: jedi's type (``instance``, ``function`` …) and full name."""

    type: str
    name: str


class Oracle:
    """Asks the jedi process; belongs to one event loop."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-c", _START)) -> None:
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._pending: dict[int, tuple[Question, asyncio.Future[tuple[Answer, ...]], float]] = {}
        self._kept: OrderedDict[bytes, tuple[Answer, ...]] = OrderedDict()
        """By digest: a question holds a whole text."""
        self._asking: dict[Question, asyncio.Task[tuple[Answer, ...]]] = {}
        self._starting = asyncio.Lock()
        self._starts = 0
        self._last = 0

    async def ask(self, question: Question, deadline: float) -> tuple[Answer, ...] | None:
        """jedi's answers; ``None`` if none come within ``deadline`` seconds. Late ones serve the next request."""
        kept = self._kept.get(_digest(question))
        if kept is not None:
            return kept
        asking = self._asking.get(question)
        if asking is None:
            asking = self._asking[question] = asyncio.create_task(self._answered(question), name="ask jedi")
            asking.add_done_callback(lambda _: self._asking.pop(question, None))
        # Not cancelled when the time is up: a late answer serves the next request.
        await asyncio.wait({asking}, timeout=deadline)
        if not asking.done() or asking.cancelled():
            return None
        error = asking.exception()
        if error is not None:
            _log.warning("jedi cannot be asked: %s", error)
            return None
        return asking.result()

    async def _answered(self, question: Question) -> tuple[Answer, ...]:
        process = await self._running()
        if process is None or process.stdin is None:
            return ()
        self._last += 1
        loop = asyncio.get_running_loop()
        future: asyncio.Future[tuple[Answer, ...]] = loop.create_future()
        self._pending[self._last] = (question, future, loop.time())
        process.stdin.write(json.dumps({"id": self._last, **msgspec.to_builtins(question)}).encode() + b"\n")
        with contextlib.suppress(ConnectionError):  # one that died is seen by who reads its answers
            await process.stdin.drain()
        return await future

    async def _running(self) -> asyncio.subprocess.Process | None:
        """The process, started if necessary; ``None`` once it has died too often."""
        async with self._starting:
            now = asyncio.get_running_loop().time()
            if any(now - since > _STUCK_AFTER for _, _, since in self._pending.values()):
                _log.warning("jedi has not answered for %s s: starting it again", _STUCK_AFTER)
                await self._end_process()
            if self._process is None and self._starts < _MOST_STARTS:
                self._starts += 1
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.DEVNULL,
                    limit=_LONGEST_LINE,
                )
                self._reader = asyncio.create_task(self._read(self._process), name="jedi's answers")
            return self._process

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            reply = json.loads(line)
            question, future, _ = self._pending.pop(reply["id"], (None, None, 0.0))
            if question is None or future is None:
                continue
            answers = tuple(Answer(*pair) for pair in reply["names"])
            self._kept[_digest(question)] = answers
            if len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
            if not future.done():
                future.set_result(answers)
        if self._process is process:
            self._process = None
            self._forget()
            if await process.wait() == _GROWN:
                self._starts -= 1

    def _forget(self) -> None:
        for _, future, _ in self._pending.values():
            if not future.done():
                future.set_result(())
        self._pending.clear()

    async def close(self) -> None:
        """Stop the process; pending questions get no answer."""
        await self._end_process()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        self._forget()
        if process is not None:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _digest(question: Question) -> bytes:
    return blake2b(msgspec.msgpack.encode(question), digest_size=16).digest()


def site_packages(folder: Path) -> tuple[str, ...]:
    """The site-packages folders of the virtual environment in a workspace folder."""
    found = (path for name in (".venv", "venv", "env") for path in folder.glob(f"{name}/lib/python3*/site-packages"))
    windows = (folder / name / "Lib" / "site-packages" for name in (".venv", "venv", "env"))
    return tuple(str(path) for path in (*found, *windows) if path.is_dir())


def serve() -> None:
    """Answer questions from standard input until it is closed."""
    import jedi  # type: ignore[import-untyped]  # it has no type information
    from parso.file_io import FileIO

    # jedi reads what a module of the workspace is a link to: of /dev/zero until there is no memory left.
    setattr(FileIO, "read", lambda file: disk.read(file.path, disk.MODULE))  # noqa: B010 - a method has no setter
    # The workspace's modules are read, never imported: no interpreter of its environment is started.
    environment = jedi.InterpreterEnvironment()
    for line in sys.stdin:
        question = json.loads(line)
        try:
            names = _infer(jedi, environment, question)
        except Exception:  # noqa: BLE001 - the adapter to jedi: whatever it raises means no answer
            names = []
        sys.stdout.write(json.dumps({"id": question["id"], "names": names}) + "\n")
        sys.stdout.flush()
        if _resident() > _MOST_MEMORY:
            sys.exit(_GROWN)


def _resident() -> int:
    """Resident memory of this process in bytes; 0 if the system does not tell."""
    try:
        return int(disk.read("/proc/self/statm", disk.SETTINGS).split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError):
        return 0


def _infer(jedi: Any, environment: Any, question: dict[str, Any]) -> list[tuple[str, str]]:
    project = jedi.Project(
        question["project"], sys_path=[*question["sys_path"], *sys.path], load_unsafe_extensions=False
    )
    script = jedi.Script(question["text"], path=question["path"], project=project, environment=environment)
    names = script.infer(question["line"], question["column"])
    return [(name.type, name.full_name or "") for name in names]
