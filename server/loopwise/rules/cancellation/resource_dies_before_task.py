"""A resource opened by a ``with`` is closed before the task that uses it has started.

A task group waits for its tasks at the end of *its* block.
A ``with`` inside that block, or after the group in the same ``with``, ends earlier: a task that was given the file,
session or connection finds it closed.
Open it outside the group, or inside the task.
If something is awaited between the start of the task and the end of the ``with``, the task may be done by then, and
nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import Item, groups_around, is_group, is_timeout, items, started
from loopwise.analysis.flow import waits
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import IDENTIFIERS, LOOPS, Node, arguments_of, field, nodes_of, span_of, spread_of, text_of, unwrap

# Context managers that hold nothing which a task could miss.
_HARMLESS = frozenset("suppress nullcontext raises warns patch object catch_warnings assertRaises timeit".split())


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    if callee is None or callee.type != "attribute" or not text_of(callee).endswith(".create_task"):
        return
    group = text_of(field(callee, "object") or callee)
    coro = started(node, group)
    if coro is None or coro.type != "call":
        return
    given = {text_of(name): name for name in _given(coro)}
    if not given:
        return
    outer = next((block for block, _, reached in groups_around(unit, node) if reached == group), None)
    for item, body in _resources(unit, node, outer) if outer is not None else ():
        for name in _names(item):
            if name in given and not _may_be_done(unit, node, body):
                yield Finding(
                    span_of(given[name]),
                    f"Resource '{name}' is closed before the task finishes; open it outside the block of '{group}'",
                    related=(Related(span_of(item.node), f"'{name}' is opened here"),),
                )


def _given(coro: Node) -> Iterator[Node]:
    """The names passed to a coroutine as its receiver or arguments."""
    positional, keywords, _ = arguments_of(coro)
    callee = field(coro, "function")
    held = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    for one in (*positional, *keywords.values(), *spread_of(coro), *((held,) if held is not None else ())):
        if unwrap(one).type == "identifier":
            yield unwrap(one)


def _resources(unit: Unit, call: Node, outer: Node) -> Iterator[tuple[Item, Node]]:
    """The resources opened within the group's block around the call, with the blocks in which they are open."""
    for around in unit.around(call):
        body = field(around, "body")
        if around.type == "with_statement" and body is not None and body.start_byte <= call.start_byte:
            entered = items(around)
            if around == outer:
                first = next(i for i, item in enumerate(entered) if is_group(unit, item.value))
                # Items before the group are closed after it, so its tasks have finished.
                entered = entered[first + 1 :]
            yield from ((item, body) for item in entered if _is_resource(unit, item))
        if around == outer:
            return


def _is_resource(unit: Unit, item: Item) -> bool:
    if item.target is None or is_group(unit, item.value) or is_timeout(unit, item.value):
        return False
    callee = field(item.value, "function")
    return callee is None or text_of(callee).rpartition(".")[2] not in _HARMLESS


def _names(item: Item) -> list[str]:
    target = item.target
    if target is None or target.type in {"attribute", "subscript"}:
        return []
    return [text_of(name) for name in nodes_of(target, IDENTIFIERS)]


def _may_be_done(unit: Unit, call: Node, body: Node) -> bool:
    """Does the block await anything after the task is started?"""
    loops = [outer for outer in unit.around(call) if outer.type in LOOPS and outer.start_byte >= body.start_byte]
    # In a loop, an await above the call also runs after it.
    start = loops[-1].start_byte if loops else call.end_byte
    return any(wait.end_byte >= start for wait in waits(body))


RULE = Rule(
    code="LW315",
    name="resource-dies-before-task",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=frozenset({"create_task"}),
    **page(__doc__),
    peers=("ASYNC111",),
    cards=("asyncio.TaskGroup", "asyncio.TaskGroup.create_task"),
    examples=(
        Example(
            bad="""\
import asyncio

async def send(file, number): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        with open("data") as file:
            for number in range(3):
                tg.create_task(send(file, number), name="send")
#                                   ^^^^
        print("all started")
""",
        ),
        Example(
            good="""\
import asyncio

async def send(file, number=0): ...

async def main(connect):
    with connect() as file:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(send(file))
            tg.create_task(send(file, 1))
""",
        ),
    ),
)
