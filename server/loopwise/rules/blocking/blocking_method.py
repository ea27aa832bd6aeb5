"""A method made for threads blocks the event loop's thread, and every task with it.

A lock, event, queue, thread or process of ``threading``, ``queue``, ``multiprocessing`` and ``concurrent.futures``
waits for another thread.
If a task of this loop has to do what it waits for, it waits forever.
Sockets, selectors and the mail and file transfer clients of the standard library wait for the other side.

Use asyncio's own classes (``asyncio.Event``, ``asyncio.Queue``), or wait in a thread:
``await asyncio.to_thread(event.wait)``.
Calls that return immediately are not reported: ``get_nowait()``, ``acquire(blocking=False)``, ``wait(0)``, ``put`` into
a queue without a size limit, ``result()`` of a future that is known to be done, sockets in a file that makes them
non-blocking.
Nothing is reported in tests, whose loop has nothing else to do.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-method"

RULE = Rule(
    code="LW213",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME),
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.to_thread", "asyncio.wrap_future", "asyncio.Queue", "asyncio.Event"),
    examples=(
        Example(
            bad="""\
import asyncio
import threading

ready = threading.Event()

async def start():
    ready.wait()
#   ^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import threading

ready = threading.Event()

async def start():
    await asyncio.to_thread(ready.wait)
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
from concurrent.futures import ThreadPoolExecutor

async def work(function):
    with ThreadPoolExecutor() as pool:
        return pool.submit(function).result()
#              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
from concurrent.futures import ThreadPoolExecutor

async def work(function):
    with ThreadPoolExecutor() as pool:
        return await asyncio.wrap_future(pool.submit(function))
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import queue

class Worker:
    def __init__(self, todo: queue.Queue):
        self.todo = todo

    async def run(self):
        self.todo.get_nowait()
        await asyncio.to_thread(self.todo.get)

    def work(self):
        self.todo.get()
"""
        ),
    ),
)
