"""Waiting here for what ``run_coroutine_threadsafe`` started blocks the loop that is to run it.

``asyncio.run_coroutine_threadsafe(coro, loop).result()`` is for other threads.
In a coroutine function it holds the event loop's thread; if ``loop`` is the running loop, the coroutine never gets a
turn and ``result()`` never returns.

``await coro`` where the loop is this one; else ``await asyncio.wrap_future(…)``.
"""

from __future__ import annotations

from loopwise.rules.blocking_calls import words
from loopwise.rules.blocking_fixes import checking
from loopwise.rules.rule import Example, Rule, Severity
from loopwise.rules.write import about

_NAME = "blocking-future-result"

RULE = Rule(
    code="LW214",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    words=words(_NAME),
    **about(__doc__),
    peers=(),
    about=("asyncio.run_coroutine_threadsafe", "asyncio.wrap_future"),
    examples=(
        Example(
            bad="""\
import asyncio

async def call(coro, loop):
    return asyncio.run_coroutine_threadsafe(coro, loop).result()
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def call(coro, loop):
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coro, loop))
""",
            ),
        ),
        Example(
            good="""\
import asyncio

def in_a_thread(coro, loop):
    return asyncio.run_coroutine_threadsafe(coro, loop).result()
"""
        ),
    ),
)
