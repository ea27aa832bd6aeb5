"""A coroutine function used as a plain callback never runs, because its coroutine is discarded.

``loop.call_soon``, ``call_later``, ``add_done_callback``, ``add_signal_handler``, ``atexit.register`` and similar
functions call a function and ignore its result.  A coroutine function returns a coroutine that is never awaited.

Pass a plain function that starts a task, and store the task, because the loop itself references tasks only weakly.
From another thread, use ``asyncio.run_coroutine_threadsafe``.
A lambda or ``functools.partial`` of a coroutine function is reported too; ``lambda: create_task(work())`` is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from loopwise.analysis.asyncio import argument, callback_label, coroutine, defined, makes_coroutine
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import at_exit, call_of, call_of_done, started, submitted
from loopwise.syntax import Node, field, span_of
from loopwise.writing import replace

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
# The callback is the second positional argument of these.
_SECOND = frozenset({"call_later", "call_at", "add_signal_handler", "add_reader", "add_writer", "signal"})
_KEYWORDS: Mapping[str, str] = MappingProxyType({"register": "func", "signal": "handler", "add_done_callback": "fn"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = unit.call_in(node, _NAMES)
    last = name.rpartition(".")[2] if name else ""
    given = argument(node, int(last in _SECOND), _KEYWORDS.get(last, "callback")) if name else None
    if name is not None and given is not None and given.type == "call" and (already := coroutine(unit, given)):
        message = f"Callback of {last}() must be a function, not a coroutine"
        yield Finding(span_of(given), message, evidence=already)
        return
    evidence = makes_coroutine(unit, given) if given is not None else Evidence.NONE
    if name is None or given is None or not evidence:
        return
    found, work = name, given
    message = f"{callback_label(work)} returns a coroutine that {last}() ignores, so it never runs"
    fixes = partial(_fixes, unit, node, found, work)
    yield Finding(span_of(work), message, lambda: tuple(fixes()), defined(unit, work), evidence)


def _fixes(unit: Unit, call: Node, name: str, callback: Node) -> Iterator[Fix]:
    method = field(field(call, "function") or call, "attribute")
    if name == "contextlib.AsyncExitStack.callback" and callback.type != "lambda" and method is not None:
        yield Fix("Use push_async_callback()", (replace(method, "push_async_callback"),))
    coroutine = call_of_done(call, callback) if name in _DONE.full else call_of(call, callback)
    if coroutine is None:
        return
    if name == "atexit.register":
        yield at_exit(unit, call, callback, coroutine)
    elif name == "asyncio.loop.call_soon_threadsafe":
        yield from submitted(unit, call, coroutine)
    elif name.startswith("asyncio.loop.") or name in _DONE.full:
        yield from started(unit, call, callback, coroutine, "done" if name in _DONE.full else "")


RULE = Rule(
    code="LW112",
    name="async-callback",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=_NAMES.last,
    **page(__doc__),
    cards=("asyncio.loop.call_soon", "asyncio.loop.call_later", "asyncio.Future.add_done_callback"),
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

background_tasks = set()


async def refresh(key): ...

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
            good="""\
import asyncio

tasks = set()

async def work(): ...

def start():
    tasks.add(asyncio.create_task(work()))

async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(start)
"""
        ),
    ),
)
