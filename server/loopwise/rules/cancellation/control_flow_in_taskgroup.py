"""Leaving a task group's block waits for its tasks; it does not cancel them.

``return``, ``break`` and ``continue`` out of ``async with asyncio.TaskGroup()`` take effect only when every task that
was started is done, and a task that fails turns them into an ``ExceptionGroup``.
To stop immediately, cancel the tasks first or raise.
A ``return`` at the end of the block, and one before any task is started, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import group_of
from loopwise.analysis.flow import own, uses
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, JUMPS_WITHOUT_RAISE, LOOPS, Node, field, nodes_of, parts_of, text_of
from loopwise.text import Span


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body, found = field(node, "body"), None
    leaving = list(own(body, JUMPS_WITHOUT_RAISE)) if body is not None else []
    if body is None or not leaving:
        return
    for leave in leaving:
        # At the end of the block a jump changes nothing: the group waits there anyway.
        if leave == _last(body) or not _leaves(unit, leave, node):
            continue
        found = found or group_of(unit, node)
        if found is None:
            return
        _, group = found
        if _has_tasks(unit, body, leave, group):
            word = leave.type.partition("_")[0]
            head = Span(node.start_byte, node.start_byte + len(b"async with"))
            yield Finding(
                Span(leave.start_byte, leave.start_byte + len(word)),
                f"Statement '{word}' waits for all tasks in '{group}'; it does not cancel them",
                related=(Related(head, f"Block of '{group}'"),),
            )


def _last(body: Node) -> Node | None:
    statements = [child for child in parts_of(body) if child.type != "comment"]
    return statements[-1] if statements else None


def _leaves(unit: Unit, leave: Node, block: Node) -> bool:
    """Does a jump leave the block, because no loop inside it catches it?"""
    if leave.type == "return_statement":
        return True
    return all(outer.type not in LOOPS for outer in _between(unit, leave, block))


def _between(unit: Unit, node: Node, block: Node) -> Iterator[Node]:
    for outer in unit.around(node):
        if outer == block:
            return
        yield outer


def _has_tasks(unit: Unit, body: Node, leave: Node, group: str) -> bool:
    """Can there be running tasks that are not cancelled when the jump is made?"""
    loops = [outer for outer in _between(unit, leave, body) if outer.type in LOOPS]
    # In a loop, code below the jump may have run in an earlier iteration.
    end = loops[-1].end_byte if loops else leave.start_byte
    calls = [call for call in nodes_of(body, CALLS) if call.start_byte < end]
    names = [text_of(field(call, "function") or call).rpartition(".")[2] for call in calls]
    # The block cancels its tasks itself.
    if any("cancel" in name for name in names):
        return False
    if f"{group}.create_task" in {text_of(field(call, "function") or call) for call in calls}:
        return True
    passed = (use for use in uses(body, group) if use.start_byte < end and use.parent is not None)
    return any(use.parent.type in {"argument_list", "keyword_argument"} for use in passed if use.parent is not None)


RULE = Rule(
    code="LW310",
    name="control-flow-in-taskgroup",
    severity=Severity.HINT,
    nodes=("with_statement",),
    check=check,
    triggers=frozenset({"TaskGroup"}),
    **page(__doc__),
    peers=("ASYNC121", "S7514"),
    cards=("asyncio.TaskGroup",),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(work, queue):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work())
        if queue.empty():
            return None
#           ^^^^^^
        tg.create_task(work())
    return 1
""",
        ),
        Example(
            good="""\
import asyncio

async def work(one): ...

async def stops(ones):
    async with asyncio.TaskGroup() as tg:
        task = tg.create_task(work(1))
        tg.create_task(work(2))
        if ones:
            task.cancel()
            return
        tg.create_task(work(3))
""",
        ),
    ),
)
