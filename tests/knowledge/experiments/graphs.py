"""The call graph of tasks."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from claims import claim

aio: Any = asyncio


async def _done() -> Any:
    async def job() -> None: ...

    task = asyncio.create_task(job())
    await task
    return task


@claim(
    "asyncio.format_call_graph",
    "Before 3.14.8, it raises AttributeError for a task that has finished",
    {"3.14-3.14.7": "raises AttributeError", "3.14.8-3.14": "a task", "3.15.1+": "a task"},
)
async def the_graph_of_a_finished_task():
    return "a task" if "Task" in aio.format_call_graph(await _done()) else "nothing"


@claim(
    "asyncio.FrameCallGraphEntry.frame",
    "this is the case for a task that has already finished; later, such a task has no frames",
    {"3.14-3.14.7": [None], "3.14.8-3.14": [], "3.15.1+": []},
)
async def the_frame_of_a_finished_task():
    return [entry.frame for entry in aio.capture_call_graph(await _done()).call_stack]


@claim(
    "asyncio.capture_call_graph",
    "Another task's frames end where it waits inside an async generator",
    {"3.14+": ["user"]},
)
async def the_graph_through_an_async_generator():
    async def items() -> Any:
        await asyncio.sleep(0.02)
        yield 1

    async def user() -> None:
        async for _ in items():
            pass

    task = asyncio.create_task(user())
    await asyncio.sleep(0)
    graph = aio.capture_call_graph(task)
    await task
    return [entry.frame.f_code.co_name for entry in graph.call_stack if entry.frame]


@claim("asyncio.print_call_graph", "A positive limit keeps the outermost frames", {"3.14+": (["outer"], ["inner"])})
async def which_frames_a_limit_keeps():
    found: list[list[str]] = []

    async def inner() -> None:
        for limit in (1, -1):
            graph = aio.capture_call_graph(limit=limit)
            found.append([entry.frame.f_code.co_name for entry in graph.call_stack])

    async def outer() -> None:
        await inner()

    await asyncio.create_task(outer())
    return tuple(found)


@claim("asyncio.print_call_graph", "`depth=2` omits the frame of `print_call_graph()` itself", {"3.14+": [True, False]})
async def the_frame_of_the_call_itself():
    found: list[bool] = []

    async def inner() -> None:
        for depth in (1, 2):
            printed = io.StringIO()
            aio.print_call_graph(file=printed, depth=depth)
            found.append("print_call_graph" in printed.getvalue())

    await asyncio.create_task(inner())
    return found
