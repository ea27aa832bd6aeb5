"""A coroutine that nobody awaits does nothing: calling a coroutine function only makes the coroutine.

Python says so at run time at best (``coroutine 'fetch' was never awaited``), when the coroutine is thrown away.
Awaiting it runs it here and now; ``create_task`` runs it beside the code that follows, and wants to be kept.

A call counts where its value is thrown away: as a statement, as the last part of ``a and b`` or of a conditional
expression, as the items of a comprehension.
What a decorator makes of a function is trusted; where that cannot be told nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.coroutines import await_fix, is_expected, is_sure, shown
from loopwise.rules.dropped import KEPT_ITEMS, dropped
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import COROUTINE
from loopwise.rules.task_keeping import group_at_hand, in_set, line_of
from loopwise.rules.unit import Runs, Unit
from loopwise.rules.write import about, insert
from loopwise.syntax import Node, field, span_of, text_of

_GATHERED = frozenset({"list_comprehension", "set_comprehension"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for call in dropped(node):
        if is_sure(unit, call) and not is_expected(unit, call):
            message = f"{shown(unit, call)} is never awaited: nothing of it will run"
            yield Finding(span_of(call), message, lambda call=call: tuple(_fixes(unit, call)))  # type: ignore[misc]


def _fixes(unit: Unit, call: Node) -> Iterator[Fix]:
    comprehension = next((outer for outer in unit.around(call) if outer.type in KEPT_ITEMS), None)
    yield await_fix(unit, call, "Await each in turn" if comprehension else "Await it", safe=comprehension is None)
    runs, group = unit.runs(call), group_at_hand(unit, call)
    if runs is Runs.ASYNC and comprehension is not None and comprehension.type in _GATHERED:
        yield _gathered(unit, comprehension)
    if group is not None:
        start = insert(call.start_byte, f"{group}.create_task(")
        yield Fix(f"Start it in {group}", (start, insert(call.end_byte, ")")), safe=False)
    if runs is Runs.ASYNC:
        yield from _kept(unit, call)
    elif runs is Runs.MODULE or (runs is Runs.SYNC and _is_main(unit, call)):
        yield from _run(unit, call)


def _gathered(unit: Unit, comprehension: Node) -> Fix:
    written = unit.imported(comprehension, "asyncio", "gather")
    start = insert(comprehension.start_byte, f"await {written.text}(*")
    return Fix("Await them together", (*written.edits, start, insert(comprehension.end_byte, ")")), safe=False)


def _kept(unit: Unit, call: Node) -> Iterator[Fix]:
    statement = call.parent
    line = line_of(unit, statement) if statement is not None and statement.type == "expression_statement" else None
    if line is not None:
        written = unit.imported(call, "asyncio", "create_task")
        edits = (insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")"))
        fix = in_set(unit, line, None, edits)
        title = "Start it as a task, and keep the task"
        yield Fix(title, (*written.edits, *fix.edits), safe=False, holes=fix.holes)


def _is_main(unit: Unit, call: Node) -> bool:
    function = unit.function(call)
    return function is not None and text_of(field(function, "name") or function) == "main"


def _run(unit: Unit, call: Node) -> Iterator[Fix]:
    if any(outer.type in KEPT_ITEMS for outer in unit.around(call)):
        return
    written = unit.imported(call, "asyncio", "run")
    edits = (*written.edits, insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")"))
    tests = [test for outer in unit.around(call) if (test := field(outer, "condition")) is not None]
    yield Fix("Run it", edits, safe=any("__main__" in text_of(test) for test in tests))


RULE = Rule(
    code="LW101",
    name="missing-await",
    severity=Severity.ERROR,
    nodes=("expression_statement",),
    check=check,
    words=frozenset({COROUTINE}),
    **about(__doc__),
    peers=("reportUnusedCoroutine", "unused-coroutine", "unused-awaitable"),
    about=("coro", "await"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main():
    asyncio.sleep(1)
#   ^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def main():
    await asyncio.sleep(1)
""",
                """\
import asyncio

background_tasks = set()


async def main():
    task = asyncio.create_task(asyncio.sleep(1))
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
""",
            ),
        ),
        Example(
            bad="""\
class Client:
    async def send(self, data): ...

    def close(self):
        self.send(b"bye")
#       ^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            bad="""\
from net import fetch

async def main():
    fetch("x")
#   ^^^^^^^^^^
""",
            files={"net.py": "async def fetch(url): ...\n"},
        ),
        Example(
            bad="""\
import asyncio as aio
from asyncio import sleep as nap

async def main(ready):
    nap(1)
#   ^^^^^^
    (aio.sleep(1))
#    ^^^^^^^^^^^^
    ready and nap(2)
#             ^^^^^^
    nap(3) if ready else nap(4)
#   ^^^^^^
#                        ^^^^^^
    nap(5), nap(6)
#   ^^^^^^
#           ^^^^^^
""",
        ),
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(urls):
    [fetch(url) for url in urls]
#    ^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    [await fetch(url) for url in urls]
""",
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    await asyncio.gather(*[fetch(url) for url in urls])
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main():
    async with asyncio.TaskGroup() as group:
        fetch("x")
#       ^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main():
    async with asyncio.TaskGroup() as group:
        await fetch("x")
""",
                """\
import asyncio

async def fetch(url): ...

async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch("x"))
""",
                """\
import asyncio

async def fetch(url): ...

background_tasks = set()


async def main():
    async with asyncio.TaskGroup() as group:
        task = asyncio.create_task(fetch("x"))
        background_tasks.add(task)
        task.add_done_callback(background_tasks.discard)
""",
            ),
        ),
        Example(
            bad="""\
async def serve(): ...

def main():
    serve()  # until Ctrl-C
#   ^^^^^^^

def other():
    serve()
#   ^^^^^^^
""",
        ),
        Example(
            bad="""\
class Client:
    async def send(self, data): ...

def make() -> Client: ...

async def main(client: Client, clients: list[Client]):
    client.send(1)
#   ^^^^^^^^^^^^^^
    clients[0].send(2)
#   ^^^^^^^^^^^^^^^^^^
    make().send(3)
#   ^^^^^^^^^^^^^^
    send = client.send
    send(4)
#   ^^^^^^^
""",
        ),
        Example(
            bad="""\
import functools
from collections.abc import Awaitable, Callable
from typing import Any, Coroutine, TypeVar

T = TypeVar("T")

def logged(function: Callable[..., T]) -> Callable[..., T]: ...

def timed(function):
    @functools.wraps(function)
    async def wrapper(*args):
        return await function(*args)

    return wrapper

@logged
async def fetch(): ...

@timed
async def send(): ...

def start() -> Coroutine[Any, Any, None]: ...

async def main():
    fetch()
#   ^^^^^^^
    send()
#   ^^^^^^
    start()
#   ^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio
import contextlib

async def fetch(): ...

def plain(): ...

@contextlib.asynccontextmanager
async def opened():
    yield 1

async def numbers():
    yield 1

async def main(unknown):
    await fetch()
    plain()
    unknown()
    opened()
    numbers()
    coro = fetch()
    await coro
    return fetch()
"""
        ),
        Example(
            good="""\
import asyncio
import functools

from somewhere import command, task

def runs(function):
    @functools.wraps(function)
    def wrapper(*args):
        return asyncio.run(function(*args))

    return wrapper

@runs
async def fetch(): ...

@command(name="send")
async def send(): ...

@task
async def work(): ...

async def main():
    fetch()
    send()
    work()
"""
        ),
        Example(
            good="""\
import inspect

class Store:
    async def save(self): ...

class Memory:
    def save(self): ...

class Owner:
    async def close(self): ...

    def __init__(self, quick):
        if quick:
            self.close = lambda: None

async def main(store: Store | Memory, child: Store, owner: Owner):
    store.save()
    if isinstance(child, Store):
        await child.save()
    else:
        child.save()
    owner.close()
    if inspect.iscoroutinefunction(child.save):
        await child.save()
    else:
        child.save()
"""
        ),
        Example(
            good="""\
import asyncio

try:
    from fast import fetch
except ImportError:

    async def fetch(url): ...

if asyncio:

    async def send(data): ...

else:

    def send(data): ...

class Bus:
    def wrap(self, coroutine):
        return coroutine

async def main(bus: Bus, urls):
    fetch("x")
    send(b"")
    bus.wrap(asyncio.sleep(1))
    asyncio.create_task(asyncio.sleep(1)).add_done_callback(print)
    (fetch(url) for url in urls)
    await asyncio.gather(*[asyncio.sleep(1) for _ in urls])
"""
        ),
        Example(
            good="""\
import pytest

async def fetch(url): ...

def test_arguments():
    with pytest.raises(TypeError):
        fetch(1, 2)
"""
        ),
    ),
)
