"""The detection of long steps of the event loop, which costs time only in debug mode."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from loopwise.lsp.transport.steps import run
from loopwise.syntax import parse
from loopwise.text import Source

TEXT = Source.of("async def f(x):\n    await x.y()\n" * 5_000)


def work(seconds: float) -> None:
    """Use processor time, most of it in a function of ours."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        parse(TEXT)


async def main() -> None:
    async def slow() -> None:
        await asyncio.sleep(0)
        work(0.2)

    await asyncio.create_task(slow(), name="slow task")
    asyncio.get_running_loop().call_soon(work, 0.1)
    await asyncio.sleep(0.001)
    await asyncio.to_thread(work, 0.1)  # what other threads take is not the loop's
    threading.Event().wait(0.1)  # nor is what it waits


def test_a_long_step_is_logged_with_where_it_was(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "loopwise.lsp.transport.steps"):
        run(main())
    said = [record.getMessage() for record in caplog.records if record.name.endswith("steps")]
    assert [one.partition(" in ")[2].partition(":")[0] for one in said] == ["'slow task'", "work"]
    assert "syntax/parsing.py" in said[0]


def test_it_costs_nothing_without_debug_messages(caplog: pytest.LogCaptureFixture) -> None:
    async def plain() -> None:
        kinds.append(type(asyncio.get_running_loop()))
        names.extend(thread.name for thread in threading.enumerate())

    kinds: list[type[object]] = []
    names: list[str] = []
    with caplog.at_level(logging.INFO, "loopwise.lsp.transport.steps"):
        run(plain())
    assert [kind.__module__.partition(".")[0] for kind in kinds] == ["asyncio"]
    assert "watch steps" not in names
