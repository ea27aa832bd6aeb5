"""An ``async with asyncio.TaskGroup()`` whose block only starts tasks becomes one ``await asyncio.gather(…)``.

``gather`` gives the results as a list.
When one of the calls fails its error comes out as it is, and the others run on: an ``except*`` around it becomes
``except``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import group_of, items, started
from loopwise.analysis.flow import uses, waits
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import Task, is_in, joined, lines_of, results_of, statement_at, without_groups
from loopwise.syntax import Node, arguments_of, field, is_async, nodes_of, text_of, unwrap
from loopwise.text import Edit, Span, encode

_TITLE = "Use asyncio.gather()"
_CLAUSES = frozenset({"for_in_clause", "if_clause"})
_MORE = "the block does more than start tasks"


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statement = statement_at(unit, span)
    if statement is None or statement.type != "with_statement" or not is_async(statement):
        return
    found, body = group_of(unit, statement), field(statement, "body")
    if found is None or body is None:
        return
    if len(items(statement)) > 1 or found[0].name is None:
        yield Fix(_TITLE, (), safe=False, refused="the statement enters something else too")
        return
    tasks = [_task(unit, one, found[1]) for one in body.named_children]
    if any(task is None for task in tasks) or any(True for _ in waits(body)):
        yield Fix(_TITLE, (), safe=False, refused=_MORE)
    else:
        yield _fix(unit, statement, found[1], [task for task in tasks if task is not None])


def _task(unit: Unit, statement: Node, group: str) -> Task | None:
    """What a statement of the block starts; ``None`` if it does anything else."""
    if statement.type == "for_statement":
        return _of_loop(unit, statement, group)
    if statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    value, name = statement.named_children[0], ""
    if value.type == "assignment":
        left, right = field(value, "left"), field(value, "right")
        if left is None or right is None or left.type != "identifier":
            return None
        value, name = right, text_of(left)
    value = unwrap(value)
    if value.type == "list_comprehension":
        body = field(value, "body")
        coroutine = _coroutine(unit, body, group) if body is not None else None
        if body is None or coroutine is None:
            return None
        clauses = " ".join(text_of(child) for child in value.named_children if child.type in _CLAUSES)
        return Task(f"*[{coroutine} {clauses}]", name, several=True)
    coroutine = _coroutine(unit, value, group)
    return Task(coroutine, name) if coroutine is not None else None


def _of_loop(unit: Unit, loop: Node, group: str) -> Task | None:
    left, right, body = (field(loop, name) for name in ("left", "right", "body"))
    if left is None or right is None or body is None or len(body.named_children) != 1:
        return None
    inner = _task(unit, body.named_children[0], group)
    if inner is None or inner.name or inner.several or is_async(loop) or field(loop, "alternative") is not None:
        return None
    over = f"({text_of(right)})" if right.type in {"expression_list", "lambda"} else text_of(right)
    return Task(f"*[{inner.argument} for {text_of(left)} in {over}]", several=True)


def _coroutine(unit: Unit, call: Node, group: str) -> str | None:
    """What ``gather`` takes in the place of a call of the group's ``create_task``."""
    coroutine = started(call, group) if call.type == "call" else None
    if coroutine is None or "#" in text_of(call):
        return None
    _, keywords, splat = arguments_of(call)
    if splat or not keywords.keys() <= {"name", "context", "coro"}:
        return None
    if keywords.keys() <= {"coro"}:
        return text_of(coroutine)
    written = unit.imported(call, "asyncio", "create_task")
    return f"{written.text}{text_of(field(call, 'arguments') or call)}" if not written.edits else None


def _fix(unit: Unit, statement: Node, group: str, tasks: list[Task]) -> Fix:
    lines, read, handlers = (
        lines_of(unit, [statement]),
        results_of(unit, statement, tasks),
        without_groups(unit, statement),
    )
    outside = [use for use in uses(unit.function(statement) or unit.file.root, group) if not is_in(use, statement)]
    used = outside or any(re.search(rf"\b{re.escape(group)}\b", task.argument) for task in tasks)
    comments = nodes_of(statement, frozenset({"comment"}))
    refused = (f"{group} is used for something else too" if used else "") or read.refused or handlers.refused
    refused = refused or ("a comment in the block would be lost" if comments else "")
    if refused or lines is None:
        return Fix(_TITLE, (), safe=False, refused=refused or "it shares its line with other code")
    written = unit.imported(statement, "asyncio", "gather")
    text = f"{read.left}await {written.text}({', '.join(task.argument for task in tasks)})"
    edit = Edit(Span(statement.start_byte, statement.end_byte), encode(text))
    return Fix(_TITLE, joined([*written.edits, *handlers.edits, edit, *read.edits]), safe=False)


ASSIST = Assist(
    name="taskgroup-to-gather",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

async def main(fetch):
    async with asyncio.TaskGroup()$0 as tg:
        a = tg.create_task(fetch("a"))
        b = tg.create_task(fetch("b"), name="b")
    print(a.result(), b.result())
""",
            after=(
                """\
import asyncio

async def main(fetch):
    a, b = await asyncio.gather(fetch("a"), asyncio.create_task(fetch("b"), name="b"))
    print(a, b)
""",
            ),
        ),
        Example(
            before="""\
from asyncio import TaskGroup

async def main(fetch, urls):
    async $0with TaskGroup() as tg:
        pages = [tg.create_task(fetch(url)) for url in urls if url]
    return [page.result() for page in pages]
""",
            after=(
                """\
from asyncio import TaskGroup, gather

async def main(fetch, urls):
    pages = await gather(*[fetch(url) for url in urls if url])
    return pages
""",
            ),
        ),
        Example(
            before="""\
import asyncio

async def main(save, urls):
    try:
        async with asyncio.TaskGroup() as tg:$0
            tg.create_task(save("first"))
            for url in urls:
                tg.create_task(save(url))
    except* OSError as error:
        print(error)
""",
            after=(
                """\
import asyncio

async def main(save, urls):
    try:
        await asyncio.gather(save("first"), *[save(url) for url in urls])
    except OSError as error:
        print(error)
""",
            ),
        ),
        Example(
            before="""\
import asyncio

async def main(save):
    try:
        async with asyncio.TaskGroup() as tg:$0
            tg.create_task(save("first"))
    except* OSError as error:
        print(error.exceptions)
""",
            refused="error.exceptions",
        ),
        Example(
            before="""\
import asyncio

async def main(save):
    async with asyncio.TaskGroup() as tg:$0
        task = tg.create_task(save("first"))
        task.add_done_callback(print)
""",
            refused="more than start tasks",
        ),
        Example(
            before="""\
import asyncio

async def main(save):
    async with asyncio.TaskGroup() as tg:$0
        task = tg.create_task(save("first"))
    print(task.get_name())
""",
            refused="for more than its result",
        ),
        Example(
            before="""\
import asyncio

async def main(save):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(save("first"))$0
"""
        ),
    ),
)
