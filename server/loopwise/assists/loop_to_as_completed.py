"""A loop that awaits one task after the other takes them as they complete: ``asyncio.as_completed()``.

The first result is there when the quickest is done, not when the first in the list is; their order is not that of the
list any more.
When the function is cancelled, or its time is up, the tasks run on; the loop before cancelled the one that it awaited.

A plain ``for`` yields other awaitables than your tasks, each for the next result.
It is refused where it cannot be seen that the list holds tasks (coroutines would run side by side), where it changes
meanwhile, where not every round awaits its task, and where the loop appends or counts.
Where the loop does more with a task than await it, ``async for`` is needed, which yields the tasks themselves: from
Python 3.13 on.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import uses
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import innermost, is_read_after, joined, noted, order_matters, statement_at
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import Node, field, is_async, source_of, unwrap
from loopwise.text import Span
from loopwise.writing import insert

_TITLE = "Take results as they complete"
_OFFERED = noted("Use as_completed()", "new order", "cancels no task")
_HELD = frozenset({"identifier", "attribute", "list", "list_comprehension", "subscript"})
# Since 3.13 ``async for`` over as_completed() yields the original tasks (gh-77714).
_OWN_TASKS = (3, 13)


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    loop = _loop(unit, span)
    left, right, body = (field(loop, name) for name in ("left", "right", "body")) if loop is not None else (None,) * 3
    if loop is None or left is None or right is None or body is None or is_async(loop):
        return
    if left.type != "identifier" or right.type not in _HELD:
        return
    if unit.runs(loop) not in {ExecutionContext.ASYNC, ExecutionContext.CELL} or _is_no_list(unit, right):
        return
    used = list(uses(body, source_of(left)))
    awaited = [use for use in used if unit.is_awaited(use) and unit.runs(use) is unit.runs(loop)]
    if not awaited or any(_is_bound(use) for use in used):
        return
    refused = order_matters(unit, loop, right, used, awaited)
    if refused:
        yield Fix(_TITLE, (), safe=False, refused=refused)
    else:
        yield _fix(unit, loop, right, is_only=len(used) == 1 and not is_read_after(unit, loop, source_of(left)))


def _loop(unit: Unit, span: Span) -> Node | None:
    """The loop whose head contains the cursor, or that awaits its own items at the cursor."""
    statement = statement_at(unit, span)
    if statement is not None and statement.type == "for_statement":
        return statement
    wait = innermost(unit, span, "await")
    value = unwrap(wait.named_children[0]) if wait is not None and wait.named_children else None
    if value is None or value.type != "identifier":
        return None
    for outer in unit.around(value):
        left = field(outer, "left") if outer.type == "for_statement" else None
        if left is not None and source_of(left) == source_of(value):
            return outer
    return None


def _is_bound(use: Node) -> bool:
    outer = use.parent
    return outer is not None and outer.type == "assignment" and field(outer, "left") == use


def _is_no_list(unit: Unit, right: Node) -> bool:
    """Is the value known to contain something other than awaitables, or to be an ``as_completed()`` already?"""
    members = each(unit.value(right))
    return any(isinstance(m, Instance) and m.cls.fullname in {"builtins.dict", "builtins.str"} for m in members)


def _fix(unit: Unit, loop: Node, right: Node, *, is_only: bool) -> Fix:
    if not is_only and unit.target.floor < _OWN_TASKS:
        why = "The loop does more than await each task, and as_completed() yields the tasks only since Python 3.13"
        return Fix(_TITLE, (), safe=False, refused=why)
    written = unit.imported(loop, "asyncio", "as_completed")
    start = () if is_only else (insert(loop.start_byte, "async "),)
    edits = insert(right.start_byte, f"{written.text}("), insert(right.end_byte, ")")
    return Fix(_OFFERED, joined([*written.edits, *start, *edits]), safe=False)


ASSIST = Assist(
    name="loop-to-as-completed",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

async def main(tasks: list[asyncio.Task]):
    for$0 task in tasks:
        page = await task
        print(page)
""",
            after=(
                """\
import asyncio

async def main(tasks: list[asyncio.Task]):
    for task in asyncio.as_completed(tasks):
        page = await task
        print(page)
""",
            ),
        ),
        Example(
            before="""\
from asyncio import create_task

async def main(fetch, urls):
    for task in [create_task(fetch(url)) for url in urls]:
        try:
            print(await task$0, task.get_name())
        except OSError:
            pass
""",
            after=(
                """\
from asyncio import as_completed, create_task

async def main(fetch, urls):
    async for task in as_completed([create_task(fetch(url)) for url in urls]):
        try:
            print(await task, task.get_name())
        except OSError:
            pass
""",
            ),
            target="3.13-3.14",
        ),
        Example(
            before="""\
import asyncio

async def main(tasks: set[asyncio.Task]):
    for task in tasks:$0
        print(await task, task.get_name())
""",
            refused="only since Python 3.13",
            target="3.11-3.14",
        ),
        Example(
            before="""\
async def main(tasks, urls, fetch):
    for url in$0 urls:
        await fetch(url)
"""
        ),
        Example(
            before="""\
import asyncio

async def main(tasks):
    for task in$0 asyncio.as_completed(tasks):
        await task
"""
        ),
    ),
)
