"""run(), Runner, Ctrl+C, the loop's callbacks, threads."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from claims import claim, ended, logged

aio: Any = asyncio


@claim("asyncio.run", "The error is a ValueError", {"-3.13": "raises ValueError", "3.14+": "raises TypeError"})
def running_a_function_without_its_call():
    async def main() -> None: ...

    asyncio.run(main)


@claim("asyncio.run", "A task that is still running when the main coroutine returns is cancelled", ["cancelled"])
def what_happens_to_background_tasks():
    seen = []

    async def background() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise

    async def main() -> Any:
        task = asyncio.create_task(background())
        await asyncio.sleep(0)
        return task

    asyncio.run(main())
    return seen


@claim(
    "asyncio.Runner.run", "`run()` raises KeyboardInterrupt", {"3.11+": ["cleaned up", "KeyboardInterrupt"]}, "signals"
)
def pressing_ctrl_c():
    seen = []

    async def main() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(1)
        finally:
            seen.append("cleaned up")

    try:
        asyncio.run(main())
    except KeyboardInterrupt as error:
        return [*seen, ended(error)]


@claim(
    "asyncio.Runner.run",
    "If its clean-up raises another error, `run()` raises that error instead",
    {"3.11+": "raises ValueError"},
    "signals",
)
def ctrl_c_and_a_clean_up_that_fails():
    async def main() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(1)
        finally:
            raise ValueError

    asyncio.run(main())


@claim("asyncio.Runner.run", "If the main coroutine swallows it and returns", {"3.11+": "swallowed"}, "signals")
def swallowing_ctrl_c():
    async def main() -> str:
        try:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(1)
        except asyncio.CancelledError:
            return "swallowed"

    return asyncio.run(main())


@claim(
    "asyncio.Runner.run",
    "The second Ctrl+C raises KeyboardInterrupt immediately",
    {"3.11+": "raises KeyboardInterrupt"},
    "signals",
)
def pressing_ctrl_c_twice():
    async def main() -> str:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return "not interrupted"

    return asyncio.run(main())


@claim(
    "asyncio.get_event_loop",
    "after a plain `asyncio.run()`, every version raises RuntimeError",
    "raises RuntimeError",
    "loop",
)
def the_loop_after_a_run():
    asyncio.run(asyncio.sleep(0))
    asyncio.get_event_loop()


@claim("asyncio.loop.call_later", "Callbacks due at exactly the same time run in no fixed order", False)
async def callbacks_at_the_same_time():
    loop, order = asyncio.get_running_loop(), []
    when = loop.time() + 0.01
    for n in range(5):
        loop.call_at(when, order.append, n)
    await asyncio.sleep(0.05)
    return order == sorted(order)


@claim("asyncio.loop.call_soon", "A coroutine function passed here is called but never awaited", [])
async def calling_a_coroutine_function_soon():
    ran = []

    async def job() -> None:
        ran.append(1)

    asyncio.get_running_loop().call_soon(job)
    await asyncio.sleep(0.01)
    return ran


@claim(
    "asyncio.loop.call_soon_threadsafe",
    "On a closed loop it raises RuntimeError",
    "raises RuntimeError",
    "loop",
)
def calling_a_closed_loop():
    loop = asyncio.new_event_loop()
    loop.close()
    loop.call_soon_threadsafe(print)


@claim("asyncio.loop.remove_signal_handler", "The system's default action is restored", True, "signals")
async def a_handler_that_was_there_before():
    signal.signal(signal.SIGUSR1, lambda *_: None)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, print)
    loop.remove_signal_handler(signal.SIGUSR1)
    return signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL


@claim(
    "asyncio.loop.add_signal_handler",
    "SIGKILL and SIGSTOP cannot be caught and are a RuntimeError",
    ["RuntimeError", "ValueError", "TypeError"],
    "signals",
)
async def signals_that_cannot_be_handled():
    async def job() -> None: ...

    found = []
    for number, handler in ((signal.SIGKILL, print), (9999, print), (signal.SIGUSR1, job)):
        try:
            asyncio.get_running_loop().add_signal_handler(number, handler)
        except (RuntimeError, ValueError, TypeError) as error:
            found.append(ended(error))
    return found


@claim("asyncio.loop.run_in_executor", "Context variables are not passed on", ("none", "set"), "threads")
async def context_variables_in_threads():
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("set")
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, variable.get), await asyncio.to_thread(variable.get)


@claim("asyncio.to_thread", "If `func` is a coroutine function, nothing runs", "coroutine", "threads")
async def a_coroutine_function_in_a_thread():
    async def job() -> None: ...

    found = await asyncio.to_thread(job)
    found.close()
    return type(found).__name__


@claim(
    "asyncio.to_thread",
    "Only the CPUs that the process may use are counted",
    {"-3.12": "cpu_count", "3.13+": "process_cpu_count"},
    "threads",
)
def how_many_threads_there_are():
    counts: Any = os
    limited = len(os.sched_getaffinity(0))
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        workers = ThreadPoolExecutor()._max_workers
    finally:
        os.sched_setaffinity(0, before)
    all_of_them = min(32, (counts.cpu_count() or 1) + 4)
    return "process_cpu_count" if workers == 5 and (limited == 1 or workers != all_of_them) else "cpu_count"


@claim("asyncio.to_thread", "the function runs to its end", "done", "threads")
async def cancelling_a_thread():
    done = []

    def job() -> None:
        time.sleep(0.05)
        done.append("done")

    try:
        await asyncio.wait_for(asyncio.to_thread(job), 0.01)
    except asyncio.TimeoutError:
        await asyncio.sleep(0.1)
    return done[0]


@claim(
    "asyncio.run_coroutine_threadsafe",
    "The coroutine's exception stays in the future and is lost if the result is never read",
    [],
    "threads",
)
async def a_failure_that_no_thread_asks_for():
    async def job() -> None:
        raise ValueError

    with logged() as lines:
        future = asyncio.run_coroutine_threadsafe(job(), asyncio.get_running_loop())
        await asyncio.sleep(0.02)
        del future
        gc.collect()
    return lines


@claim(
    "asyncio.run_coroutine_threadsafe",
    "`.cancel()` on the future cancels the task in the loop",
    ["cancelled"],
    "threads",
)
async def cancelling_from_a_thread():
    found: list[str] = []

    async def job() -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            found.append("cancelled")
            raise

    future = asyncio.run_coroutine_threadsafe(job(), asyncio.get_running_loop())
    await asyncio.sleep(0.02)
    await asyncio.to_thread(future.cancel)
    await asyncio.sleep(0.02)
    return found
