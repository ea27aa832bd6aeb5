"""Leaving ``with ThreadPoolExecutor()`` waits for all of its threads, and no task can run in the meantime.

The end of the block calls ``shutdown(wait=True)``.  In a coroutine, this is fine if the submitted work has been awaited
in the block; otherwise, the event loop is blocked until the threads are done.

Await the results inside the block, or create the executor once, outside, and call ``shutdown(wait=False)`` on it.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import items
from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, Node, field, is_async, span_of, text_of

_POOLS = names(
    "concurrent.futures.ThreadPoolExecutor concurrent.futures.ProcessPoolExecutor"
    " concurrent.futures.thread.ThreadPoolExecutor concurrent.futures.process.ProcessPoolExecutor"
)
_AWAIT = frozenset({"await", "for_statement", "for_in_clause"})
# All ways to pass work to an executor.
_HANDS_OVER = frozenset({"submit", "map", "run_in_executor"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body = field(node, "body")
    if is_async(node) or body is None or not unit.on_loop(node):
        return
    for item in items(node):
        if item.value.type != "call" or not unit.call_in(item.value, _POOLS):
            continue
        handed = [call for call in own(body, CALLS) if _last(call) in _HANDS_OVER]
        # Work awaited inside the block is finished when the executor exits, so nothing is waited for.
        if handed and not _is_awaited_after(body, handed[-1]):
            related = (Related(span_of(handed[0]), "Work is submitted here"),)
            message = "Exiting this block waits for the executor's work, which blocks the event loop"
            yield Finding(span_of(item.value), message, related=related)


def _last(call: Node) -> str:
    return text_of(field(call, "function") or call).rpartition(".")[2]


def _is_awaited_after(body: Node, handed: Node) -> bool:
    """Does the block await what was last submitted, in the same statement or below?"""
    for wait in own(body, _AWAIT):
        around = wait.start_byte <= handed.start_byte and handed.end_byte <= wait.end_byte
        if (wait.type == "await" or is_async(wait)) and (around or wait.start_byte >= handed.end_byte):
            return True
    return False


RULE = Rule(
    code="LW221",
    name="executor-exit-blocks",
    severity=Severity.WARNING,
    nodes=("with_statement",),
    check=check,
    triggers=_POOLS.last,
    **page(__doc__),
    cards=("asyncio.loop.run_in_executor", "asyncio.to_thread"),
    examples=(
        Example(
            bad="""\
import asyncio
from concurrent.futures import ThreadPoolExecutor

async def run(work):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:
#        ^^^^^^^^^^^^^^^^^^^^
        future = loop.run_in_executor(pool, work)
    return await future
""",
        ),
        Example(
            good="""\
import asyncio
from concurrent.futures import ThreadPoolExecutor

async def run(work):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:
        return await loop.run_in_executor(pool, work)
"""
        ),
    ),
)
