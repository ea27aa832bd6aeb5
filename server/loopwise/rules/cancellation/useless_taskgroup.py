"""A task group with a single task does no more than an ``await``.

The block only starts one task and waits for it: awaiting the coroutine does the same, and raises its exception
directly, not in an ``ExceptionGroup``.
A group that is passed to its task, which may start others, is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import group_of, items, sole_statement, started
from loopwise.analysis.flow import uses
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import PRIMARIES, Node, arguments_of, field, parts_of, span_of, text_of, unwrap
from loopwise.text import Edit, Span, encode
from loopwise.writing import unwrapped


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    statement = sole_statement(field(node, "body"))
    if statement is None or statement.type != "expression_statement":
        return
    inner = unwrap(statement)
    target = field(inner, "left") if inner.type == "assignment" else None
    call = unwrap(field(inner, "right") or inner) if inner.type == "assignment" else inner
    if call.type == "await" and parts_of(call):
        call = unwrap(parts_of(call)[0])
    if call.type != "call" or (target is not None and target.type != "identifier"):
        return
    found = group_of(unit, node)
    coro = started(call, found[1]) if found is not None else None
    if found is None or coro is None or found[0].value.type != "call":
        return
    # The coroutine gets the group and may start further tasks in it.
    if any(True for _ in uses(coro, found[1])):
        return
    yield Finding(
        span_of(found[0].value),
        f"Task group '{found[1]}' has a single task; awaiting the coroutine does the same",
        lambda: (_fix(unit, node, inner, call, coro),),
    )


def _fix(unit: Unit, statement: Node, inner: Node, call: Node, coro: Node) -> Fix:
    title = "Await the coroutine instead"
    # Without ``await`` the name holds the task.
    if inner.type == "assignment" and field(inner, "right") == call:
        name = text_of(field(inner, "left") or inner)
        return Fix(title, (), refused=f"'{name}' is a task and may be used as one")
    if len(items(statement)) > 1:
        return Fix(title, (), refused="The same 'async with' enters another context manager")
    if "context" in arguments_of(call)[1]:
        return Fix(title, (), refused="The task runs in its own context")
    outer = unwrapped(unit.file, statement)
    if not outer:
        return Fix(title, (), refused="The block cannot be dedented as written")
    awaited = call.parent is not None and call.parent.type == "await"
    opening, closing = ("", "") if coro.type in PRIMARIES else ("(", ")")
    head = Edit(Span(call.start_byte, coro.start_byte), encode(("" if awaited else "await ") + opening))
    tail = Edit(Span(coro.end_byte, call.end_byte), encode(closing))
    kept = (e for e in outer if not _within(e.span, head.span) and not _within(e.span, tail.span))
    return Fix(title, (*kept, head, tail), safe=False)


def _within(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


RULE = Rule(
    code="LW311",
    name="useless-taskgroup",
    severity=Severity.HINT,
    nodes=("with_statement",),
    check=check,
    triggers=frozenset({"create_task"}),
    **page(__doc__),
    peers=("ASYNC112", "S7513"),
    cards=("asyncio.TaskGroup",),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(number): ...

async def main():
    async with asyncio.TaskGroup() as tg:  # wait
#              ^^^^^^^^^^^^^^^^^^^
        # for it
        tg.create_task(
            work(
                1
            ),
            name="one",
        )
    print("done")
""",
            fixed=(
                """\
import asyncio

async def work(number): ...

async def main():
    # wait
    # for it
    await work(
            1
        )
    print("done")
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(number, tg=None): ...

async def main():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work(1, tg))
""",
        ),
    ),
)
