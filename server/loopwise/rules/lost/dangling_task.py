"""A task that is not stored may be garbage-collected before it finishes, and its exception is lost.

The event loop references tasks only weakly, so a task that must finish needs another reference.
Its exception is reported only when it is garbage-collected; that of a future of ``run_coroutine_threadsafe`` never is.

A task group references its tasks, waits for them and propagates their exceptions.
If the task must outlive the function, store it in a set and let it remove itself when it is done.
Results of another library's ``create_task`` are not reported.
A local variable keeps the task alive while its function waits for something else afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import is_expected, reads
from loopwise.analysis.flow import dropped, may_still_be_read, waits
from loopwise.analysis.known_names import RUN_THREADSAFE, TASK_MAKERS
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import is_last_wait, keeping
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import Function, each
from loopwise.syntax import Node, arguments_of, caught_classes, field, is_async, parts_of, span_of, text_of, unwrap

_BOTH = names(*TASK_MAKERS.full, *RUN_THREADSAFE.full)

# Methods that neither await the task nor store it.
_LOOKS = frozenset("add_done_callback set_name get_name done cancelled get_coro".split())
_SHOWS = re.compile(r"^(?:print|repr|str)$|\.(?:debug|info|warning|error|log)$")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for call in _lost(node, unit):
        name = unit.call_in(call, _BOTH)
        if name and not is_expected(unit, call) and (node.type != "assignment" or _is_forgotten(unit, node)):
            message = "Task is not stored: it may be garbage-collected before it finishes, and its exception is lost"
            if name in RUN_THREADSAFE.full:
                message = "Future is not asked for its result, so an exception in the coroutine is lost"
            # From another thread, fire-and-forget is the common use.
            is_quiet = name in RUN_THREADSAFE.full and not unit.on_loop(call)
            if (is_quiet and _reports_errors(unit, call)) or (name in RUN_THREADSAFE.full and _is_watched(node, unit)):
                continue
            fixes = lambda call=call, name=name: keeping(unit, call, name)  # noqa: E731
            yield Finding(span_of(call), message, fixes, severity=Severity.HINT if is_quiet else None)


def _is_watched(assignment: Node, unit: Unit) -> bool:
    """Has a future of another thread, which its loop keeps, a callback that gets its exception?"""
    left, function = field(assignment, "left"), unit.function(assignment)
    if left is None or function is None:
        return False
    places = (place.parent for place in reads(unit, function, text_of(left)))
    return any(outer is not None and text_of(outer).endswith(".add_done_callback") for outer in places)


def _reports_errors(unit: Unit, call: Node) -> bool:
    """Does the started coroutine handle what its awaits raise, or let a context manager do it?"""
    positional, _, _ = arguments_of(call)
    started = unwrap(positional[0]) if positional else call
    known = each(unit.called(started)) if started.type == "call" and positional else []
    functions = [node for one in known if isinstance(one, Function) and not one.file.is_stub for node in one.nodes]
    found = [(wait, node) for node in functions for wait in waits(node)]
    return bool(found) and all(_is_handled(wait, node) for wait, node in found)


def _is_handled(wait: Node, function: Node) -> bool:
    """Is a suspension point in the body of a ``try`` that catches all errors, or of a ``with`` that enters a call?"""
    inner, outer = wait, wait.parent
    while outer is not None and inner != function:
        if inner == field(outer, "body"):
            if outer.type == "try_statement" and any(map(_is_broad, parts_of(outer))):
                return True
            if outer.type == "with_statement" and not is_async(outer) and b"(" in (parts_of(outer)[0].text or b""):
                return True
        inner, outer = outer, outer.parent
    return False


def _is_broad(clause: Node) -> bool:
    caught = [text_of(one) for one in caught_classes(clause)] if clause.type == "except_clause" else ["nothing"]
    return not caught or "Exception" in caught or "BaseException" in caught


def _lost(node: Node, unit: Unit) -> Iterator[Node]:
    """The calls whose value a statement discards, or assigns to a local name."""
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
    """Is the name of an assignment never read, and does it go out of scope before the task has time to run?"""
    left, function = field(assignment, "left"), unit.function(assignment)
    if left is None or function is None or may_still_be_read(unit, function, text_of(left)):
        return left is not None and text_of(left) == "_"
    name = text_of(left)
    if not unit.per_edit.get(("only looked at", function.id, name), lambda: _is_only_looked_at(unit, function, name)):
        return False
    return name == "_" or is_last_wait(unit, assignment)


def _is_only_looked_at(unit: Unit, function: Node, name: str) -> bool:
    """Is a name local to the function, and its value used nowhere?"""
    bindings = unit.file.table_of(function).by_name.get(name, ())
    if not bindings or any(b.kind in {Kind.OUTER, Kind.PARAMETER} for b in bindings):
        return False
    return all(_is_looked_at(place) for place in reads(unit, function, name))


def _is_looked_at(place: Node) -> bool:
    """Is the task only inspected, named, watched or printed, which keeps it no longer than the function runs?"""
    outer = place.parent
    if outer is not None and outer.type == "attribute" and field(outer, "object") == place:
        return text_of(field(outer, "attribute") or outer) in _LOOKS
    if outer is not None and outer.type == "argument_list":
        callee = field(outer.parent, "function") if outer.parent is not None else None
        return callee is not None and _SHOWS.search(text_of(callee)) is not None
    return outer is not None and outer.type == "interpolation"


RULE = Rule(
    code="LW110",
    name="dangling-task",
    severity=Severity.WARNING,
    nodes=("expression_statement", "assignment"),
    check=check,
    triggers=_BOTH.last,
    **page(__doc__),
    peers=("RUF006", "ASYNC300", "S7502", "unused-awaitable", "CH006", "PYVIBE-012", "PYVIBE-014"),
    cards=("asyncio.create_task", "asyncio.TaskGroup", "asyncio.ensure_future"),
    examples=(
        Example(
            bad="""\
import asyncio

background_tasks = set()

async def main(stop, work):
    asyncio.create_task(work())
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    await stop.wait()
""",
            fixed=(
                """\
import asyncio

background_tasks = set()

async def main(stop, work):
    task = asyncio.create_task(work())
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
    await stop.wait()
""",
                """\
import asyncio

background_tasks = set()

async def main(stop, work):
    task = asyncio.create_task(work())
    await stop.wait()
""",
            ),
            target="3.10",
        ),
        Example(
            bad="""\
import asyncio

class Server:
    def __init__(self):
        self._tasks = set()

    def start(self, work):
        asyncio.create_task(work())
#       ^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

class Server:
    def __init__(self):
        self._tasks = set()

    def start(self, work):
        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
""",
                """\
import asyncio

class Server:
    def __init__(self):
        self._tasks = set()

    def start(self, work):
        self._task = asyncio.create_task(work())
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

class Server:
    def start(self):
        self.task = asyncio.create_task(work())
        return asyncio.create_task(work())
"""
        ),
    ),
)
