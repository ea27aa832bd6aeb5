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
            good="""\
import asyncio

async def join(task):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
""",
        ),
    ),
)
