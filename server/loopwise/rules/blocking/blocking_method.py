"""A method made for threads waits on the event loop's thread, and with it every task.

A lock, event, queue, thread or process of ``threading``, ``queue``, ``multiprocessing`` and ``concurrent.futures``
waits for another thread.
If what it waits for is to be done by a task of this loop, it waits for ever.
Sockets, selectors and the mail and file transfer clients of the standard library wait for the other side.

Use asyncio's own (``asyncio.Event``, ``asyncio.Queue``), or wait in a thread: ``await asyncio.to_thread(event.wait)``.
What returns at once is not reported: ``get_nowait()``, ``acquire(blocking=False)``, ``wait(0)``, ``put`` into a queue
without a size,
``result()`` of a future that is known to be done, sockets of a file that sets them non-blocking.
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
