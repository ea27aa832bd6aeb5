"""A cancellation that is caught and not re-raised is lost.

``task.cancel()``, a timeout, and a task group in which another task fails all raise ``CancelledError`` where the task
waits, and rely on it propagating.
Swallowed in a loop, it leaves a task that cannot be stopped; swallowed under a timeout, it leaves code that continues
after the time is up.
``except BaseException`` and a bare ``except`` catch it too; ``except Exception`` does not.

Re-raise it after the clean-up.
Nothing is reported where this is intended: after ``task.cancel()`` and ``await task``, where the exception is passed on
or stored, where ``uncancel()`` or ``cancelling()`` is called, and where a task's main function simply ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from loopwise.analysis.flow import caught_by, exits, first_wait, is_meant, let_pass, lost
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, last_of, parts_of, span_of
from loopwise.text import Span

_JUMPS = MappingProxyType({"return_statement": "return", "break_statement": "break", "continue_statement": "continue"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    yield from _in_finally(node, unit)
    body, caught = field(node, "body"), caught_by(unit, node)
    if body is None or caught is None or is_meant(node, caught, unit.per_edit):
        return
    found = lost(unit, node, body, exits(caught.block), broad=caught.broad)
    if found is not None:
        keyword = Span(caught.clause.start_byte, caught.clause.start_byte + len(b"except"))
        span = span_of(caught.kind) if caught.kind is not None else keyword
        yield Finding(span, found, lambda: tuple(let_pass(unit, caught)))


def _in_finally(node: Node, unit: Unit) -> Iterator[Finding]:
    """A jump out of ``finally``, which discards the exception being raised."""
    body = field(node, "body")
    clause = next((child for child in parts_of(node) if child.type == "finally_clause"), None)
    block = last_of(clause) if clause is not None else None
    if body is None or block is None or first_wait(body) is None or not unit.on_loop(node):
        return
    for one in parts_of(block):
        if one.type in _JUMPS:
            message = f"Statement '{_JUMPS[one.type]}' in 'finally' discards exceptions, including CancelledError"
            yield Finding(span_of(one), message)


RULE = Rule(
    code="LW301",
    name="cancelled-not-reraised",
    severity=Severity.WARNING,
    nodes=("try_statement",),
    check=check,
    triggers=frozenset({"except", "finally"}),
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
