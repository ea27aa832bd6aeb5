"""``contextlib.suppress`` of a cancellation around an ``await`` swallows the task's own.

``suppress(asyncio.CancelledError)`` is for joining a task that this code has just cancelled.
Around anything else the cancellation of the task itself is lost: a timeout or ``task.cancel()`` does not end it.
``suppress(BaseException)`` takes it too; ``suppress(Exception)`` does not.
Nothing is said where only tasks and futures are awaited, after a ``cancel()``, and where a task's main function just
ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.exits import Exit
from loopwise.rules.groups import items
from loopwise.rules.handlers import BROAD, CANCELLED, lost
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import names
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, replace
from loopwise.syntax import Node, arguments_of, field, span_of

_SUPPRESS = names("contextlib.suppress")
_FALL = frozenset({Exit.FALL})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body = field(node, "body")
    for item in items(node) if body is not None else ():
        if body is None or item.value.type != "call" or not unit.call_in(item.value, _SUPPRESS):
            continue
        for given in arguments_of(item.value)[0]:
            name = unit.name(given)
            if name not in CANCELLED and name not in BROAD:
                continue
            found = lost(unit, node, body, _FALL, broad=name in BROAD)
            if found is not None:
                broad, place = name in BROAD, given
                yield Finding(span_of(given), found, lambda: _fixes(place, broad=broad))
            return


def _fixes(given: Node, *, broad: bool) -> tuple[Fix, ...]:
    if not broad:
        return ()
    return (Fix("Suppress Exception, which a cancellation is not", (replace(given, "Exception"),), safe=False),)


RULE = Rule(
    code="LW302",
    name="suppress-cancelled",
    severity=Severity.WARNING,
    nodes=("with_statement",),
    check=check,
    words=_SUPPRESS.last,
    **about(__doc__),
    about=("asyncio.CancelledError", "asyncio.Task.cancel"),
    examples=(
        Example(
            bad="""\
import asyncio
from contextlib import suppress

async def poll(fetch):
    while True:
        with suppress(ValueError, asyncio.CancelledError):
#                                 ^^^^^^^^^^^^^^^^^^^^^^
            await fetch()
""",
        ),
        Example(
            bad="""\
import contextlib as c

class Saver:
    async def save(self, store):
        with c.suppress(BaseException):
#                       ^^^^^^^^^^^^^
            async with store:
                print("saved")
""",
            fixed=(
                """\
import contextlib as c

class Saver:
    async def save(self, store):
        with c.suppress(Exception):
            async with store:
                print("saved")
""",
            ),
        ),
        Example(
            bad="""\
from asyncio import CancelledError as Stopped
from contextlib import suppress

async def fetch(get):
    with suppress(Stopped):
#                 ^^^^^^^
        return await get()

async def main(get):
    return await fetch(get)
""",
        ),
        Example(
            good="""\
import asyncio
from contextlib import suppress

async def stop(task, server):
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    with suppress(asyncio.CancelledError):
        await server.close()

async def join(tasks):
    for task in tasks:
        with suppress(asyncio.CancelledError, ValueError):
            await task

async def main(step):
    with suppress(asyncio.CancelledError):
        while True:
            await step()

async def quiet(step, numbers):
    with suppress(Exception):
        await step()
    with suppress(asyncio.CancelledError):
        print(numbers)

def plain(task):
    with suppress(asyncio.CancelledError):
        return task.result()

async def test_it(step):
    for _ in range(3):
        with suppress(asyncio.CancelledError):
            await step()
"""
        ),
    ),
)
