"""A loop that repeats without an await prevents every other task from running.

The event loop continues only when a coroutine waits.
A ``while`` loop that can repeat without an ``await`` and waits for something to change waits forever:
nothing else can run to change it, no timeout fires, and the task cannot be cancelled.

It is best to wait for the event itself: an ``asyncio.Event``, a queue, a condition.
``await asyncio.sleep(0)`` lets other tasks run in each iteration, but still uses all of a CPU core.

A loop that works through something and then exits (``break``, ``return``) is not reported, nor is one that an exception
ends (``get_nowait`` until ``QueueEmpty``), nor one that lacks only the ``await`` of a coroutine or whose iterations all
block, which is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import drops_coroutine
from loopwise.analysis.blocking import blocking, reached, reported
from loopwise.analysis.flow import dry_rounds, first_wait, leaves, looks_only, own
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, Node, field, parts_of, text_of, unwrap
from loopwise.text import Span
from loopwise.writing import insert, parting

_FOREVER = frozenset({"True", "1"})
# Exceptions that stop a program rather than a loop.
_STOPS = frozenset({"KeyboardInterrupt", "SystemExit", "CancelledError", "GeneratorExit"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    test, body = field(node, "condition"), field(node, "body")
    if test is None or body is None or first_wait(test) is not None:
        return
    said = _said(unit, node, test, body)
    if said and unit.on_loop(node) and not drops_coroutine(unit, body):
        yield Finding(Span(node.start_byte, test.end_byte), said, lambda: (_fix(unit, node, body),))


def _said(unit: Unit, loop: Node, test: Node, body: Node) -> str:
    """The message about a loop; empty if there is nothing to report."""
    forever = text_of(unwrap(test)) in _FOREVER
    # A test with side effects may make progress by itself, as ``while queue.pop():`` does.
    if not forever and not looks_only(test):
        return ""
    rounds = dry_rounds(loop)
    if any(path.idle for path in rounds):
        return "Loop can repeat without awaiting, so no other task can run to change its condition"
    if not forever or not rounds or first_wait(body) is not None or leaves(loop) or _ended_by_exception(loop, body):
        return ""
    blocks = any(_blocks(unit, call) for call in _always_called(body))
    return "" if blocks else "Loop never awaits, so no other task can run"


def _always_called(block: Node) -> Iterator[Node]:
    """The calls that every iteration makes."""
    for statement in parts_of(block):
        if statement.type in {"try_statement", "with_statement"} and (inner := field(statement, "body")) is not None:
            yield from _always_called(inner)
        elif statement.type == "expression_statement":
            yield from own(statement, CALLS)


def _blocks(unit: Unit, call: Node) -> bool:
    """Is the call reported as one that blocks the event loop?  Its fix puts an await into the loop."""
    found = blocking(unit, call)
    return reached(unit, call) is not None if found is None else reported(call, unit, found.rule) is not None


def _ended_by_exception(loop: Node, body: Node) -> bool:
    """Is the loop written to run until an exception is raised?"""
    for call in own(body, CALLS):
        callee = field(call, "function")
        # These raise when nothing is left: QueueEmpty, StopIteration, IndexError.
        if callee is not None and text_of(callee).endswith(("_nowait", "next", "popleft", "pop", "send")):
            return True
    inner, outer = loop, loop.parent
    while outer is not None and outer.type not in {"function_definition", "lambda"}:
        if outer.type == "try_statement" and inner == field(outer, "body") and _handles(outer):
            return True
        if outer.type == "with_statement" and b"suppress" in (outer.text or b"")[: inner.start_byte - outer.start_byte]:
            return True
        inner, outer = outer, outer.parent
    return False


def _handles(statement: Node) -> bool:
    """Does a ``try`` catch more than the exceptions that stop the program?"""
    for clause in parts_of(statement):
        if clause.type.startswith("except"):
            caught = next((child for child in parts_of(clause) if child.type not in {"block", "comment"}), None)
            if caught is None or text_of(caught).rpartition(".")[2] not in _STOPS:
                return True
    return False


def _fix(unit: Unit, loop: Node, body: Node) -> Fix:
    written = unit.imported(loop, "asyncio", "sleep")
    # At the start of the body, so that no ``continue`` skips it.
    first = next((child for child in parts_of(body) if child.type != "comment"), body)
    text = f"await {written.text}(0){parting(unit.file, first.start_byte)}"
    return Fix("Add await asyncio.sleep(0) to the loop", (*written.edits, insert(first.start_byte, text)), safe=False)


RULE = Rule(
    code="LW216",
    name="loop-without-checkpoint",
    severity=Severity.WARNING,
    nodes=("while_statement",),
    check=check,
    triggers=frozenset({"while"}),
    **page(__doc__),
    peers=("ASYNC913",),
    cards=("asyncio.sleep", "asyncio.Event"),
    examples=(
        Example(
            bad="""\
async def serve(handle):
    while True:
#   ^^^^^^^^^^
        handle()
""",
            fixed=(
                """\
import asyncio


async def serve(handle):
    while True:
        await asyncio.sleep(0)
        handle()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def main(queue: asyncio.Queue):
    while True:
        await queue.get()
"""
        ),
    ),
)
