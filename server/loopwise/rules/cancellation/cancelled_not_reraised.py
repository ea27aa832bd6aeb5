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

from loopwise.rules.caught import Caught, caught_by, is_meant
from loopwise.rules.exits import exits
from loopwise.rules.handlers import lost
from loopwise.rules.indent import indent_of, newline_of
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.unit import Unit
from loopwise.rules.waits import own
from loopwise.rules.write import about, insert, replace
from loopwise.syntax import Node, field, span_of, text_of
from loopwise.text import Edit, Span, decode

_JUMPS = frozenset({"return_statement", "continue_statement", "break_statement"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body, caught = field(node, "body"), caught_by(unit, node)
    if body is None or caught is None or is_meant(node, caught):
        return
    found = lost(unit, node, body, exits(caught.block), broad=caught.broad)
    if found is not None:
        keyword = Span(caught.clause.start_byte, caught.clause.start_byte + len(b"except"))
        span = span_of(caught.kind) if caught.kind is not None else keyword
        yield Finding(span, found, lambda: tuple(_fixes(unit, caught)))


def _fixes(unit: Unit, caught: Caught) -> Iterator[Fix]:
    in_tuple = caught.kind is not None and caught.kind.parent is not None and caught.kind.parent.type == "tuple"
    if caught.broad:
        if caught.kind is None:
            edit = insert(caught.clause.start_byte + len("except"), " Exception")
        else:
            edit = replace(caught.kind, "Exception")
        yield Fix("Catch Exception, which a cancellation is not", (edit,), safe=False)
    if in_tuple and not caught.broad and caught.kind is not None:
        yield Fix("Let the cancellation pass", _without(caught.kind), safe=False)
    raised = _raised(unit, caught.block) if not in_tuple else None
    if raised is not None:
        yield Fix("Raise it again", (raised,), safe=False)


def _without(kind: Node) -> tuple[Edit, ...]:
    outer = kind.parent
    others = [one for one in outer.named_children if one != kind] if outer is not None else []
    if outer is None or len(others) == 1:
        return (replace(outer, text_of(others[0])),) if outer is not None else ()
    after = next((one for one in others if one.start_byte > kind.start_byte), None)
    if after is not None:
        return (Edit(Span(kind.start_byte, after.start_byte), b""),)
    return (Edit(Span(others[-1].end_byte, kind.end_byte), b""),)


def _raised(unit: Unit, block: Node) -> Edit | None:
    """``raise`` at the end of the handler; ``None`` where paths leave it before."""
    statements = [child for child in block.named_children if child.type != "comment"]
    last, jumps = statements[-1], list(own(block, _JUMPS))
    if jumps and jumps != [last]:
        return None
    if last in jumps or (last.type == "pass_statement" and len(statements) == 1):
        return replace(last, "raise")
    indent = indent_of(unit, last.start_byte)
    if indent is None:
        return insert(last.end_byte, "; raise")
    source = unit.file.source
    end = source.line_span(source.line_at(last.end_byte)).end
    return insert(end, decode(newline_of(unit, last.start_byte) + indent + b"raise"))


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

async def other(step, numbers):
    try:
        await step()
    except concurrent.futures.CancelledError:
        pass
    try:
        print(numbers)
    except asyncio.CancelledError:
        pass
"""
)

RULE = Rule(
    code="LW301",
    name="cancelled-not-reraised",
    severity=Severity.WARNING,
    nodes=("try_statement",),
    check=check,
    words=frozenset({"except"}),
    **about(__doc__),
    peers=("ASYNC103", "ASYNC104", "S7497", "PYVIBE-017"),
    about=("asyncio.CancelledError", "asyncio.Task.cancel"),
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
