"""A bakery in asyncio.  The comment lines with carets say what a hover on the symbol above is titled;
they are taken out before an editor sees the file.  `-` means: no hover at all.
"""
# fmt: off
# ruff: noqa

import asyncio
#      ^^^^^^^ asyncio
import asyncio as aio
#      ^^^^^^^ asyncio
#                 ^^^ asyncio
import asyncio.subprocess
#              ^^^^^^^^^^ asyncio.subprocess
import concurrent.futures
import functools
import queue
import subprocess
import threading
from asyncio import Semaphore, TaskGroup as Group, sleep
#                   ^^^^^^^^^ asyncio.Semaphore
#                              ^^^^^^^^^ asyncio.TaskGroup
#                                           ^^^^^ asyncio.TaskGroup
#                                                  ^^^^^ asyncio.sleep
from asyncio.subprocess import PIPE
#                              ^^^^ asyncio.subprocess.PIPE

import pantry
from pantry import Oven, bell, hire, knead
#                                    ^^^^^ knead


class Bakery(Oven):
    """An oven with its helpers."""

    limit: Semaphore
    #      ^^^^^^^^^ asyncio.Semaphore

    def __init__(self, size: int) -> None:
        super().__init__()
        self.jobs: asyncio.Queue[int] = asyncio.Queue(size)
        #    ^^^^ jobs: asyncio.Queue[int]
        #                  ^^^^^ asyncio.Queue
        self.limit = Semaphore(size)
        self.plain = queue.Queue()
        self.helpers: set[asyncio.Task[None]] = set()

    @property
    def first(self) -> asyncio.Future[str]:
        return asyncio.get_running_loop().create_future()
        #                                 ^^^^^^^^^^^^^ asyncio.loop.create_future
        #              ^^^^^^^^^^^^^^^^ asyncio.get_running_loop

    @functools.cached_property
    def ready(self):
        return asyncio.Event()

    async def bake(self, loaf: str) -> str:
    # <- async def
        async with self.limit:
        # <- async with
        #               ^^^^^ limit: asyncio.Semaphore
            baked = await super().bake(loaf)
            #       ^^^^^ await
            #                     ^^^^ Oven.bake
        await self.door.acquire()
        #               ^^^^^^^ asyncio.Lock.acquire
        self.first.set_result(baked)
        #          ^^^^^^^^^^ asyncio.Future.set_result
        await self.ready.wait()
        #                ^^^^ asyncio.Event.wait
        self.jobs.put_nowait(len(baked))
        #         ^^^^^^^^^^ asyncio.Queue.put_nowait
        self.plain.get()
        #          ^^^ -
        return baked

    def cancel(self) -> None:
        for helper in self.helpers:
            helper.cancel()
            #      ^^^^^^ asyncio.Task.cancel

    async def __aenter__(self) -> "Bakery":
    #         ^^^^^^^^^^ __aenter__
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.cancel()
        #    ^^^^^^ -


async def serve(reader: asyncio.StreamReader, writer: "asyncio.StreamWriter") -> None:
    #           ^^^^^^ reader: asyncio.StreamReader
    #                                                          ^^^^^^^^^^^^ asyncio.StreamWriter
    while line := await reader.readline():
        #                      ^^^^^^^^ asyncio.StreamReader.readline
        writer.write(line)
        #      ^^^^^ asyncio.StreamWriter.write
        await writer.drain()
        #            ^^^^^ asyncio.StreamWriter.drain


async def market(count: int, boss: asyncio.Task[int] | None = None) -> None:
    if boss is not None:
        boss.uncancel()
        #    ^^^^^^^^ asyncio.Task.uncancel
    reader, writer = await asyncio.open_connection("localhost", 8080)
    #       ^^^^^^ writer: asyncio.StreamWriter
    #                              ^^^^^^^^^^^^^^^ asyncio.open_connection
    print("🥐 fresh 🥖", await reader.readuntil(b"\n"), writer.get_extra_info("peername"))
    #                               ^^^^^^^^^ asyncio.StreamReader.readuntil
    #                                                        ^^^^^^^^^^^^^^ asyncio.StreamWriter.get_extra_info
    async with Group() as group, asyncio.timeout(5) as limit:
        #                                ^^^^^^^ asyncio.timeout
        jobs = [group.create_task(pantry.knead(n)) for n in range(count)]
        #             ^^^^^^^^^^^ asyncio.TaskGroup.create_task
        #                                ^^^^^ knead
        limit.reschedule(None)
        #     ^^^^^^^^^^ asyncio.Timeout.reschedule
    for job in jobs:
        job.result()
        #   ^^^^^^ asyncio.Task.result
    names = {job.get_name(): job for job in jobs}
    #            ^^^^^^^^ asyncio.Task.get_name
    names["0"].add_done_callback(lambda done: done.exception())
    #          ^^^^^^^^^^^^^^^^^ asyncio.Task.add_done_callback
    #                                              ^^^^^^^^^ asyncio.Task.exception
    done, pending = await asyncio.wait(jobs, return_when=asyncio.FIRST_COMPLETED)
    #                             ^^^^ asyncio.wait
    #                                                            ^^^^^^^^^^^^^^^ asyncio.FIRST_COMPLETED
    done.pop().cancelled()
    #          ^^^^^^^^^ asyncio.Task.cancelled
    if (ring := bell()).is_set():
        #               ^^^^^^ asyncio.Event.is_set
        ring.clear()
        #    ^^^^^ asyncio.Event.clear
    hire("Ada").set_name("Grace")
    #           ^^^^^^^^ asyncio.Task.set_name
    await pantry.shelf.join()
    #                  ^^^^ asyncio.Queue.join
    async for order in pantry.orders():
    # <- async for
        #                     ^^^^^^ orders
        await aio.gather(sleep(1), knead(2), return_exceptions=True)
        #         ^^^^^^ asyncio.gather
        #                ^^^^^ asyncio.sleep
        #                          ^^^^^ knead
        print(order)


class Wire(asyncio.Protocol):
    #              ^^^^^^^^ asyncio.Protocol
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        #                                        ^^^^^^^^^^^^^ asyncio.BaseTransport
        self.transport = transport
        transport.close()
        #         ^^^^^ asyncio.BaseTransport.close


async def trays(source: asyncio.Queue[str] | None, *bells: asyncio.Event):
    #                           ^^^^^ asyncio.Queue
    if not source:
        return
    try:
        yield source.get_nowait()
        # <- yield
        #            ^^^^^^^^^^ asyncio.Queue.get_nowait
    except asyncio.QueueEmpty as empty:
        #          ^^^^^^^^^^ asyncio.QueueEmpty
        raise asyncio.CancelledError from empty
        #             ^^^^^^^^^^^^^^ asyncio.CancelledError
    for one in bells:
        one.set()
        #   ^^^ asyncio.Event.set
    waiters = [asyncio.ensure_future(one.wait()) for one in bells]
    #                  ^^^^^^^^^^^^^ asyncio.ensure_future
    #                                    ^^^^ asyncio.Event.wait
    for coming in asyncio.as_completed(waiters, timeout=2):
        #                 ^^^^^^^^^^^^ asyncio.as_completed
        #                                       ^^^^^^^ -
        await coming
    first, *others = waiters
    first.done()
    #     ^^^^ asyncio.Task.done
    print(f"{asyncio.current_task()} asyncio.sleep")
    #                ^^^^^^^^^^^^ asyncio.current_task
    #                                        ^^^^^ -
    # In a comment asyncio.gather means nothing.
    #                      ^^^^^^ -
    loop = asyncio.get_event_loop()
    # <- loop: asyncio.AbstractEventLoop
    future = loop.run_in_executor(None, print, "🥨")
    #             ^^^^^^^^^^^^^^^ asyncio.loop.run_in_executor
    later = functools.partial(loop.call_soon_threadsafe, print)
    #                              ^^^^^^^^^^^^^^^^^^^^ asyncio.loop.call_soon_threadsafe
    later()
    if isinstance(source, asyncio.PriorityQueue):
        source.task_done()
        #      ^^^^^^^^^ asyncio.Queue.task_done
    await asyncio.shield(future)
    #             ^^^^^^ asyncio.shield
    boiling = [number async for number in countdown(3)]
    #                 ^^^^^ async comprehension
    print(boiling)


async def countdown(start: int):
    gate = asyncio.Condition()
    async with gate:
        #      ^^^^ gate: asyncio.Condition
        gate.notify_all()
        #    ^^^^^^^^^^ asyncio.Condition.notify_all
    yield start


async def outside(pool: concurrent.futures.Future[int], lock: threading.Lock) -> None:
    child = await asyncio.create_subprocess_exec("ls", stdout=PIPE)
    # <- child: asyncio.subprocess.Process
    out, _ = await child.communicate()
    #                    ^^^^^^^^^^^ asyncio.subprocess.Process.communicate
    lock.acquire()
    #    ^^^^^^^ -
    pool.result()
    #    ^^^^^^ -
    subprocess.run(["ls"], input=out)
    #          ^^^ -
    pantry.loaves(2)
    #      ^^^^^^ -
    waiting = knead(1)
    # <- waiting: coroutine of int
    async with Bakery(3) as bakery:
        await asyncio.wait_for(bakery.jobs.get(), 1)
        #             ^^^^^^^^ asyncio.wait_for
        #                                  ^^^ asyncio.Queue.get
        await asyncio.to_thread(lock.acquire)
        #                            ^^^^^^^ -
        bakery.bake("rye")
        #      ^^^^ Bakery.bake
    await waiting


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        runner.get_loop().call_later(1, print)
        #                 ^^^^^^^^^^ asyncio.loop.call_later
        runner.run(market(3))
        #      ^^^ asyncio.Runner.run
        #          ^^^^^^ market
