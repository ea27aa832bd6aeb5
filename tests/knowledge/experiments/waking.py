"""Callbacks, queues, barriers and tasks that wait: who goes on, and when."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import tempfile
import threading
from typing import Any

from claims import claim, ended, logged, settled, warned

aio: Any = asyncio


@claim("asyncio.loop.call_soon", "debug mode raises TypeError", "raises TypeError")
async def a_coroutine_function_soon_in_debug_mode():
    async def job() -> None: ...

    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.call_soon(job)


@claim("asyncio.loop.call_soon", "Callbacks run in the order in which they were registered", [0, 1, 2, 3, 4])
async def callbacks_in_a_row():
    seen: list[int] = []
    for n in range(5):
        asyncio.get_running_loop().call_soon(seen.append, n)
    await asyncio.sleep(0)
    return seen


@claim("asyncio.loop.sock_recv_into", "only debug mode checks it", "raises ValueError", "sockets")
async def a_blocking_socket_in_debug_mode():
    ours, theirs = socket.socketpair()
    asyncio.get_running_loop().set_debug(True)
    with ours, theirs:
        await asyncio.get_running_loop().sock_recv_into(ours, bytearray(1))


@claim(
    "asyncio.get_running_loop", "In a thread of `to_thread()`, it raises RuntimeError", "raises RuntimeError", "threads"
)
async def the_running_loop_in_a_thread():
    await asyncio.to_thread(asyncio.get_running_loop)


@claim("asyncio.Queue.put", "it never waits and does not even let other tasks run", [])
async def putting_into_a_queue_without_a_limit():
    seen: list[int] = []
    asyncio.get_running_loop().call_soon(seen.append, 1)
    queue: asyncio.Queue[int] = asyncio.Queue()
    for n in range(10):
        await queue.put(n)
    return list(seen)


@claim("asyncio.Queue.put", "also for calls that are already waiting", {"3.13+": ["QueueShutDown", "QueueShutDown"]})
async def putting_into_a_queue_that_is_shut_down():
    queue: Any = asyncio.Queue(maxsize=1)
    await queue.put(0)
    waiting = asyncio.ensure_future(queue.put(1))
    await asyncio.sleep(0)
    queue.shutdown()
    found = await asyncio.gather(waiting, queue.put(2), return_exceptions=True)
    return [ended(one) for one in found]


@claim(
    "asyncio.Barrier.wait",
    "gets CancelledError and no longer counts; the others keep waiting",
    {"3.11+": (False, True)},
)
async def a_cancelled_task_at_a_barrier():
    barrier = aio.Barrier(2)
    first = asyncio.ensure_future(barrier.wait())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait([first])
    second = asyncio.ensure_future(barrier.wait())
    await asyncio.sleep(0.01)
    alone = second.done()
    await barrier.wait()
    await asyncio.sleep(0)
    return alone, second.done()


@claim("asyncio.Semaphore.release", "One call too many raises the limit silently", [True, True, False])
async def releasing_more_than_was_acquired():
    semaphore = asyncio.Semaphore(1)
    semaphore.release()
    found = []
    for _ in range(3):
        task = asyncio.ensure_future(semaphore.acquire())
        found.append(await settled(task, seconds=0.02))
    return found


@claim("aw", "passing `aw=`, `aws=` or `coro=` there is a TypeError", ["TypeError"] * 5)
async def the_short_names_as_keywords():
    calls: Any = (
        lambda coro: aio.wait_for(aw=coro, timeout=1),
        lambda coro: aio.wait(aws=[coro]),
        lambda coro: aio.as_completed(aws=[coro]),
        lambda coro: aio.shield(aw=coro),
        lambda coro: aio.run(coro=coro),
    )
    found = []
    for call in calls:
        coro = asyncio.sleep(0)
        try:
            await call(coro)
        except TypeError as error:
            found.append(ended(error))
        coro.close()
    return found


@claim("asyncio.Task.get_coro", "This is the case for a task that finished eagerly", {"3.13+": True})
async def the_coroutine_of_an_eager_task():
    async def job() -> None: ...

    loop: Any = asyncio.get_running_loop()
    loop.set_task_factory(aio.eager_task_factory)
    return asyncio.create_task(job()).get_coro() is None


async def _sides_after_the_end(answer: Any) -> bool:
    class Reading(asyncio.Protocol):
        def eof_received(self) -> Any:
            return answer

    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(Reading, sock=ours)
    theirs.shutdown(socket.SHUT_WR)
    await asyncio.sleep(0.02)
    closing = transport.is_closing()
    transport.close()
    theirs.close()
    return closing


@claim(
    "asyncio.Protocol.eof_received",
    "A false value, including None, closes the transport",
    [True, True, False],
    "sockets",
)
async def answers_to_the_end():
    return [await _sides_after_the_end(answer) for answer in (None, False, True)]


@claim("asyncio.trsock.TransportSocket.dup", "Return a real `socket.socket`", (True, True), "sockets")
async def a_copy_of_a_transport_socket():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    with writer.get_extra_info("socket").dup() as copied:
        found = isinstance(copied, socket.socket), copied.fileno() != ours.fileno()
    writer.close()
    theirs.close()
    return found


@claim(
    "asyncio.SafeChildWatcher",
    "starting a subprocess is a RuntimeError",
    {"-3.13": ["RuntimeError", 0]},
    "processes",
)
async def a_watcher_that_is_not_attached():
    watcher, found = aio.SafeChildWatcher(), []
    aio.set_child_watcher(watcher)
    try:
        await asyncio.create_subprocess_exec("true")
    except RuntimeError as error:
        found.append(ended(error))
    watcher.attach_loop(asyncio.get_running_loop())
    process = await asyncio.create_subprocess_exec("true")
    found.append(await process.wait())
    watcher.close()
    aio.set_child_watcher(None)
    return found


@claim(
    "asyncio.set_child_watcher",
    "Calling it causes a DeprecationWarning",
    {"-3.11": [], "3.12-3.13": ["DeprecationWarning"]},
    "processes",
)
def setting_a_watcher():
    return warned(lambda: aio.set_child_watcher(None))


@claim("asyncio.subprocess.Process.wait", "It hangs on a full pipe", "raises TimeoutError", "processes")
async def waiting_for_a_child_with_a_full_pipe():
    program = "import sys; sys.stdout.write('x' * 1_000_000)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=subprocess.PIPE)
    try:
        await asyncio.wait_for(process.wait(), 0.5)
    finally:
        process.kill()
        await process.communicate()


@claim("asyncio.wait", "A failed task is in `done`", ["ValueError"])
async def waiting_for_a_task_that_fails():
    async def fails() -> None:
        raise ValueError

    done, _ = await asyncio.wait([asyncio.ensure_future(fails())])
    return [ended(task.exception()) for task in done]


@claim("asyncio.FutureCallGraph", "the innermost first", {"3.14+": ("tuple", ["inner", "outer"])})
async def the_frames_of_a_call_graph():
    async def inner() -> None:
        await asyncio.sleep(1)

    async def outer() -> None:
        await inner()

    task = asyncio.ensure_future(outer())
    await asyncio.sleep(0)
    stack = aio.capture_call_graph(task).call_stack
    task.cancel()
    names = [entry.frame.f_code.co_name for entry in stack if entry.frame is not None]
    return type(stack).__name__, [name for name in names if name in {"inner", "outer"}]


@claim(
    "__aexit__", "An `await` in it raises CancelledError if a cancellation arrives at that point", ["CancelledError"]
)
async def a_cancellation_while_leaving_a_block():
    seen: list[str] = []

    class Slow:
        async def __aenter__(self) -> None: ...

        async def __aexit__(self, *_: object) -> None:
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError as error:
                seen.append(ended(error))
                raise

    async def use() -> None:
        async with Slow():
            pass

    task = asyncio.ensure_future(use())
    await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    return seen


@claim("async for", "`break` leaves an async generator open", [])
async def breaking_out_of_an_async_generator():
    closed: list[int] = []

    async def numbers() -> Any:
        try:
            yield 1
            yield 2
        finally:
            closed.append(1)

    items = numbers()
    async for _ in items:
        break
    found = list(closed)
    await items.aclose()
    return found


@claim("asyncio.Event", "The waiting tasks continue only when something else wakes it", True, "threads")
async def an_event_that_is_set_in_a_thread():
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    loop.set_debug(False)
    start = loop.time()
    threading.Timer(0.01, event.set).start()
    loop.call_later(0.3, int)
    await event.wait()
    return loop.time() - start > 0.2


@claim(
    "asyncio.set_event_loop_policy", "Raises: TypeError", {"3.10": "raises AssertionError", "3.11+": "raises TypeError"}
)
def a_policy_that_is_none_of_that_class():
    policy: Any = 5
    asyncio.set_event_loop_policy(policy)


@claim("asyncio.Future.cancel", "`msg` becomes the argument of the CancelledError", ("why",))
async def the_message_of_a_cancelled_future():
    future = asyncio.get_running_loop().create_future()
    future.cancel("why")
    try:
        await future
    except asyncio.CancelledError as error:
        return error.args


@claim("await wasn't used with future", "`x in future` cause the same error", "raises RuntimeError")
async def searching_in_a_future():
    future: Any = asyncio.get_running_loop().create_future()
    return 1 in future


@claim("asyncio.Runner.run", "a Task or a Future is a ValueError", {"3.11-3.13": "raises ValueError"})
def running_a_task_with_a_runner():
    async def start() -> Any:
        return asyncio.create_task(asyncio.sleep(0))

    with aio.Runner() as runner:
        runner.run(runner.run(start()))


@claim("asyncio.Barrier", "one more than that waits for the next round", {"3.11+": [True, True, False]})
async def one_task_too_many_at_a_barrier():
    barrier = aio.Barrier(2)
    tasks = [asyncio.ensure_future(barrier.wait()) for _ in range(3)]
    await asyncio.sleep(0.01)
    found = [task.done() for task in tasks]
    tasks[2].cancel()
    return found


@claim("asyncio.StreamWriter.drain", "it returns without switching tasks", [], "sockets")
async def draining_an_empty_buffer():
    ours, theirs = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=ours)
    seen: list[int] = []
    asyncio.get_running_loop().call_soon(seen.append, 1)
    writer.write(b"x")
    await writer.drain()
    found = list(seen)
    writer.close()
    theirs.close()
    return found


@claim("asyncio.loop.connect_read_pipe", "A regular file is ValueError on POSIX", "raises ValueError", "loop")
async def a_regular_file_as_a_pipe():
    with tempfile.TemporaryFile() as file:
        await asyncio.get_running_loop().connect_read_pipe(asyncio.Protocol, file)


@claim("asyncio.TaskGroup", "The name is not in `asyncio.__all__`", {"3.11": False, "3.12+": True})
def whether_a_group_is_exported():
    return "TaskGroup" in asyncio.__all__


@claim("asyncio.BaseProtocol.connection_made", "An exception in it leaves the connection open", False, "sockets")
async def a_connection_that_is_not_wanted():
    class Broken(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            raise ValueError

    ours, theirs = socket.socketpair()
    with logged():
        transport, _ = await asyncio.get_running_loop().create_connection(Broken, sock=ours)
    found = transport.is_closing()
    transport.close()
    theirs.close()
    return found
