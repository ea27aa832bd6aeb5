"""A task that is awaited where it is created does no more than its coroutine would.

``await asyncio.create_task(work())`` waits for the work just as ``await work()`` does; nothing runs concurrently.
It costs a task and an iteration of the loop, and hides that the code is sequential.

The task has a copy of the context, so values that the work sets in a ``ContextVar`` are not visible afterwards.
If that is intended, or if the task is given a name or a context, the code is correct; nothing is reported in a file
that mentions ``contextvars``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import coroutine
from loopwise.analysis.known_names import TASK_MAKERS
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import COMMENTS, Node, arguments_of, field, nodes_of, parts_of, unwrap
from loopwise.text import Edit, Span

# The code is about contexts, which a task copies.
_CONTEXTS = re.compile(rb"\b(?:contextvars|ContextVar|copy_context|asgiref\.local|ThreadSensitiveContext)\b")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    call = unwrap(parts_of(node)[0]) if len(parts_of(node)) else None
    if call is None or call.type != "call":
        return
    positional, keywords, starred = arguments_of(call)
    if len(positional) != 1 or keywords or starred or positional[0].type != "call":
        return
    callee, inner = field(call, "function"), positional[0]
    name = unit.call_in(call, TASK_MAKERS)
    # The other functions also accept futures; only create_task() certainly gets a coroutine.
    if callee is None or not name or (name != "asyncio.create_task" and not coroutine(unit, inner)):
        return
    if _CONTEXTS.search(unit.file.source.data):
        return
    message = "Task is awaited immediately; awaiting the coroutine does the same"
    yield Finding(Span(callee.start_byte, callee.end_byte), message, lambda: _fixes(call, inner))


def _fixes(call: Node, inner: Node) -> tuple[Fix, ...]:
    title = "Await the coroutine directly"
    comments = nodes_of(call, COMMENTS)
    if any(not inner.start_byte <= comment.start_byte < inner.end_byte for comment in comments):
        return (Fix(title, (), safe=False, refused="A comment in the call would be lost"),)
    # Not safe, because a task has its own context variables and can be cancelled on its own.
    before, after = Span(call.start_byte, inner.start_byte), Span(inner.end_byte, call.end_byte)
    return (Fix(title, (Edit(before, b""), Edit(after, b"")), safe=False),)


RULE = Rule(
    code="LW111",
    name="await-fresh-task",
    severity=Severity.HINT,
    nodes=("await",),
    check=check,
    triggers=TASK_MAKERS.last,
    **page(__doc__),
    cards=("asyncio.create_task", "await"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main():
    return await asyncio.create_task(work())
#                ^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def work(): ...

async def main():
    return await work()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

async def main():
    await work()
    task = asyncio.create_task(work())
    await task
"""
        ),
    ),
)
