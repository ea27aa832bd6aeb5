"""A task that nobody keeps can be collected before it is done, and nobody sees how it ended.

The event loop refers to tasks weakly: what is to run to its end needs a reference.
An exception in a task that nobody awaits is only said when the task is collected; of a future of
``run_coroutine_threadsafe`` it is never said.

A task group keeps its tasks, waits for them and passes on what they raise.
Where the task is to outlive the function, keep it in a set and let it take itself out of there when it is done.

Tasks of a task group are not reported, nor what another library's ``create_task`` gives.
A local name keeps the task while its function waits for something else afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.coroutines import is_expected, reads
from loopwise.rules.dropped import dropped
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import names
from loopwise.rules.task_keeping import (
    fits_group,
    group_at_hand,
    in_new_group,
    in_set,
    is_last_wait,
    line_of,
    local_name,
    own_receiver,
    started_in,
)
from loopwise.rules.unit import Unit
from loopwise.rules.write import about, insert
from loopwise.semantics.bindings import Kind
from loopwise.syntax import Node, field, span_of, text_of, unwrap

_TASKS = names("asyncio.create_task asyncio.ensure_future asyncio.loop.create_task")
_THREADED = names("asyncio.run_coroutine_threadsafe")
_BOTH = names(*_TASKS.full, *_THREADED.full)
_LOOPS = frozenset({"for_statement", "while_statement"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for call in _lost(node, unit):
        name = unit.call_in(call, _BOTH)
        if name and not is_expected(unit, call) and (node.type != "assignment" or _is_forgotten(unit, node)):
            message = "nobody keeps this task: it can be collected before it is done, and its exception goes unseen"
            if name in _THREADED.full:
                message = "nobody keeps this future: an exception in the coroutine is never seen"
            yield Finding(span_of(call), message, lambda call=call, name=name: tuple(_fixes(unit, call, name)))  # type: ignore[misc]


def _lost(node: Node, unit: Unit) -> Iterator[Node]:
    """The calls whose value a statement drops, or puts under a local name."""
    if node.type == "expression_statement":
        yield from dropped(node)
        return
    left, right = field(node, "left"), field(node, "right")
    alone = node.parent is not None and node.parent.type == "expression_statement"
    if left is not None and left.type == "identifier" and right is not None and alone:
        call = unwrap(right)
        if call.type == "call" and (unit.function(node) is not None or text_of(left) == "_"):
            yield call


def _is_forgotten(unit: Unit, assignment: Node) -> bool:
    """Is the name of an assignment never read, and gone before the task had time to run?"""
    left, function = field(assignment, "left"), unit.function(assignment)
    if left is None or function is None:
        return left is not None and text_of(left) == "_"
    bindings = unit.file.table_of(function).by_name.get(text_of(left), ())
    if not bindings or any(b.kind in {Kind.OUTER, Kind.PARAMETER} for b in bindings) or "locals()" in text_of(function):
        return False
    if any(True for _ in reads(function, bindings)):
        return False
    return text_of(left) == "_" or is_last_wait(unit, assignment)


def _fixes(unit: Unit, call: Node, name: str) -> Iterator[Fix]:
    statement = unit.statement(call)
    bound = next((outer for outer in unit.around(call) if outer.type == "assignment"), None)
    expression = bound if bound is not None else call
    line = line_of(unit, statement) if expression.parent == statement else None
    group = group_at_hand(unit, call) if name not in _THREADED.full and fits_group(call) else None
    if group is not None:
        yield started_in(call, group)
    if line is None:
        return
    fresh = in_new_group(unit, call, line) if group is None and name in _TASKS.full and fits_group(call) else None
    if fresh is not None:
        yield fresh
    if name in _TASKS.full:
        target = field(bound, "left") if bound is not None else None
        kept = text_of(target) if target is not None and text_of(target) != "_" else None
        if target is None or kept is not None:
            yield in_set(unit, line, kept)
    if bound is None:
        yield from _named(unit, call)


def _named(unit: Unit, call: Node) -> Iterator[Fix]:
    """The task under a name that lives long enough."""
    function = unit.function(call)
    receiver = own_receiver(unit, function) if function is not None else ""
    if receiver and not any(outer.type in _LOOPS for outer in unit.around(call)):
        name = f"{receiver}._task"
        if text_of(field(call, "function") or call).find(name) < 0 and name.encode() not in unit.file.source.data:
            yield Fix(f"Keep it as {name}", (insert(call.start_byte, f"{name} = "),), safe=False, holes=("_task",))
    elif function is not None and not is_last_wait(unit, call):
        name = local_name(unit, call, "task", "new_task")
        yield Fix("Keep it in a local name", (insert(call.start_byte, f"{name} = "),), safe=False, holes=(name,))


RULE = Rule(
    code="LW110",
    name="dangling-task",
    severity=Severity.WARNING,
    nodes=("expression_statement", "assignment"),
    check=check,
    words=_BOTH.last,
    **about(__doc__),
    peers=("RUF006", "ASYNC300", "S7502", "unused-awaitable", "CH006", "PYVIBE-012", "PYVIBE-014"),
    about=("asyncio.create_task", "asyncio.TaskGroup", "asyncio.ensure_future"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main(stop):
    asyncio.create_task(work())
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    await stop.wait()
""",
            fixed=(
                """\
import asyncio

async def work(): ...

async def main(stop):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(work())
        await stop.wait()
""",
                """\
import asyncio

async def work(): ...

background_tasks = set()


async def main(stop):
    task = asyncio.create_task(work())
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
    await stop.wait()
""",
                """\
import asyncio

async def work(): ...

async def main(stop):
    task = asyncio.create_task(work())
    await stop.wait()
""",
            ),
        ),
        Example(
            bad='''\
import asyncio

async def work(item): ...

async def main(items):
    for item in items:
        print("""
one item
""")
        asyncio.ensure_future(work(item))  # beside the others
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return items
''',
            fixed=(
                '''\
import asyncio

async def work(item): ...

async def main(items):
    async with asyncio.TaskGroup() as tg:
        for item in items:
            print("""
one item
""")
            tg.create_task(work(item))  # beside the others
        return items
''',
                '''\
import asyncio

async def work(item): ...

background_tasks = set()


async def main(items):
    for item in items:
        print("""
one item
""")
        task = asyncio.ensure_future(work(item))  # beside the others
        background_tasks.add(task)
        task.add_done_callback(background_tasks.discard)
    return items
''',
            ),
        ),
        Example(
            bad="""\
import asyncio

class Server:
    def __init__(self):
        self._tasks = set()

    async def work(self): ...

    def start(self):
        asyncio.create_task(self.work())
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

class Server:
    def __init__(self):
        self._tasks = set()

    async def work(self): ...

    def start(self):
        task = asyncio.create_task(self.work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
""",
                """\
import asyncio

class Server:
    def __init__(self):
        self._tasks = set()

    async def work(self): ...

    def start(self):
        self._task = asyncio.create_task(self.work())
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def work(): ...

background_tasks = set()

async def main():
    task = asyncio.create_task(work())
#          ^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def work(): ...

background_tasks = set()

async def main():
    task = asyncio.create_task(work())
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
""",
            ),
            target="3.10",
        ),
    ),
)
