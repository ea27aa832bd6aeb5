"""Blocking on the result of ``run_coroutine_threadsafe`` here blocks the loop that should run the coroutine.

``asyncio.run_coroutine_threadsafe(coro, loop).result()`` is for other threads.
In a coroutine function, it blocks the event loop's thread; if ``loop`` is the running loop, the coroutine can never run
and ``result()`` never returns.

Use ``await coro`` if the loop is this one, otherwise ``await asyncio.wrap_future(…)``.
"""

from __future__ import annotations

from loopwise.analysis.blocking import words
from loopwise.analysis.rule import Example, Rule, Severity, page
from loopwise.rules.fixes import checking

_NAME = "blocking-future-result"

RULE = Rule(
    code="LW214",
    name=_NAME,
    severity=Severity.WARNING,
    nodes=("call",),
    check=checking(_NAME, safe=True),
    triggers=words(_NAME),
    **page(__doc__),
    peers=(),
    cards=("asyncio.run_coroutine_threadsafe", "asyncio.wrap_future"),
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
