"""A task that awaits itself never ends: asyncio raises ``RuntimeError: Task cannot await on itself``.

Other tasks may call a method that waits for ``self._reader_task``.
If the reader calls it, directly or through other methods, it waits for its own end.
So does a task that awaits ``asyncio.current_task()`` or ``gather(*asyncio.all_tasks())``, which it is one of.

Check first: ``if self._reader_task is not asyncio.current_task():``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import Siblings, path_between, shared_name, siblings
from loopwise.analysis.known_names import GATHER, PASSED_ON, TASK_STARTERS, WAIT
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    ASSIGNMENTS,
    Node,
    arguments_of,
    field,
    nodes_of,
    parts_of,
    span_of,
    spread_of,
    text_of,
    unwrap,
)

_CURRENT = names("asyncio.current_task")
_ALL = names("asyncio.all_tasks")
_TAKERS = names(*GATHER.full, *WAIT.full)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    task, function = _task(node), unit.function(node)
    own = _own_task(node, unit)
    if own is not None:
        message = "Task awaits itself here and never ends; leave out asyncio.current_task()"
        yield Finding(span_of(own), message)
        return
    if task is None or function is None or b"current_task" in (function.text or b""):
        return
    family = siblings(unit, task)
    if family is None or not family.of_class:
        return
    for start, runs in _started(unit, family, shared_name(task)):
        if path_between(unit, family, runs, function) and not _forgets(unit, family, runs, shared_name(task)):
            here, there = (text_of(field(one, "name") or one) for one in (function, runs))
            message = f"Task '{text_of(task)}' can call {here}() itself, and a task cannot await itself"
            yield Finding(span_of(task), message, related=(Related(span_of(start), f"The task runs {there}()"),))
            return


def _own_task(wait: Node, unit: Unit) -> Node | None:
    """``current_task()``, or the ``all_tasks()`` of this loop, if it is what is awaited."""
    inner = unwrap(parts_of(wait)[0]) if parts_of(wait) else wait
    word = callee_word(inner, unit.aliases) if inner.type == "call" else None
    if word == "current_task":
        return inner if unit.call_in(inner, _CURRENT) else None
    if word not in _TAKERS.last or not unit.on_loop(wait):
        return None
    given = arguments_of(inner)[0][:1] if word in WAIT.last else spread_of(inner)
    found = [one for one in map(unwrap, given) if one.type == "call" and not parts_of(field(one, "arguments") or one)]
    all_tasks = (one for one in found if unit.call_in(one, _ALL))
    return next(all_tasks, None) if found and unit.call_in(inner, _TAKERS) else None


def _task(wait: Node) -> Node | None:
    """``self.task`` in ``await self.task`` or ``await wait_for(self.task, 3)``."""
    inner = unwrap(parts_of(wait)[0]) if parts_of(wait) else wait
    if inner.type == "call" and text_of(field(inner, "function") or inner).rpartition(".")[2] in PASSED_ON:
        positional = arguments_of(inner)[0]
        inner = unwrap(positional[0]) if positional else inner
    return inner if inner.type == "attribute" else None


def _forgets(unit: Unit, family: Siblings, function: Node, name: str) -> bool:
    """Does the code of the task remove the task from the attribute, so that it does not find itself there?"""
    spelled = family.spelled(unit, function, name)
    targets = (field(one, "left") for one in nodes_of(function, ASSIGNMENTS))
    return any(target is not None and text_of(target) == spelled for target in targets)


def _started(unit: Unit, family: Siblings, name: str) -> Iterator[tuple[Node, Node]]:
    """The place where the task is started, and the method that it runs."""
    for function in family.functions.values():
        spelled, prefix = family.spelled(unit, function, name), family.spelled(unit, function, "")
        for assignment in nodes_of(function, ASSIGNMENTS):
            right = field(assignment, "right")
            call = (
                unwrap(right) if right is not None and text_of(field(assignment, "left") or right) == spelled else None
            )
            if call is None or call.type != "call" or callee_word(call, unit.aliases) not in TASK_STARTERS:
                continue
            positional = arguments_of(call)[0]
            callee = field(unwrap(positional[0]), "function") if positional else None
            method = text_of(callee).removeprefix(prefix) if callee is not None else ""
            if callee is not None and text_of(callee).startswith(prefix) and method in family.functions:
                yield call, family.functions[method]


RULE = Rule(
    code="LW427",
    name="task-awaits-itself",
    severity=Severity.WARNING,
    nodes=("await",),
    check=check,
    triggers=frozenset({"await"}),
    **page(__doc__),
    whole_file=True,
    cards=("asyncio.Task", "asyncio.current_task"),
    examples=(
        Example(
            bad="""\
import asyncio

class Stream:
    def start(self):
        self.task = asyncio.create_task(self.read())

    async def read(self):
        await asyncio.sleep(1)
        await self.close()

    async def close(self):
        await self.task
#             ^^^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio

class Stream:
    def start(self):
        self.task = asyncio.create_task(self.read())

    async def read(self):
        await asyncio.sleep(1)
        await self.close()

    async def close(self):
        if self.task is not asyncio.current_task():
            await self.task
"""
        ),
    ),
)
