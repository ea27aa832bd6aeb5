"""A task created inside a task group's block, but not with the group, is not managed by it.

In the block of ``async with asyncio.TaskGroup() as tg``, a task of ``asyncio.create_task`` is not waited for, is not
cancelled when another one fails, and its exception is not raised.
``tg.create_task`` does all that.
A task that intentionally outlives the block (stored in an attribute, returned) is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import groups_around
from loopwise.analysis.known_names import TASK_MAKERS
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, field, span_of, text_of
from loopwise.text import Edit, Span
from loopwise.writing import replace

# TaskGroup.create_task() accepts these keywords as well.
_TAKEN = frozenset({"name", "context", "eager_start"})
_COLLECTS = frozenset({"append", "add"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    if callee is None or not _stays(node) or not unit.call_in(node, TASK_MAKERS):
        return
    positional, keywords, starred = arguments_of(node)
    if starred or len(positional) != 1 or not keywords.keys() <= _TAKEN:
        return
    found = next(groups_around(unit, node), None)
    # A group takes coroutines only, while ensure_future() accepts any awaitable.
    if found is None or (text_of(callee).endswith("ensure_future") and not unit.gives_coroutine(positional[0])):
        return
    block, _, group = found
    head = Span(block.start_byte, block.start_byte + len(b"async with"))
    yield Finding(
        span_of(callee),
        f"Task is not in group '{group}', which neither waits for it nor cancels it",
        lambda: (Fix(f"Start the task with {group}.create_task()", _written(callee, group), safe=False),),
        related=(Related(head, f"Block of '{group}'"),),
    )


def _written(callee: Node, group: str) -> tuple[Edit, ...]:
    return (replace(callee, f"{group}.create_task"),)


def _stays(call: Node) -> bool:
    """Is the task discarded, or kept in a local name or list, with no sign that it is meant to outlive the group?"""
    outer = call.parent
    if outer is None or outer.type == "expression_statement":
        return outer is not None
    if outer.type == "assignment":
        target = field(outer, "left")
        return target is not None and target.type == "identifier"
    if outer.type == "argument_list" and outer.parent is not None:
        collects = field(outer.parent, "function")
        name = field(collects, "attribute") if collects is not None else None
        held = field(collects, "object") if collects is not None else None
        return name is not None and text_of(name) in _COLLECTS and held is not None and held.type == "identifier"
    return outer.type == "list_comprehension"


RULE = Rule(
    code="LW314",
    name="create-task-in-taskgroup",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=TASK_MAKERS.last,
    **page(__doc__),
    cards=("asyncio.TaskGroup", "asyncio.TaskGroup.create_task", "asyncio.create_task"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work())
        task = asyncio.create_task(work(), name="second")
#              ^^^^^^^^^^^^^^^^^^^
    return task
""",
            fixed=(
                """\
import asyncio

async def work(): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work())
        task = tg.create_task(work(), name="second")
    return task
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

class Server:
    async def serve(self):
        async with asyncio.TaskGroup() as tg:
            self.task = asyncio.create_task(work())
            tg.create_task(work())
""",
        ),
    ),
)
