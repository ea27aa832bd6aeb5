"""A task group can start tasks only after ``async with`` has entered it.

``asyncio.TaskGroup()`` alone creates a group that is not open: ``create_task`` on it raises
``RuntimeError: TaskGroup … has not been entered``, and the coroutine never runs.
A group that is passed on, stored, or entered manually (``await group.__aenter__()``) is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import GROUP, block_of
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import uses
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import Node, field, node_at, parts_of, source_of, span_of, text_of, unwrap
from loopwise.text import Edit, Span, encode
from loopwise.writing import indent_of, moved_in, usual_step


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    if callee is None or callee.type != "attribute" or text_of(field(callee, "attribute") or node) != "create_task":
        return
    receiver = unwrap(field(callee, "object") or callee)
    if receiver.type == "call" and unit.call_in(receiver, GROUP):
        yield Finding(span_of(callee), "Task group is never entered, so create_task() raises RuntimeError")
        return
    made = _made(unit, node, receiver) if receiver.type == "identifier" else None
    if made is not None:
        name = text_of(receiver)
        message = f"Task group '{name}' is not entered with 'async with', so create_task() raises RuntimeError"
        related = (Related(span_of(made), f"'{name}' is created here"),)
        statement = unit.statement(made)
        yield Finding(span_of(callee), message, lambda: tuple(_fixes(unit, statement, made, name)), related)


def _made(unit: Unit, call: Node, receiver: Node) -> Node | None:
    """The ``asyncio.TaskGroup()`` that the name is bound to, if only ``create_task`` is called on it."""
    scope = unit.function(call)
    if scope is None:
        return None
    bindings = unit.file.table_of(scope).by_name.get(text_of(receiver), ())
    if len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN or bindings[0].value is None or bindings[0].path:
        return None
    made = node_at(unit.file.root, bindings[0].value.shifted(scope.start_byte))
    if made is None or made.type != "call" or not unit.call_in(made, GROUP):
        return None
    at = bindings[0].at.shifted(scope.start_byte)
    others = (use for use in uses(scope, text_of(receiver)) if span_of(use) != at)
    return made if all(_only_starts(use) for use in others) else None


def _only_starts(use: Node) -> bool:
    parent = use.parent
    return parent is not None and parent.type == "attribute" and text_of(parent).endswith(".create_task")


def _fixes(unit: Unit, statement: Node, made: Node, name: str) -> Iterator[Fix]:
    """Turn the assignment into the head of an ``async with`` around the rest of its block."""
    block, indent = block_of(statement), indent_of(unit.file, statement.start_byte)
    plain = unwrap(statement).type == "assignment" and text_of(statement).startswith(name)
    if block is None or indent is None or not plain or unit.runs(statement) is not ExecutionContext.ASYNC:
        return
    source = unit.file.source
    line = source.line_at(statement.end_byte)
    below = [one for one in parts_of(block) if one.start_byte > statement.start_byte and one.type != "comment"]
    if not below or source.line_at(below[0].start_byte) == line:
        return
    head = Edit(span_of(statement), encode(f"async with {source_of(made)} as {name}:"))
    lines = Span(source.starts[line + 1], block.end_byte)
    yield Fix(
        "Enter the task group with async with",
        (head, *moved_in(unit.file, lines, indent, usual_step(indent))),
        safe=False,
    )


RULE = Rule(
    code="LW313",
    name="taskgroup-not-entered",
    severity=Severity.ERROR,
    nodes=("call",),
    check=check,
    triggers=GROUP.last,
    **page(__doc__),
    cards=("asyncio.TaskGroup", "asyncio.TaskGroup.create_task"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main():
    tg = asyncio.TaskGroup()  # ours
    task = tg.create_task(work())
#          ^^^^^^^^^^^^^^
    await task
""",
            fixed=(
                """\
import asyncio

async def work(): ...

async def main():
    async with asyncio.TaskGroup() as tg:  # ours
        task = tg.create_task(work())
        await task
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

async def main():
    first = asyncio.TaskGroup()
    async with first:
        first.create_task(work())
""",
        ),
    ),
)
