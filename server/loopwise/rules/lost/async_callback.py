"""A coroutine function as a plain callback never runs: whoever calls it gets a coroutine and drops it.

``loop.call_soon``, ``call_later``, ``add_done_callback``, ``add_signal_handler``, ``atexit.register`` and their like
call a function and take no notice of what it returns.  A coroutine function returns a coroutine: nobody awaits it.

Hand over a plain function that starts a task, and keep the task: the loop itself refers to tasks weakly.
From another thread, ``asyncio.run_coroutine_threadsafe`` is made for it.
A lambda or ``functools.partial`` of a coroutine function is reported too, ``lambda: create_task(work())`` is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from loopwise.rules.callback_fixes import instead, started
from loopwise.rules.callbacks import after, argument, called, defined, makes_coroutine, shown
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import names
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, replace
from loopwise.syntax import Node, field, span_of, text_of
from loopwise.text import Edit

_LOOP = (
    "asyncio.loop.call_soon asyncio.loop.call_soon_threadsafe asyncio.loop.call_later asyncio.loop.call_at"
    " asyncio.loop.add_signal_handler asyncio.loop.add_reader asyncio.loop.add_writer"
)
_DONE = names(
    "asyncio.Task.add_done_callback asyncio.Future.add_done_callback concurrent.futures._base.Future.add_done_callback"
)
_OTHER = (
    "atexit.register signal.signal contextlib.ExitStack.callback contextlib.AsyncExitStack.callback"
    " contextlib._BaseExitStack.callback"
)
_NAMES = names(_LOOP, *_DONE.full, _OTHER)
_SECOND = frozenset({"call_later", "call_at", "add_signal_handler", "add_reader", "add_writer", "signal"})
_KEYWORDS: Mapping[str, str] = MappingProxyType({"register": "func", "signal": "handler", "add_done_callback": "fn"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = unit.call_in(node, _NAMES)
    last = name.rpartition(".")[2] if name else ""
    given = argument(node, int(last in _SECOND), _KEYWORDS.get(last, "callback")) if name else None
    if name is None or given is None or not makes_coroutine(unit, given):
        return
    found, callback = name, given
    message = f"{shown(callback)} gives a coroutine, which {last}() drops: nothing of it will run"
    yield Finding(
        span_of(callback),
        message[0].upper() + message[1:] if callback.type == "lambda" else message,
        lambda: tuple(_fixes(unit, node, found, callback)),
        defined(unit, callback),
    )


def _fixes(unit: Unit, call: Node, name: str, callback: Node) -> Iterator[Fix]:
    rest = after(call, callback)
    owner = _receiver(call)
    if name == "contextlib.AsyncExitStack.callback" and callback.type != "lambda":
        yield Fix("Use push_async_callback(), which awaits it", (_renamed(call, "push_async_callback"),))
    if rest is None or name == "signal.signal" or (name in _DONE.full and rest):
        return
    coroutine = called(callback, rest) if name not in _DONE.full else _with_one(callback)
    if coroutine is None:
        return
    if name == "atexit.register":
        run = unit.imported(call, "asyncio", "run")
        edits = (*run.edits, instead(call, callback, f"lambda: {run.text}({coroutine})"))
        yield Fix("Run it in an event loop of its own", edits, safe=False)
    elif name == "asyncio.loop.call_soon_threadsafe" and owner is not None:
        submit = unit.imported(call, "asyncio", "run_coroutine_threadsafe")
        kept = "future = " if _is_statement(call) else ""
        text = f"{kept}{submit.text}({coroutine}, {text_of(owner)})"
        yield Fix("Submit it to the loop", (*submit.edits, replace(call, text)), safe=False, holes=("future",))
    elif name.startswith("asyncio.loop.") or name in _DONE.full:
        yield from started(unit, call, callback, coroutine, "done" if name in _DONE.full else "")


def _with_one(callback: Node) -> str | None:
    """The call of a callback that is given what is done."""
    if callback.type != "lambda":
        return called(callback) and f"{text_of(callback)}(done)"
    parameters, body = field(callback, "parameters"), field(callback, "body")
    if parameters is None or body is None or text_of(parameters) not in {"_", "done"}:
        return None
    return text_of(body)


def _receiver(call: Node) -> Node | None:
    callee = field(call, "function")
    return field(callee, "object") if callee is not None and callee.type == "attribute" else None


def _renamed(call: Node, name: str) -> Edit:
    callee = field(call, "function")
    last = field(callee, "attribute") if callee is not None else None
    return replace(last if last is not None else call, name)


def _is_statement(call: Node) -> bool:
    return call.parent is not None and call.parent.type == "expression_statement"


RULE = Rule(
    code="LW112",
    name="async-callback",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    words=_NAMES.last,
    **about(__doc__),
    about=("asyncio.loop.call_soon", "asyncio.loop.call_later", "asyncio.Future.add_done_callback"),
    examples=(
        Example(
            bad="""\
import asyncio

async def refresh(key): ...

def schedule(loop: asyncio.AbstractEventLoop):
    loop.call_later(60, refresh, "users")  # once
#                       ^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def refresh(key): ...

background_tasks = set()


def schedule(loop: asyncio.AbstractEventLoop):
    def start_refresh():
        task = asyncio.create_task(refresh("users"))
        background_tasks.add(task)
        task.add_done_callback(background_tasks.discard)
    loop.call_later(60, start_refresh)  # once
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

class Server:
    async def stop(self): ...

    async def _closed(self, conn): ...

    def start(self, conn: "asyncio.Task[None]", loop: asyncio.AbstractEventLoop):
        asyncio.get_running_loop().add_signal_handler(15, self.stop)
#                                                         ^^^^^^^^^
        conn.add_done_callback(self._closed)
#                              ^^^^^^^^^^^^
        loop.call_soon_threadsafe(callback=self.stop)
#                                          ^^^^^^^^^
        loop.add_reader(3, lambda: self.stop())
#                          ^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            bad="""\
import asyncio

async def report(done): ...

async def main(job: asyncio.Future):
    job.add_done_callback(report)
#                         ^^^^^^
    await job
""",
            fixed=(
                """\
import asyncio

async def report(done): ...

background_tasks = set()


async def main(job: asyncio.Future):
    def start_report(done):
        task = asyncio.create_task(report(done))
        background_tasks.add(task)
        task.add_done_callback(background_tasks.discard)
    job.add_done_callback(start_report)
    await job
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def show(text): ...

def in_thread(loop: asyncio.AbstractEventLoop):
    loop.call_soon_threadsafe(show, "done")
#                             ^^^^
""",
            fixed=(
                """\
import asyncio

async def show(text): ...

def in_thread(loop: asyncio.AbstractEventLoop):
    future = asyncio.run_coroutine_threadsafe(show("done"), loop)
""",
            ),
        ),
        Example(
            bad="""\
import atexit as at_end
from shop import close

at_end.register(close)
#               ^^^^^
""",
            fixed=(
                """\
import asyncio
import atexit as at_end
from shop import close

at_end.register(lambda: asyncio.run(close()))
""",
            ),
            files={"shop.py": "async def close(): ...\n"},
        ),
        Example(
            bad="""\
import contextlib

async def close(conn): ...

async def main(conn):
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(close, conn)
#                      ^^^^^
""",
            fixed=(
                """\
import contextlib

async def close(conn): ...

async def main(conn):
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(close, conn)
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
from functools import partial

async def work(n): ...

def plan(loop: asyncio.AbstractEventLoop, when, jobs):
    loop.call_at(when, partial(work, 1))
#                      ^^^^^^^^^^^^^^^^
    job = work
    loop.call_soon(job, 2)
#                  ^^^
""",
        ),
        Example(
            good="""\
import asyncio
import atexit
import functools
import signal

tasks = set()

async def work(): ...

def start():
    task = asyncio.create_task(work())
    tasks.add(task)
    task.add_done_callback(tasks.discard)

def trigger(f):
    @functools.wraps(f)
    def inner(*args):
        tasks.add(asyncio.create_task(f(*args)))
    return inner

@trigger
async def pressed(): ...

class Button:
    def call_soon(self, f): ...

async def main(unknown, stop: asyncio.Event, job: asyncio.Task):
    loop = asyncio.get_running_loop()
    loop.call_soon(start)
    loop.call_later(1, lambda: tasks.add(asyncio.create_task(work())))
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, unknown.stop)
    loop.call_soon(pressed)
    job.add_done_callback(tasks.discard)
    loop.call_soon(asyncio.ensure_future, work())
    unknown.add_callback(work)
    Button().call_soon(work)
    atexit.register(start)
"""
        ),
    ),
)
