"""A cancellation that is caught and not raised again is lost.

``task.cancel()``, a timeout, and a task group of which another task fails all raise ``CancelledError`` where the task
waits, and count on it coming out again.
Swallowed in a loop it leaves a task that cannot be stopped; swallowed below a timeout it leaves code that runs on after
the time is up.
``except BaseException`` and a bare ``except`` catch it too; ``except Exception`` does not.

Raise it again when all is tidied up.
Nothing is said where it is meant: after ``task.cancel()`` and ``await task``, where the exception is passed on or kept,
where ``uncancel()`` or ``cancelling()`` is asked, and where a task's main function just ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.flow import caught_by, exits, is_meant, let_pass, lost
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, span_of
from loopwise.text import Span


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body, caught = field(node, "body"), caught_by(unit, node)
    if body is None or caught is None or is_meant(node, caught):
        return
    found = lost(unit, node, body, exits(caught.block), broad=caught.broad)
    if found is not None:
        keyword = Span(caught.clause.start_byte, caught.clause.start_byte + len(b"except"))
        span = span_of(caught.kind) if caught.kind is not None else keyword
        yield Finding(span, found, lambda: tuple(let_pass(unit, caught)))


_GOOD = Example(
    good="""\
import asyncio
import concurrent.futures
import os

async def join(task, tasks, close):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    for one in tasks:
        try:
            await asyncio.wait_for(one, 3)
        except (asyncio.CancelledError, TimeoutError):
            print(one)
    try:
        await close.aclose()
    except BaseException:
        pass

async def main(step, future, log):
    try:
        while True:
            try:
                await step()
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError):
                    raise
                log.error(error)
    except asyncio.CancelledError:
        log.info("stopped")

async def passes_on(step, future):
    try:
        await step()
    except BaseException as error:
        future.set_exception(error)

async def raises_later(step):
    stopped = None
    while True:
        try:
            await asyncio.shield(step())
        except asyncio.CancelledError as error:
            stopped = error
        if stopped is not None:
            raise stopped

async def turns(step):
    try:
        await step()
    except asyncio.CancelledError as error:
        raise ValueError from error
    except BaseException:
        print("never a cancellation")

async def asks(step):
    while True:
        try:
            await step()
        except asyncio.CancelledError:
            if asyncio.current_task().cancelling():
                raise

async def ends(step):
    try:
        await step()
    except BaseException:
        os._exit(1)

async def other(step):
    try:
        await step()
    except concurrent.futures.CancelledError:
        pass
"""
)

RULE = Rule(
    code="LW301",
    name="cancelled-not-reraised",
    severity=Severity.WARNING,
    nodes=("try_statement",),
    check=check,
    triggers=frozenset({"except"}),
    **page(__doc__),
    peers=("ASYNC103", "ASYNC104", "S7497", "PYVIBE-017"),
    cards=("asyncio.CancelledError", "asyncio.Task.cancel"),
    examples=(
        Example(
            bad="""\
import asyncio

async def poll(fetch):
    while True:
        try:
            await fetch()
        except asyncio.CancelledError:
#              ^^^^^^^^^^^^^^^^^^^^^^
            pass
""",
            fixed=(
                """\
import asyncio

async def poll(fetch):
    while True:
        try:
            await fetch()
        except asyncio.CancelledError:
            raise
""",
            ),
        ),
        Example(
            bad="""\
async def save(store, log):
    try:
        await store()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
#          ^^^^^^^^^^^^^
        log.exception("failed: %s", error)  # tell
""",
            fixed=(
                """\
async def save(store, log):
    try:
        await store()
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        log.exception("failed: %s", error)  # tell
""",
                """\
async def save(store, log):
    try:
        await store()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        log.exception("failed: %s", error)  # tell
        raise
""",
            ),
        ),
        Example(
            bad="""\
async def load(items, load_one):
    for item in items:
        try:
            async with item: print(item)
        except: continue
#       ^^^^^^
""",
            fixed=(
                """\
async def load(items, load_one):
    for item in items:
        try:
            async with item: print(item)
        except Exception: continue
""",
                """\
async def load(items, load_one):
    for item in items:
        try:
            async with item: print(item)
        except: raise
""",
            ),
        ),
        Example(
            bad="""\
from asyncio import CancelledError as Stopped

class Client:
    async def get(self, read):
        try:
            return await read()
        except (ValueError, Stopped):
#                           ^^^^^^^
            return None

    async def use(self, read):
        return await self.get(read)
""",
            fixed=(
                """\
from asyncio import CancelledError as Stopped

class Client:
    async def get(self, read):
        try:
            return await read()
        except ValueError:
            return None

    async def use(self, read):
        return await self.get(read)
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def serve(read, send):
    try:
        await read()
    except asyncio.CancelledError:
#          ^^^^^^^^^^^^^^^^^^^^^^
        print("cancelled")
    await send()
""",
        ),
        _GOOD,
    ),
)
