"""Stacks, handles, graphs and prompts: looking at tasks and loops."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import io
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from claims import claim, ended

aio: Any = asyncio
NAMES = ("Lock", "Event", "Condition", "Semaphore", "BoundedSemaphore", "Queue", "LifoQueue", "PriorityQueue")


@claim(
    "asyncio.Task.print_stack",
    "the heading goes to stdout and the frames go to stderr",
    ("Stack for", True, "No stack for", ""),
)
async def where_a_stack_is_printed():
    task = asyncio.ensure_future(asyncio.sleep(5))
    await asyncio.sleep(0)
    found: list[Any] = []
    for _ in range(2):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            task.print_stack()
        found += [out.getvalue().partition(" <")[0], err.getvalue()]
        task.cancel()
        await asyncio.wait([task])
    heading, frames, without, nothing = found
    return heading, "File" in frames, without, nothing


@claim(
    "asyncio.Task.get_stack",
    "for one that returned or was cancelled, an empty list",
    ([False, True, False], 1),
)
async def the_stacks_of_tasks_that_ended():
    async def fails() -> None:
        raise ValueError

    async def waits() -> None:
        await asyncio.sleep(5)

    tasks = [asyncio.ensure_future(coro) for coro in (asyncio.sleep(0), fails(), waits())]
    await asyncio.sleep(0.01)
    suspended = len(tasks[2].get_stack())
    tasks[2].cancel()
    await asyncio.wait(tasks)
    return [bool(task.get_stack()) for task in tasks], suspended


@claim("asyncio.Handle.cancelled", "a `cancel()` after the run also makes it True", (False, True))
async def cancelling_a_callback_that_has_run():
    handle = asyncio.get_running_loop().call_soon(int)
    await asyncio.sleep(0)
    before = handle.cancelled()
    handle.cancel()
    return before, handle.cancelled()


@claim(
    "asyncio.future_add_to_awaited_by",
    "For any other object, the call silently does nothing",
    {"3.14+": None},
)
async def a_future_that_is_not_of_asyncio():
    return aio.future_add_to_awaited_by(concurrent.futures.Future(), asyncio.current_task())


@claim("asyncio.Runner.get_loop", "Raises: RuntimeError", {"3.11+": "raises RuntimeError"})
def the_loop_of_a_closed_runner():
    with aio.Runner() as runner:
        pass
    runner.get_loop()


@claim(
    "asyncio.Task.uncancel",
    "after the ExceptionGroup, its next `await` raises CancelledError",
    {"3.11-3.12": ["ExceptionGroup(ValueError)", "went on"], "3.13+": ["ExceptionGroup(ValueError)", "CancelledError"]},
)
async def a_group_after_a_swallowed_cancellation():
    seen: list[str] = []

    async def fails() -> None:
        raise ValueError

    async def stubborn() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(5)
        try:
            async with aio.TaskGroup() as tg:
                tg.create_task(fails())
        except Exception as error:
            seen.append(ended(error))
        try:
            await asyncio.sleep(0.01)
            seen.append("went on")
        except asyncio.CancelledError as error:
            seen.append(ended(error))

    task = asyncio.ensure_future(stubborn())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    return seen


@claim("asyncio.as_completed", "A generator of tasks is accepted", {"-3.11": "raises TypeError", "3.12+": [None]})
async def a_generator_of_tasks():
    tasks = [asyncio.ensure_future(asyncio.sleep(0))]
    return [await one for one in asyncio.as_completed(task for task in tasks)]


@claim("asyncio.Task", "otherwise it is a RuntimeError", "raises RuntimeError", "loop")
def a_task_after_a_run():
    asyncio.run(asyncio.sleep(0))
    coro: Any = asyncio.sleep(0)
    try:
        asyncio.Task(coro)
    finally:
        coro.close()


@claim(
    "…() got an unexpected keyword argument 'loop'",
    "As of 3.10, the *loop* parameter was removed from Lock()",
    ["TypeError"] * len(NAMES),
)
async def a_loop_for_a_lock_or_queue():
    found = []
    for name in NAMES:
        try:
            getattr(aio, name)(loop=asyncio.get_running_loop())
        except TypeError as error:
            found.append(ended(error))
    return found


@claim(
    "python -m asyncio",
    "runs the file that `PYTHONSTARTUP` names",
    {"-3.12": False, "3.13": True},
    "processes",
)
def a_file_that_the_prompt_starts_with():
    with tempfile.TemporaryDirectory() as folder:
        started = Path(folder, "started.py")
        started.write_text("print('started')\n", encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "asyncio"],
            input="1\n",
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONSTARTUP": str(started)},
        )
    return "started" in run.stdout
