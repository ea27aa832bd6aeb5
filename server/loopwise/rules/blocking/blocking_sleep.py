"""A blocking sleep in async code stops every task, not only the current one.

``time.sleep`` blocks the event loop's thread: until it returns, no other task runs and no timeout fires.
``await asyncio.sleep(…)`` lets them run.

Nested functions and lambdas are not reported, because they may run in a thread.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-sleep"

RULE = Rule(
    code="LW201",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    triggers=words(_NAME),
    **page(__doc__),
    peers=("ASYNC251", "S7488"),
    cards=("asyncio.sleep",),
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
    await asyncio.sleep(1)
    await asyncio.to_thread(time.sleep, 1)

def work():
    time.sleep(1)
"""
        ),
    ),
)
