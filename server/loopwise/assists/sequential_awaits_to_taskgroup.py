"""Calls that are awaited one after the other run side by side, as tasks of a group.

It is for calls that do not need each other: what one gives, or does, must not matter to the next.
That no result of one is used by the next is checked; what they do to the world is not.
Select the statements, or put the cursor on one of a row of assignments like ``user = await get_user()``.

The errors come out as a group of exceptions: an ``except ValueError`` around them becomes ``except* ValueError``.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import Lines, for_groups, joined, lines_of, numbered, selected, too_old, wrapped
from loopwise.rules.fixes import local_name
from loopwise.semantics.infer import Unknown, each
from loopwise.syntax import Node, field, nodes_of, text_of, unwrap
from loopwise.text import Edit, Span, encode
from loopwise.writing import insert

_TITLE = "Run them side by side, in a task group"
_NAMES = frozenset({"identifier"})
# What is awaited one after the other on purpose.
_IN_ORDER = frozenset(
    "sleep put get send send_json send_text send_bytes write drain acquire wait wait_for join anext gather connect"
    " close wait_closed begin commit rollback".split()
)


class _Step(msgspec.Struct, frozen=True):
    """``left = await call``, or ``await call``."""

    statement: Node
    wait: Node
    call: Node
    left: Node | None

    def binds(self) -> frozenset[str]:
        """The names that it gives values to, and of what it sets attributes and items."""
        return _names(self.left) if self.left is not None else frozenset()


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statements = selected(unit, span)
    if not statements or unit.runs(statements[0]) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    if span.start == span.end:
        steps = _row(unit, statements[0])
    else:
        found = [_step(unit, statement) for statement in statements]
        steps = [step for step in found if step is not None] if None not in found else []
    if len(steps) < 2 or not all(_gives_coroutine(unit, step) for step in steps):
        return
    lines = lines_of(unit, [step.statement for step in steps])
    handlers = for_groups(unit, steps[0].statement)
    refused = too_old(unit, "TaskGroup") or _refused(steps) or handlers.refused
    if refused or lines is None or any(lines_of(unit, [step.statement]) is None for step in steps):
        yield Fix(_TITLE, (), safe=False, refused=refused or "they share a line with other code")
    else:
        yield _fix(unit, steps, lines, handlers.edits)


def _step(unit: Unit, statement: Node) -> _Step | None:
    if statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    value, left = statement.named_children[0], None
    if value.type == "assignment":
        left, value = field(value, "left"), field(value, "right") or value
    wait = unwrap(value)
    call = unwrap(wait.named_children[0]) if wait.type == "await" and wait.named_children else None
    if call is None or call.type != "call" or len(list(waits(statement))) != 1:
        return None
    return _Step(statement, wait, call, left)


def _gives_coroutine(unit: Unit, step: _Step) -> bool:
    """Is it one, for all that is known?"""
    made = unit.value(step.call)
    return unit.is_coroutine(made) or all(isinstance(member, Unknown) for member in each(made))


def _row(unit: Unit, statement: Node) -> list[_Step]:
    """The longest row around a statement of assignments to plain names that do not need each other."""
    first = _plain_step(unit, statement)
    if first is None:
        return []
    row = [first]
    for step in _beside(unit, statement, "prev_named_sibling"):
        if _refused([step, *row]):
            break
        row = [step, *row]
    for step in _beside(unit, statement, "next_named_sibling"):
        if _refused([*row, step]):
            break
        row = [*row, step]
    return row


def _beside(unit: Unit, statement: Node, where: str) -> Iterator[_Step]:
    other: Node | None = getattr(statement, where)
    while other is not None and other.type == "comment":
        other = getattr(other, where)
    step = _plain_step(unit, other) if other is not None else None
    if other is not None and step is not None:
        yield step
        yield from _beside(unit, other, where)


def _plain_step(unit: Unit, statement: Node) -> _Step | None:
    """One whose result has a name, of a call for which order is not known to matter."""
    step = _step(unit, statement)
    if step is None or step.left is None or callee_word(step.call, unit.aliases) in _IN_ORDER:
        return None
    is_plain = step.left.type in {"identifier", "pattern_list", "tuple_pattern"}
    return step if is_plain and not any(c.type in {"attribute", "subscript"} for c in step.left.children) else None


def _refused(steps: list[_Step]) -> str:
    """Why the steps cannot run side by side."""
    bound: set[str] = set()
    for step in steps:
        used = next(iter(sorted(bound & (_names(step.call) | step.binds()))), None)
        if used is not None:
            return f"one of them needs {used}, which another one gives"
        bound |= step.binds()
    return ""


def _names(node: Node) -> frozenset[str]:
    return frozenset(text_of(name) for name in nodes_of(node, _NAMES))


def _fix(unit: Unit, steps: list[_Step], lines: Lines, handlers: tuple[Edit, ...]) -> Fix:
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
    return Fix(_TITLE, joined([*written.edits, *handlers, *block, *below]), safe=False, holes=tuple(holes))


def _value_start(step: _Step) -> int:
    """Where the value that is assigned begins, its brackets included."""
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

async def main(api, name):
    user = await api.user(name)
    # and what else there is
    posts: list[str] = await api.posts(  # all of them
        name,
    )  # so far
    a, b = (await api.pair(2))$0

    page = await api.page(user)
""",
            after=(
                """\
import asyncio

async def main(api, name):
    async with asyncio.TaskGroup() as tg:
        t1 = tg.create_task(api.user(name))
        # and what else there is
        t2 = tg.create_task(api.posts(  # all of them
            name,
        ))  # so far
        t3 = tg.create_task(api.pair(2))
    user = t1.result()
    posts: list[str] = t2.result()
    a, b = t3.result()

    page = await api.page(user)
""",
            ),
        ),
        Example(
            before="""\
from asyncio import sleep

async def main(tg):
    try:
        $0await sleep(1)
        await sleep(2)$0
    except OSError:
        pass
""",
            after=(
                """\
from asyncio import TaskGroup, sleep

async def main(tg):
    try:
        async with TaskGroup() as group:
            group.create_task(sleep(1))
            group.create_task(sleep(2))
    except* OSError:
        pass
""",
            ),
        ),
        Example(
            before="""\
async def main(api):
    $0user = await api.user()
    page = await api.page(user)$0
""",
            refused="needs user",
        ),
        Example(
            before="""\
async def main(api):
    user = await api.user()$0
    page = await api.page()
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
