"""A coroutine function passed to a thread does not run there: the thread only creates the coroutine.

``asyncio.to_thread(fetch, url)`` calls ``fetch(url)`` in a thread, which returns a coroutine immediately; none of it
has run when the thread is done.  ``loop.run_in_executor``, ``Executor.submit`` and ``threading.Thread`` do the same.

A coroutine belongs on the event loop, so await it.  If it must have its own thread, pass ``asyncio.run`` and the
coroutine to the thread, where it gets its own event loop.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from loopwise.analysis.asyncio import argument, callback_label, coroutine, defined, makes_coroutine
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import called_here, in_pool, started_in_thread
from loopwise.semantics.infer import Instance, Tuple, Value, each
from loopwise.syntax import Node, span_of

_AWAITED = names(
    "asyncio.to_thread asyncio.loop.run_in_executor anyio.to_thread.run_sync starlette.concurrency.run_in_threadpool"
    " fastapi.concurrency.run_in_threadpool"
)
_POOLS = "concurrent.futures._base.Executor concurrent.futures.thread.ThreadPoolExecutor"
_PROCESS_POOL = "concurrent.futures.process.ProcessPoolExecutor"
_STARTED = names(
    *(f"{pool}.{method}" for pool in (*_POOLS.split(), _PROCESS_POOL) for method in ("submit", "map")),
    "threading.Thread threading.Timer multiprocessing.context.Process",
)
_DATA = frozenset(f"builtins.{name}" for name in "bool bytes dict float int list set str tuple".split())
_NAMES = names(*_AWAITED.full, *_STARTED.full)
_PLACES: Mapping[str, tuple[int, str]] = MappingProxyType(
    {
        "asyncio.loop.run_in_executor": (1, "func"),
        "threading.Thread": (1, "target"),
        "threading.Timer": (1, "function"),
        "multiprocessing.context.Process": (1, "target"),
    }
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = unit.call_in(node, _NAMES)
    given = argument(node, *_PLACES.get(name, (0, "func"))) if name else None
    if name is None or given is None or _is_awaited_again(unit, node):
        return
    made = coroutine(unit, given) if given.type == "call" else Evidence.NONE
    evidence = made or makes_coroutine(unit, given)
    if not evidence:
        yield from _called_already(unit, name, given)
        return
    found, work = name, given
    what = f"{name.rpartition('.')[2]}()"
    message = f"{callback_label(work)} returns a coroutine that {what} ignores, so it never runs"
    if made:
        message = f"Argument of {what} must be a function, not a coroutine"
    fixes = partial(_fixes, unit, node, found, work) if not made or name in _AWAITED.full else tuple
    yield Finding(span_of(work), message, lambda: tuple(fixes()), defined(unit, work), evidence)


def _called_already(unit: Unit, name: str, given: Node) -> Iterator[Finding]:
    """``run_in_executor(None, parse(data))``: the call runs here, and its result is not callable."""
    # Evaluated with and without trust in annotations, so that a wrong one causes no finding.
    results = [one for ev in (unit.ev, unit.doubting) for one in each(ev.value(unit.file, given))]
    if given.type != "call" or not results or not all(_is_plain(one) for one in results):
        return
    what = f"{name.rpartition('.')[2]}()"
    yield Finding(span_of(given), f"{callback_label(given)} is called here; pass {what} the function itself")


def _is_plain(value: Value) -> bool:
    """Is it a value of a builtin class, which is not callable?"""
    return isinstance(value, Tuple) or (isinstance(value, Instance) and value.cls.fullname in _DATA)


def _is_awaited_again(unit: Unit, call: Node) -> bool:
    """``await (await to_thread(f))``: the coroutine created in the thread is awaited on the loop."""
    if not unit.is_awaited(call):
        return False
    outer = call.parent
    while outer is not None and outer.type != "await":
        outer = outer.parent
    return outer is not None and unit.is_awaited(outer)


def _fixes(unit: Unit, call: Node, name: str, callback: Node) -> Iterator[Fix]:
    if name in _AWAITED.full and (unit.is_awaited(call) or name != "asyncio.loop.run_in_executor"):
        edits = called_here(unit, call, callback)
        if edits:
            title = "Await the call here" if unit.is_awaited(call) else "Call the function here"
            yield Fix(title, edits)
    # Not for processes: the fix writes a lambda, which cannot be pickled.
    if name.endswith((".to_thread", ".run_in_executor", ".submit")) and not name.startswith(_PROCESS_POOL):
        yield from in_pool(unit, call, callback)
    if name == "threading.Thread":
        yield from started_in_thread(unit, call, callback)


RULE = Rule(
    code="LW113",
    name="async-in-thread",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=_NAMES.last,
    **page(__doc__),
    cards=("asyncio.to_thread", "asyncio.loop.run_in_executor"),
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(url):
    page = await asyncio.to_thread(fetch, url)
#                                  ^^^^^
    return page
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(url):
    page = await fetch(url)
    return page
""",
                """\
import asyncio

async def fetch(url): ...

async def main(url):
    page = await asyncio.to_thread(lambda: asyncio.run(fetch(url)))
    return page
""",
            ),
        ),
        Example(
            bad="""\
import threading

async def serve(port, host): ...

def start():
    threading.Thread(target=serve, args=(80, "::"), daemon=True).start()
#                           ^^^^^
""",
            fixed=(
                """\
import asyncio
import threading

async def serve(port, host): ...

def start():
    threading.Thread(target=lambda: asyncio.run(serve(80, "::")), daemon=True).start()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(n=1): ...

def plain(n): ...

async def main():
    await asyncio.to_thread(plain, 1)
    await asyncio.to_thread(asyncio.run, work(1))
"""
        ),
    ),
)
