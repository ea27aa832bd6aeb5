"""A blocking sleep in async code stops every task, not just this one.

``time.sleep`` holds the thread that the event loop runs on: until it returns no other task runs and no timeout fires.
Nested functions and lambdas are not reported: they may run in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import names
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, awaited_call
from loopwise.syntax import Node, span_of

_SLEEP = names("time.sleep")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if not unit.call_in(node, _SLEEP) or not unit.on_loop(node) or unit.is_awaited(node):
        return

    def fixes() -> tuple[Fix, ...]:
        return (Fix("Await asyncio.sleep() instead", awaited_call(unit, node, "asyncio", "sleep")),)

    yield Finding(span_of(node), "time.sleep() blocks the event loop: no other task runs meanwhile", fixes)


RULE = Rule(
    code="LW201",
    name="blocking-sleep",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    words=_SLEEP.last,
    **about(__doc__),
    peers=("ASYNC251", "S7488"),
    about=("asyncio.sleep",),
    examples=(
        Example(
            bad="""\
import asyncio
import time

async def poll():
    time.sleep(1)
#   ^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import time

async def poll():
    await asyncio.sleep(1)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import time

async def poll():
    await asyncio.to_thread(time.sleep, 1)
    await asyncio.to_thread(lambda: time.sleep(1))

def work():
    time.sleep(1)
"""
        ),
    ),
)
