"""An ``async with asyncio.TaskGroup()`` whose block only starts tasks becomes one ``await asyncio.gather(…)``.

``gather`` returns the results as a list.
When one of the calls fails its error comes out as it is, and the others run on: an ``except*`` around it becomes
``except``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import group_of, items
from loopwise.analysis.flow import seen, uses, waits
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import (
    Task,
    arguments_text,
    free_comments,
    is_in,
    is_read_after,
    joined,
    lines_of,
    lost_names,
    results_of,
    statement_at,
    task_of,
    without_groups,
)
from loopwise.syntax import IDENTIFIERS, Node, field, is_async, nodes_of, parts_of, source_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import lead_of, usual_step

_TITLE = "Use asyncio.gather()"
_OFFERED = "Use gather() (raises one error, others run on)"
_CANCELS = re.compile(r"\braise\s+(?:asyncio\.)?CancelledError\b|\bcurrent_task\(\)\.cancel\(")
_MORE = "The block does more than start tasks"


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statement = statement_at(unit, span)
    if statement is None or statement.type != "with_statement" or not is_async(statement):
        return
    found, body = group_of(unit, statement), field(statement, "body")
    if found is None or body is None:
        return
    if len(items(statement)) > 1 or found[0].name is None:
        yield Fix(_TITLE, (), safe=False, refused="The statement also enters another context manager")
        return
    lead = lead_of(unit.file, statement.start_byte)
    indent = decode(lead) + (decode(usual_step(lead)) if free_comments(statement) else "")
    tasks = [(one, made) for one in parts_of(body) if (made := task_of(unit, one, found[1], indent)) is not None]
    if len(tasks) < len(parts_of(body)) or any(True for _ in waits(body)):
        yield Fix(_TITLE, (), safe=False, refused=_MORE)
    else:
        yield _fix(unit, statement, found[1], tasks)


def _fix(unit: Unit, statement: Node, group: str, made: list[tuple[Node, Task]]) -> Fix:
    tasks = [task for _, task in made]
    lines, read = lines_of(unit, [statement]), results_of(unit, statement, tasks)
    handlers = without_groups(unit, statement)
    refused = _refused(unit, statement, group, tasks) or read.refused or handlers.refused
    if refused or lines is None:
        return Fix(_TITLE, (), safe=False, refused=refused or "The statement shares its line with other code")
    written = unit.imported(statement, "asyncio", "gather")
    text = f"{read.left}await {written.text}({arguments_text(statement, made, lines)})"
    edit = Edit(Span(statement.start_byte, statement.end_byte), encode(text))
    return Fix(_OFFERED, joined([*written.edits, *handlers.edits, edit, *read.edits]), safe=False)


def _refused(unit: Unit, statement: Node, group: str, tasks: list[Task]) -> str:
    function = unit.function(statement) or unit.file.root
    outside = (use for use in uses(function, group) if not is_in(use, statement))
    if not all(_is_of_another(unit, use, group) for use in outside) or any(
        re.search(rf"\b{re.escape(group)}\b", task.argument) for task in tasks
    ):
        return f"{group} is also used for something else"
    for loop, name in _loop_names(statement):
        if is_read_after(unit, loop, name):
            return f"{name} is read later, and a comprehension would not bind it"
    if lost := lost_names(unit, statement, _bound(statement)):
        return lost
    if any(_cancels_itself(unit, call) for call in nodes_of(statement, frozenset({"call"}))):
        return "A task ends cancelled, which a group accepts and gather() raises"
    is_lost = len(nodes_of(statement, frozenset({"comment"}))) > len(free_comments(statement))
    return "A comment in the block would be lost" if is_lost else ""


def _is_of_another(unit: Unit, use: Node, group: str) -> bool:
    """Is the name that of another task group, as a block around it binds it again?"""
    blocks = (outer for outer in unit.around(use) if outer.type == "with_statement")
    return any(found[1] == group for block in blocks if (found := group_of(unit, block)) is not None)


def _loop_names(statement: Node) -> Iterator[tuple[Node, str]]:
    for loop in nodes_of(statement, frozenset({"for_statement"})):
        left = field(loop, "left")
        yield from ((loop, source_of(one)) for one in (nodes_of(left, IDENTIFIERS) if left is not None else ()))


def _bound(statement: Node) -> Iterator[Node]:
    """The names bound to the tasks."""
    for assignment in nodes_of(statement, frozenset({"assignment"})):
        left = field(assignment, "left")
        if left is not None:
            yield left


def _cancels_itself(unit: Unit, call: Node) -> bool:
    """Does a project function that is called raise ``CancelledError``, or cancel the task that runs it?"""
    return bool(seen(unit, call, lambda function, _: "it does" if _CANCELS.search(source_of(function)) else ""))


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
    except* OSError:
        print("not saved")
""",
            after=(
                """\
import asyncio

async def main(save, urls):
    try:
        await asyncio.gather(save("first"), *[save(url) for url in urls])
    except OSError:
        print("not saved")
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
            refused="uses error",
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
