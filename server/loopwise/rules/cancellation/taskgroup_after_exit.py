"""A task group that has finished accepts no more tasks.

``async with asyncio.TaskGroup()`` ends when its block has run and all its tasks are done; ``create_task`` on it then
raises ``RuntimeError: TaskGroup … is finished``, and the coroutine never runs.
Start the task inside the block, or open another group.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import group_of
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import WITHS, Node, field, nodes_of, span_of, text_of
from loopwise.text import Span

_CREATE = names("asyncio.TaskGroup.create_task")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    receiver = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if callee is None or receiver is None or receiver.type != "identifier" or not unit.call_in(node, _CREATE):
        return
    function, name = unit.function(node), text_of(receiver)
    block = _ended_before(unit, function or unit.file.root, node, name)
    if block is None:
        return
    head = Span(block.start_byte, block.start_byte + len(b"async with"))
    yield Finding(
        span_of(callee),
        f"Task group '{name}' has finished, so create_task() raises RuntimeError",
        related=(Related(head, f"'{name}' is active in this block"),),
    )


def _ended_before(unit: Unit, scope: Node, use: Node, name: str) -> Node | None:
    """The last block that binds the name to a group, if all bindings do so and the use comes after them."""
    bindings = unit.file.table_of(scope).by_name.get(name, ())
    # Another binding may hold a group that is still active.
    if not bindings or any(binding.kind is not Kind.WITH for binding in bindings):
        return None
    places = {binding.at.shifted(scope.start_byte) for binding in bindings}
    groups = unit.per_edit.get(("groups", scope.id), lambda: _groups(unit, scope))
    blocks = [groups[place] for place in sorted(places) if place in groups]
    if len(blocks) != len(places) or any(block.end_byte > use.start_byte for block in blocks):
        return None
    return blocks[-1]


def _groups(unit: Unit, scope: Node) -> dict[Span, Node]:
    """The blocks of task groups, by the span of the name that they bind."""
    found = {}
    for statement in nodes_of(scope, WITHS):
        group = group_of(unit, statement)
        if group is not None and group[0].target is not None:
            found[span_of(group[0].target)] = statement
    return found


RULE = Rule(
    code="LW312",
    name="taskgroup-after-exit",
    severity=Severity.ERROR,
    nodes=("call",),
    check=check,
    triggers=frozenset({"TaskGroup"}),
    **page(__doc__),
    cards=("asyncio.TaskGroup", "asyncio.TaskGroup.create_task"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work())
        again = tg.create_task(work())
    tg.create_task(work())
#   ^^^^^^^^^^^^^^
    return again
""",
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        for _ in range(3):
            tg.create_task(work())
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work())
        tg.create_task(work())
""",
        ),
    ),
)
