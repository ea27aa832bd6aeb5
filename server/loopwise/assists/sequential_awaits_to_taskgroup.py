"""Calls that are awaited one after the other run side by side, as tasks of a group.

It is for calls that do not need each other: what one returns, or does, must not matter to the next.
Refused are calls of which one uses the result of another, two on one receiver (a stream, a connection, a session that
is not known to allow it), functions of the project that are seen to change what outlives them, calls that are awaited
for their effect (``sleep``, ``close``; without a result, whatever cannot be seen), and calls whose results a handler
reads when another one fails.
What functions of libraries do to the world cannot be seen.

Select the statements, or put the cursor on one of a row of assignments like ``user = await get_user()``: there only
calls that give coroutines for sure are taken.

The errors come out as a group of exceptions: an ``except ValueError`` around them becomes ``except* ValueError``.
Context variables that a call sets are its task's.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import functions_of
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import (
    Lines,
    Step,
    for_groups,
    gives_coroutine,
    joined,
    lines_of,
    lost_names,
    needed,
    noted,
    numbered,
    selected,
    step_of,
    too_old,
    wrapped,
)
from loopwise.rules.fixes import local_name
from loopwise.syntax import Node, field
from loopwise.text import Edit, Span, encode
from loopwise.writing import insert

_TITLE = "Run concurrently"
_SURE = noted(_TITLE, "errors come as a group")
_UNSURE = noted(_TITLE, "grouped errors", "if coroutines")
# What is awaited one after the other on purpose.
_IN_ORDER = frozenset(
    "sleep put get send send_json send_text send_bytes write drain acquire wait join anext gather connect"
    " close wait_closed begin commit rollback".split()
)


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statements = selected(unit, span)
    if not statements or unit.runs(statements[0]) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    if span.start == span.end:
        steps = _row(unit, statements[0])
    else:
        found = [step_of(statement) for statement in statements]
        steps = [step for step in found if step is not None] if None not in found else []
    if len(steps) < 2 or not all(gives_coroutine(unit, step, surely=False) for step in steps):
        return
    lines = lines_of(unit, [step.statement for step in steps])
    handlers = for_groups(unit, steps[0].statement)
    refused = too_old(unit, "TaskGroup") or needed(unit, steps) or _lost(unit, steps) or handlers.refused
    if refused or lines is None or any(lines_of(unit, [step.statement]) is None for step in steps):
        yield Fix(_TITLE, (), safe=False, refused=refused or "The statements share a line with other code")
    else:
        yield _fix(unit, steps, lines, handlers.edits)


def _lost(unit: Unit, steps: list[Step]) -> str:
    return lost_names(unit, steps[0].statement, [target for step in steps for target in step.targets])


def _row(unit: Unit, statement: Node) -> list[Step]:
    """The longest run of assignments to plain names around a statement that do not depend on each other."""
    first = _plain_step(unit, statement)
    if first is None:
        return []
    row = [first]
    for step in _beside(unit, statement, "prev_named_sibling"):
        if needed(unit, [step, *row]):
            break
        row = [step, *row]
    for step in _beside(unit, statement, "next_named_sibling"):
        if needed(unit, [*row, step]):
            break
        row = [*row, step]
    return row


def _beside(unit: Unit, statement: Node, where: str) -> Iterator[Step]:
    other: Node | None = getattr(statement, where)
    while other is not None and other.type == "comment":
        other = getattr(other, where)
    step = _plain_step(unit, other) if other is not None else None
    if other is not None and step is not None:
        yield step
        yield from _beside(unit, other, where)


def _plain_step(unit: Unit, statement: Node) -> Step | None:
    """A step that binds its result to a name, and whose order is not known to matter."""
    step = step_of(statement)
    if step is None or step.left is None or not gives_coroutine(unit, step, surely=True):
        return None
    if callee_word(step.inner, unit.aliases) in _IN_ORDER and not functions_of(unit, step.inner):
        return None
    return step if all(one.type == "identifier" for one in step.targets) else None


def _fix(unit: Unit, steps: list[Step], lines: Lines, handlers: tuple[Edit, ...]) -> Fix:
    group = local_name(unit, steps[0].call, "tg", "group")
    fresh = iter(numbered(unit, steps[0].call, len(steps)))
    edits, results, holes = [], [], [group]
    for step in steps:
        start, end = f"{group}.create_task(", Span(step.call.end_byte, step.statement.end_byte)
        if step.left is not None:
            name = next(fresh)
            left = unit.file.source.data[step.statement.start_byte : _value_start(step)].decode()
            results.append(f"{lines.newline}{lines.indent}{left}{name}.result()")
            start = f"{name} = {start}"
            holes.append(name)
        edits += [Edit(Span(step.statement.start_byte, step.call.start_byte), encode(start)), Edit(end, b")")]
    written = unit.imported(steps[0].call, "asyncio", "TaskGroup")
    block = wrapped(unit, lines, f"async with {written.text}() as {group}", edits)
    below = [insert(lines.after, "".join(results))] if results else []
    title = _SURE if all(gives_coroutine(unit, step, surely=True) for step in steps) else _UNSURE
    return Fix(title, joined([*written.edits, *handlers, *block, *below]), safe=False, holes=tuple(holes))


def _value_start(step: Step) -> int:
    """Start offset of the assigned value, including its parentheses."""
    assignment = step.statement.named_children[0]
    return (field(assignment, "right") or step.wait).start_byte


ASSIST = Assist(
    name="sequential-awaits-to-taskgroup",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

async def get_user(name): ...

async def get_posts(name) -> list[str]: ...

async def main(name):
    user = await get_user(name)
    # and what else there is
    posts: list[str] = await get_posts(  # all of them
        name,
    )  # so far
    a, b = (await get_posts("x"))$0

    page = await get_posts(user)
""",
            after=(
                """\
import asyncio

async def get_user(name): ...

async def get_posts(name) -> list[str]: ...

async def main(name):
    async with asyncio.TaskGroup() as tg:
        t1 = tg.create_task(get_user(name))
        # and what else there is
        t2 = tg.create_task(get_posts(  # all of them
            name,
        ))  # so far
        t3 = tg.create_task(get_posts("x"))
    user = t1.result()
    posts: list[str] = t2.result()
    a, b = t3.result()

    page = await get_posts(user)
""",
            ),
        ),
        Example(
            before="""\
from asyncio import sleep

async def step(seconds):
    await sleep(seconds)

async def main(tg):
    try:
        $0await step(1)
        await step(2)$0
    except OSError:
        pass
""",
            after=(
                """\
from asyncio import TaskGroup, sleep

async def step(seconds):
    await sleep(seconds)

async def main(tg):
    try:
        async with TaskGroup() as group:
            group.create_task(step(1))
            group.create_task(step(2))
    except* OSError:
        pass
""",
            ),
        ),
        Example(
            before="""\
async def main(users, pages):
    $0user = await users.get()
    page = await pages.get(user)$0
""",
            refused="needs user",
        ),
        Example(
            before="""\
async def main(api):
    $0user = await api.user()
    page = await api.page()$0
""",
            refused="Both calls use api",
        ),
        Example(
            before="""\
async def user(): ...

async def main():
    one = await user()$0
    other = await user()
""",
            refused="Python 3.11",
            target="3.10-3.14",
        ),
        Example(
            before="""\
async def main(api):
    user = await api.user()$0
    page = await api.page(user)
    await api.send(1)
    await api.send(2)
"""
        ),
    ),
)
