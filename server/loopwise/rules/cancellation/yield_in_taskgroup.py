"""A ``yield`` inside a task group or timeout exposes the consumer's code to it.

While an asynchronous generator is suspended at its ``yield``, the consumer continues: the timeout counts that time too
and, when it expires, cancels the consumer in the middle of its own code; a task that fails in the group does the same.
If the consumer stops early, the block is left in another task, when the generator is garbage-collected.
Put the code that awaits each item into the block, and the ``yield`` outside, or read from a queue.
Context managers and fixtures, which yield once, are not reported, nor are generators with decorators.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import TIMEOUT, is_group, is_timeout, items
from loopwise.analysis.flow import own
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import LOOPS, YIELDS, Node, decorators_of, field, is_async, span_of
from loopwise.text import Span


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    function = unit.function(node)
    if function is None or not is_async(function) or not _gives_many(unit, node, function):
        return
    inner = node
    for outer in unit.around(node):
        inside = outer.type == "with_statement" and inner == field(outer, "body") and is_async(outer)
        inner = outer
        for item in items(outer) if inside else ():
            timeout = is_timeout(unit, item.value)
            if timeout or is_group(unit, item.value):
                yield Finding(
                    Span(node.start_byte, node.start_byte + len(b"yield")),
                    "Timeout also covers the consumer's code between items and cancels it there"
                    if timeout
                    else "If a task of the group fails, the consumer is cancelled in its own code",
                    related=(Related(span_of(item.value), "Entered here"),),
                )
                return


def _gives_many(unit: Unit, node: Node, function: Node) -> bool:
    """Is it a generator of several items: in a loop or with several yields, and without decorators?"""
    # A decorator usually turns it into a context manager, which yields once.
    if decorators_of(function):
        return False
    if any(outer.type in LOOPS for outer in unit.around(node)):
        return True
    body = field(function, "body")
    return body is not None and len(list(own(body, YIELDS))) > 1


RULE = Rule(
    code="LW316",
    name="yield-in-taskgroup",
    severity=Severity.WARNING,
    nodes=("yield",),
    check=check,
    triggers=TIMEOUT.last | {"TaskGroup"},
    **page(__doc__),
    peers=("ASYNC101",),
    cards=("asyncio.TaskGroup", "asyncio.timeout"),
    examples=(
        Example(
            bad="""\
import asyncio

async def read(stream):
    async with asyncio.timeout(30):
        async for line in stream:
            yield line
#           ^^^^^
""",
        ),
        Example(
            good="""\
import asyncio

async def read(stream):
    while True:
        async with asyncio.timeout(30):
            line = await stream.readline()
        yield line
""",
        ),
    ),
)
