"""Reads libraries in a separate process, so that the event loop never waits for it.

One process is started for each batch and exits with it: what is already known comes from the store in milliseconds.
:func:`serve` is what runs in that process: one JSON object in, frames of summaries out.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from loopwise import own_path
from loopwise.semantics.libraries.libraries import Batch
from loopwise.semantics.libraries.packages import Package
from loopwise.semantics.libraries.reader import Reader
from loopwise.semantics.libraries.summary import Summary

if TYPE_CHECKING:
    import asyncio

_log = logging.getLogger(__name__)
_FRAME = 40  # summaries in a frame
_STUCK_AFTER = 60.0  # seconds without a frame, after which the process is taken for hung
_NICE = 10  # of the process's priority, where there is such a thing
_START = own_path.serving("loopwise.semantics.libraries.background")


class Question(msgspec.Struct, frozen=True):
    """A request to read a batch in an environment."""

    home: str | None
    batch: Batch


class Answer(msgspec.Struct, frozen=True):
    """A part of the results."""

    packages: tuple[Package, ...] = ()
    summaries: tuple[tuple[str, Summary | None], ...] = ()


class Background:
    """Starts the processes; belongs to one event loop."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-c", _START)) -> None:
        self._command = tuple(command)

    async def read(self, home: Path | None, batch: Batch) -> AsyncIterator[Answer]:
        """Yield the requested parts that the environment has; one that is missing or unreadable is not yielded."""
        import asyncio  # Costs 20 ms, which a run of `loopwise check` need not pay.

        process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        ends = False
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(msgspec.json.encode(Question(str(home) if home is not None else None, batch)))
            process.stdin.close()
            while (frame := await asyncio.wait_for(_frame(process.stdout), _STUCK_AFTER)) is not None:
                yield frame
            ends = True
        except (OSError, asyncio.TimeoutError, msgspec.DecodeError) as error:
            _log.warning("libraries of %s cannot be read: %s", home, str(error) or type(error).__name__)
        finally:
            if not ends:  # of one that is just ending `kill` takes the exit status, which asyncio then misses and warns
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()


async def _frame(stream: asyncio.StreamReader) -> Answer | None:
    import asyncio

    try:
        size = int.from_bytes(await stream.readexactly(4), "little")
        return msgspec.msgpack.decode(await stream.readexactly(size), type=Answer)
    except asyncio.IncompleteReadError:
        return None


def serve() -> None:
    """Answer the question on standard input."""
    if hasattr(os, "nice"):
        os.nice(_NICE)
    question = msgspec.json.decode(sys.stdin.buffer.read(), type=Question)
    reader = Reader(Path(question.home) if question.home is not None else None)
    try:
        for answer in answers(reader, question.batch):
            _write(sys.stdout.buffer, answer)
    except BrokenPipeError:  # the one who asked is gone
        os._exit(1)
    reader.close()


def answers(reader: Reader, batch: Batch) -> Iterator[Answer]:
    """A batch's packages, then its modules with those they need."""
    for name in batch.packages:  # one at a time: hundreds may take a minute, after which a process is taken for hung
        yield Answer(packages=(reader.package(name),))
    part: list[tuple[str, Summary | None]] = []
    for one in reader.ahead(batch.modules):
        part.append(one)
        if len(part) == _FRAME:
            yield Answer(summaries=tuple(part))
            part = []
    yield Answer(tuple(reader.known()), tuple(part))


def _write(stream: BinaryIO, answer: Answer) -> None:
    data = msgspec.msgpack.encode(answer)
    stream.write(len(data).to_bytes(4, "little") + data)
    stream.flush()
