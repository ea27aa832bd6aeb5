"""A loop that sleeps until something changes wakes up needlessly, and notices the change too late.

``while not ready: await asyncio.sleep(0.1)`` checks ten times a second, and still notices the change only at its next
check.  The code that changes the state can signal it: with an ``asyncio.Event`` (set it, and ``await event.wait()``),
an ``asyncio.Condition``, a future, or a queue.

Polling is right where nothing signals a change: a file, another process, another machine.
A condition that calls something is therefore not reported, unless it checks an asyncio object that can be awaited;
neither is ``while True``, nor a loop that sleeps for seconds: it keeps something alive.
The same applies to plain variables in a file with threads: a thread cannot set an ``asyncio.Event``.
A function named for polling is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import looks_only, own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, NAMES, Node, arguments_of, field, parts_of, source_of, text_of, unwrap
from loopwise.text import Span
from loopwise.writing import replace

_SLEEP = names("asyncio.sleep")
_IS_SET = names("asyncio.Event.is_set")
_DIGITS = re.compile(r"\d+(?:\.\d*)?")
_LONG = 5  # seconds
# Of 13 findings in 60 packages, 9 were flags that a thread or another thread's loop sets.
_THREADS = re.compile(rb"\bThread\s*[()]|\bThreadPoolExecutor\b|\bnew_event_loop\(|_threadsafe\(")
_DONE = names("asyncio.Task.done asyncio.Future.done")
# State that only another task can change, so polling it waits for that task.
_ASKED = names(
    "asyncio.Queue.empty asyncio.Queue.full asyncio.Lock.locked asyncio.Semaphore.locked asyncio.Condition.locked"
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is a ``while`` loop."""
    test, body = field(node, "condition"), field(node, "body")
    # ``else`` tells the end of the wait from a ``break``; no fix could keep it.
    if test is None or body is None or field(node, "alternative") is not None:
        return
    sleep = _only_call(body)
    if (
        sleep is None
        or not unit.call_in(sleep, _SLEEP)
        or _is_long(sleep)
        or not unit.on_loop(node)
        or not _only_looks(test, unit)
        or _is_set_by_thread(test, unit)
        or _is_said(unit, node)
    ):
        return
    yield Finding(
        Span(node.start_byte, test.end_byte),
        "Loop polls in short sleeps; wait for the change with an Event, Condition, or future",
        lambda: tuple(_fixes(unit, node, unwrap(test))),
    )


def _only_call(body: Node) -> Node | None:
    """The call in ``await f(…)``, if a block contains nothing else."""
    statements = [child for child in parts_of(body) if child.type not in {"comment", "pass_statement"}]
    if len(statements) != 1 or statements[0].type != "expression_statement":
        return None
    awaited = unwrap(statements[0])
    call = unwrap(parts_of(awaited)[0]) if awaited.type == "await" and parts_of(awaited) else None
    return call if call is not None and call.type == "call" else None


def _is_long(sleep: Node) -> bool:
    """Is the pause so long that the loop does not wait for a change, but keeps something alive?"""
    positional, keywords, _ = arguments_of(sleep)
    delay = next(iter((*positional, *keywords.values())), None)
    return delay is not None and _DIGITS.fullmatch(text_of(delay)) is not None and float(text_of(delay)) >= _LONG


def _only_looks(test: Node, unit: Unit) -> bool:
    if not looks_only(test) or not any(True for _ in own(test, NAMES)):
        return False
    asked = (_IS_SET, _DONE, _ASKED)
    return all(any(unit.call_in(call, wanted) for wanted in asked) for call in own(test, CALLS))


def _is_set_by_thread(test: Node, unit: Unit) -> bool:
    """Does it only read variables, in a file whose threads or second loops may be what sets them?"""
    return _THREADS.search(unit.file.source.data) is not None and not any(True for _ in own(test, CALLS))


def _is_said(unit: Unit, loop: Node) -> bool:
    """Is the function named for polling, because what it polls is elsewhere?"""
    function = unit.function(loop)
    name = field(function, "name") if function is not None else None
    return name is not None and "poll" in text_of(name).lower()


def _fixes(unit: Unit, loop: Node, test: Node) -> Iterator[Fix]:
    inner = field(test, "argument") if test.type == "not_operator" else None
    call = unwrap(inner) if inner is not None else None
    callee = field(call, "function") if call is not None and call.type == "call" else None
    asked = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if call is None or asked is None:
        return
    if unit.call_in(call, _IS_SET):
        yield Fix(
            "Wait for the event", (replace(loop, f"await {source_of(asked)}.wait()"),), safe=not _has_comment(loop)
        )
    elif unit.call_in(call, _DONE):
        written = unit.imported(loop, "asyncio", "wait")
        text = f"await {written.text}([{source_of(asked)}])"
        yield Fix("Wait until the task is done", (*written.edits, replace(loop, text)), safe=not _has_comment(loop))


def _has_comment(loop: Node) -> bool:
    return any(True for _ in own(loop, frozenset({"comment"})))


RULE = Rule(
    code="LW308",
    name="busy-wait",
    severity=Severity.HINT,
    nodes=("while_statement",),
    check=check,
    triggers=_SLEEP.last,
    **page(__doc__),
    peers=("ASYNC110", "S7484"),
    cards=("asyncio.Event", "asyncio.sleep"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(stop: asyncio.Event):
    while not stop.is_set():
#   ^^^^^^^^^^^^^^^^^^^^^^^
        await asyncio.sleep(0.1)
""",
            fixed=(
                """\
import asyncio

async def main(stop: asyncio.Event):
    await stop.wait()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def main(work):
    task = asyncio.create_task(work())
    while not task.done():
#   ^^^^^^^^^^^^^^^^^^^^^
        await asyncio.sleep(0)
""",
            fixed=(
                """\
import asyncio

async def main(work):
    task = asyncio.create_task(work())
    await asyncio.wait([task])
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def others(path):
    while not path.exists():
        await asyncio.sleep(1)
""",
        ),
    ),
)
