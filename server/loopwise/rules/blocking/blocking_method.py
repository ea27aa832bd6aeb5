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
            bad="""\
import concurrent.futures
import multiprocessing
import queue
import socket
import threading
from smtplib import SMTP

class Worker:
    def __init__(self, todo: queue.Queue):
        self.todo = todo
        self.lock = threading.Lock()
        self.thread = threading.Thread(target=print)
        self.done = queue.Queue(maxsize=10)

    async def run(self, connection: socket.socket, process: multiprocessing.Process):
        self.lock.acquire()
#       ^^^^^^^^^^^^^^^^^^^
        item = self.todo.get(timeout=1)
#              ^^^^^^^^^^^^^^^^^^^^^^^^
        self.done.put(item)
#       ^^^^^^^^^^^^^^^^^^^
        self.thread.join()
#       ^^^^^^^^^^^^^^^^^^
        connection.recv(1024)
#       ^^^^^^^^^^^^^^^^^^^^^
        process.join(timeout=3)
#       ^^^^^^^^^^^^^^^^^^^^^^^
        with SMTP("localhost") as server:
#            ^^^^^^^^^^^^^^^^^
            server.send_message(item)
#           ^^^^^^^^^^^^^^^^^^^^^^^^^
        concurrent.futures.wait([])
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio
import multiprocessing
import queue
import threading

class Worker:
    def __init__(self, todo: queue.Queue, other):
        self.todo = todo
        self.results = queue.Queue()
        self.lock = threading.Lock()
        self.other = other

    async def run(self, process: multiprocessing.Process):
        if self.lock.acquire(blocking=False):
            self.lock.release()
        self.lock.acquire(False)
        self.todo.get(block=False)
        self.todo.get_nowait()
        self.results.put(1)
        self.other.get()
        self.other.lock.acquire()
        process.join(0)
        process.start()
        ", ".join(["a", "b"])
        lock = threading.Lock()
        lock.acquire()
        await asyncio.to_thread(self.todo.get)

    def work(self):
        self.todo.get()
""",
        ),
        Example(
            good="""\
import asyncio
import socket
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed, Future

async def work(event: asyncio.Event, gate: threading.Event, future: Future, other: asyncio.Future):
    await event.wait()
    gate.wait(0)
    gate.wait(timeout=0)
    gate.is_set()
    if future.done():
        print(future.result())
    print(future.result(timeout=0), other.result())

async def talk(peer: socket.socket):
    peer.setblocking(False)
    return peer.recv(10)
""",
        ),
    ),
)
