"""A coroutine function handed to a thread does not run there: the thread only makes the coroutine.

``asyncio.to_thread(fetch, url)`` calls ``fetch(url)`` in a thread, which gives a coroutine at once; nothing of it has
run when the thread is done.  ``loop.run_in_executor``, ``Executor.submit`` and ``threading.Thread`` do the same.

A coroutine belongs on the event loop: await it.  If it must have a thread of its own, hand that ``asyncio.run`` and the
coroutine: it gets an event loop of its own there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from loopwise.rules.callbacks import after, argument, called, defined, makes_coroutine, shown
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import names
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, replace
from loopwise.syntax import Node, field, span_of, text_of
from loopwise.text import Edit, Span, encode

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
    made = given.type == "call" and name in _AWAITED.full and unit.gives_coroutine(given)
    if not made and not makes_coroutine(unit, given):
        return
    found, callback = name, given
    what = f"{name.rpartition('.')[2]}()"
    message = (
        f"{what} wants a function to call, and gets a coroutine"
        if made
        else f"{shown(callback)} only makes a coroutine in {what}: nothing of it will run there"
    )
    message = message[0].upper() + message[1:] if callback.type == "lambda" else message

    def fixes() -> tuple[Fix, ...]:
        return tuple(_fixes(unit, node, found, callback))

    yield Finding(span_of(callback), message, fixes, defined(unit, callback))


def _is_awaited_again(unit: Unit, call: Node) -> bool:
    """``await (await to_thread(f))``: the coroutine that the thread made is awaited on the loop."""
    if not unit.is_awaited(call):
        return False
    outer = call.parent
    while outer is not None and outer.type != "await":
        outer = outer.parent
    return outer is not None and unit.is_awaited(outer)


def _fixes(unit: Unit, call: Node, name: str, callback: Node) -> Iterator[Fix]:
    if name in _AWAITED.full and (unit.is_awaited(call) or name != "asyncio.loop.run_in_executor"):
        edits = _called_here(unit, call, callback)
        if edits:
            title = "Await it here" if unit.is_awaited(call) else "Call it here"
            yield Fix(title, edits)
    if name.endswith((".to_thread", ".run_in_executor", ".submit")):
        rest = after(call, callback)
        coroutine = called(callback, rest) if rest is not None else None
        if coroutine is not None and not name.startswith(_PROCESS_POOL):
            run = unit.imported(call, "asyncio", "run")
            span = Span(callback.start_byte, rest[-1].end_byte if rest else callback.end_byte)
            edit = Edit(span, encode(f"{run.text}, {coroutine}"))
            yield Fix("Run it in the thread in an event loop of its own", (*run.edits, edit), safe=False)
    if name == "threading.Thread":
        yield from _in_thread(unit, call, callback)


def _called_here(unit: Unit, call: Node, callback: Node) -> tuple[Edit, ...]:
    """The call of the function itself in the place of the call that hands it over."""
    arguments = field(call, "arguments")
    whole = arguments.named_children if arguments is not None else []
    if arguments is None or callback.parent != arguments or any(node.type == "comment" for node in whole):
        return ()
    rest = [node for node in whole if node.start_byte >= callback.end_byte]
    if callback.type in {"lambda", "call"}:
        text = called(callback) if callback.type == "lambda" else text_of(callback)
        return (replace(call, text),) if text is not None and not rest else ()
    head = Edit(Span(call.start_byte, callback.start_byte), b"")
    between = Span(callback.end_byte, rest[0].start_byte if rest else arguments.end_byte - 1)
    blank = unit.file.source.data[between.start : between.end].replace(b",", b"", 1) if rest else b""
    return (head, Edit(between, b"(" + (blank if blank.strip(b" \t") else b"")))


def _in_thread(unit: Unit, call: Node, callback: Node) -> Iterator[Fix]:
    """``Thread(target=asyncio.run, args=(work(1),))``."""
    given = argument(call, 3, "args")
    if argument(call, 4, "kwargs") is not None or (given is not None and given.type != "tuple"):
        return
    items = tuple(given.named_children) if given is not None else ()
    coroutine = called(callback, items) if not any(item.type in {"list_splat", "comment"} for item in items) else None
    if coroutine is None:
        return
    run = unit.imported(call, "asyncio", "run")
    args = f"({coroutine},)"
    edits: tuple[Edit, ...]
    if given is not None:
        edits = (replace(callback, run.text), replace(given, args))
    elif callback.parent is not None and callback.parent.type == "keyword_argument":
        edits = (replace(callback, f"{run.text}, args={args}"),)
    else:
        return
    yield Fix("Run it in the thread in an event loop of its own", (*run.edits, *edits), safe=False)


RULE = Rule(
    code="LW113",
    name="async-in-thread",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    words=_NAMES.last,
    **about(__doc__),
    about=("asyncio.to_thread", "asyncio.loop.run_in_executor"),
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
    page = await asyncio.to_thread(asyncio.run, fetch(url))
    return page
""",
            ),
        ),
        Example(
            bad="""\
import asyncio as aio

class Client:
    async def send(self, data, *, retries=0): ...

async def main(client: Client, data):
    await aio.to_thread(
        client.send,
#       ^^^^^^^^^^^
        data,
        retries=3,
    )
""",
            fixed=(
                """\
import asyncio as aio

class Client:
    async def send(self, data, *, retries=0): ...

async def main(client: Client, data):
    await client.send(
        data,
        retries=3,
    )
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
from net import fetch as get

async def main():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, get)
#                                           ^^^
""",
            fixed=(
                """\
import asyncio
from net import fetch as get

async def main():
    loop = asyncio.get_running_loop()
    return await get()
""",
                """\
import asyncio
from net import fetch as get

async def main():
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, asyncio.run, get())
""",
            ),
            files={"net.py": "async def fetch(): ...\n"},
        ),
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(url):
    await asyncio.to_thread(fetch(url))
#                           ^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(url):
    await fetch(url)
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
    threading.Thread(target=asyncio.run, args=(serve(80, "::"),), daemon=True).start()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from multiprocessing import Process
from threading import Timer

async def work(n=1): ...

def start(executor: Executor):
    with ThreadPoolExecutor() as pool:
        pool.submit(work, 1)
#                   ^^^^
        pool.map(work, [1, 2])
#                ^^^^
    executor.submit(partial(work, 2))
#                   ^^^^^^^^^^^^^^^^
    Timer(5, work).start()
#            ^^^^
    Process(target=work).start()
#                  ^^^^

async def main():
    await asyncio.to_thread(lambda: work())
#                           ^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

async def work(n=1): ...

def plain(n): ...

class Pool:
    def submit(self, f): ...

async def main(unknown, pool: Pool):
    await asyncio.to_thread(plain, 1)
    await asyncio.to_thread(asyncio.run, work(1))
    await asyncio.to_thread(lambda: asyncio.run(work()))
    await asyncio.to_thread(unknown)
    await (await asyncio.to_thread(work))
    pool.submit(work)
    threading.Thread(target=asyncio.run, args=(work(),)).start()
    with ThreadPoolExecutor() as executor:
        executor.submit(plain, 1)
"""
        ),
    ),
)
