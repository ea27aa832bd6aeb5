"""``await`` on a task that was just cancelled also raises ``CancelledError`` here.

``task.cancel()`` makes the task end with ``CancelledError``, which is raised wherever the task is awaited.
If nothing catches it, the function stops there as if it had been cancelled itself: neither the code below nor the
caller's next steps run.  ``except Exception`` and ``suppress(Exception)`` do not catch it.

Suppress it: ``with contextlib.suppress(asyncio.CancelledError): await task``, or wait with
``await asyncio.gather(task, return_exceptions=True)``.
Nothing is reported if the task handles its cancellation, or is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import awaited_calls, put_in, stands_alone
from loopwise.analysis.flow import after, handlers, own
from loopwise.analysis.known_names import CANCEL, PASSED_ON
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, each
from loopwise.syntax import (
    ASSIGNMENTS,
    AWAITS,
    CALLS,
    Node,
    arguments_of,
    field,
    is_async,
    nodes_of,
    parts_of,
    span_of,
    spread_of,
    text_of,
    unwrap,
)

_STARTS = names("asyncio.create_task asyncio.ensure_future")
# Exception does not catch CancelledError since Python 3.8.
_CATCHES = re.compile(r"CancelledError|BaseException")
# A coroutine that may end without CancelledError when it is cancelled.
_HANDLES = re.compile(
    r"\bexcept\b[^:\n]*(?:CancelledError|BaseException)|\bexcept\s*:|\bsuppress\([^)]*(?:Cancel|Base)"
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is a statement."""
    call, function = unwrap(node), unit.function(node)
    callee = field(call, "function") if call.type == "call" else None
    task = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if task is None or function is None or not unit.on_loop(node) or not unit.call_in(call, CANCEL):
        return
    held, statement = _held_in(task, node)
    wait = _awaited_after(unit, statement, text_of(task), held)
    if wait is None or _is_caught(node) or not _ends_cancelled(unit, function, held):
        return
    message = f"Task '{held}' was cancelled, so awaiting it raises CancelledError, which is not caught here"
    related = (Related(span_of(call), "Cancelled here"),)
    yield Finding(span_of(wait), message, lambda: tuple(_fixes(unit, wait)), related)


def _held_in(task: Node, statement: Node) -> tuple[str, Node]:
    """The holder of the task, and the statement after which it is cancelled: the loop, for each of a collection."""
    block = statement.parent
    loop = block.parent if block is not None else None
    if loop is not None and loop.type == "for_statement" and text_of(field(loop, "left") or loop) == text_of(task):
        return text_of(unwrap(field(loop, "right") or loop)), loop
    return text_of(task), statement


def _awaited_after(unit: Unit, statement: Node, task: str, held: str) -> Node | None:
    """The first place after a statement that awaits the cancelled task, if nothing catches the exception."""
    waits_for_other = False
    for later in after(statement, unit.per_edit).statements:
        if later.start_byte < statement.end_byte or _is_set(later, held):
            return None
        if waits_for_other and later.parent != statement.parent:
            return None  # what is awaited in the branch may well be what ends the function
        for wait in own(later, AWAITS):
            if _is_of(unwrap(parts_of(wait)[0]), held, is_many=task != held):
                return None if _is_caught(wait) else wait
            waits_for_other = True
    return None


def _is_set(statement: Node, name: str) -> bool:
    found = own(statement, ASSIGNMENTS)
    return any(text_of(field(one, "left") or one) == name for one in found)


def _is_of(awaited: Node, held: str, *, is_many: bool) -> bool:
    """Is it the task, or something that raises the task's exception?"""
    if awaited.type != "call":
        return text_of(awaited) == held and not is_many
    callee = text_of(field(awaited, "function") or awaited).rpartition(".")[2]
    positional, keywords, _ = arguments_of(awaited)
    if callee not in PASSED_ON or "return_exceptions" in keywords:
        return False
    given = spread_of(awaited) if is_many else positional
    return any(text_of(one) == held for one in given)


def _is_caught(node: Node) -> bool:
    """Is a ``CancelledError`` raised there caught in the function?"""
    inner, outer = node, node.parent
    while outer is not None and outer.type not in {"function_definition", "lambda"}:
        if outer.type == "try_statement" and inner == field(outer, "body"):
            if any(not caught or _CATCHES.search(caught) for caught in handlers(outer)):
                return True
        if outer.type == "with_statement" and _CATCHES.search(text_of(parts_of(outer)[0])):
            return True
        inner, outer = outer, outer.parent
    return False


def _ends_cancelled(unit: Unit, function: Node, held: str) -> bool:
    """Does each coroutine that the task may run let its cancellation pass?"""
    owner = unit.owner(function) if "." in held else None
    scope = owner.node if owner is not None else function
    started = [
        call
        for assignment in nodes_of(scope, ASSIGNMENTS)
        if text_of(field(assignment, "left") or assignment) == held
        for call in nodes_of(field(assignment, "right") or assignment, CALLS)
        if callee_word(call, unit.aliases) in _STARTS.last
    ]
    waited = re.findall(rf"\b(?:gather\(\s*\*|wait\(\s*){re.escape(held)}\b", text_of(scope))
    return bool(started) and len(waited) < 2 and all(_is_left_alone(unit, call) for call in started)


def _is_left_alone(unit: Unit, start: Node) -> bool:
    positional, keywords, _ = arguments_of(start)
    coroutine = unwrap(positional[0]) if positional else keywords.get("coro")
    functions = each(unit.called(coroutine)) if coroutine is not None and coroutine.type == "call" else ()
    bodies = [node for one in functions if isinstance(one, Function) for node in one.nodes]
    if not bodies or not all(isinstance(one, Function) and is_async(one.nodes[0]) for one in functions):
        return False
    if any(_HANDLES.search(text_of(body)) for body in bodies):
        return False
    own_calls = (call for body in bodies for call in awaited_calls(body))
    return not any(_HANDLES.search(text_of(node)) for call in own_calls for node in _bodies(unit, call, bodies))


def _bodies(unit: Unit, call: Node, bodies: list[Node]) -> Iterator[Node]:
    """The functions in the same file that a coroutine awaits."""
    if any(body.start_byte <= call.start_byte < body.end_byte for body in bodies):
        for member in each(unit.called(call)):
            if isinstance(member, Function) and member.file is unit.file:
                yield from member.nodes


def _fixes(unit: Unit, wait: Node) -> Iterator[Fix]:
    statement = wait.parent
    if statement is None or statement.type != "expression_statement" or not stands_alone(unit, statement):
        return
    suppress = unit.imported(statement, "contextlib", "suppress")
    error = unit.imported(statement, "asyncio", "CancelledError")
    edits = put_in(unit, statement, f"with {suppress.text}({error.text}):")
    yield Fix("Suppress CancelledError", (*suppress.edits, *error.edits, *edits), safe=False)


RULE = Rule(
    code="LW322",
    name="await-after-cancel",
    severity=Severity.WARNING,
    nodes=("expression_statement",),
    check=check,
    triggers=CANCEL.last,
    **page(__doc__),
    whole_file=True,
    cards=("asyncio.Task.cancel", "asyncio.CancelledError"),
    examples=(
        Example(
            bad="""\
import asyncio
import contextlib

async def poll(): ...

async def main(work):
    task = asyncio.create_task(poll())
    await work()
    task.cancel()
    await task
#   ^^^^^^^^^^
    print("done")
""",
            fixed=(
                """\
import asyncio
import contextlib

async def poll(): ...

async def main(work):
    task = asyncio.create_task(poll())
    await work()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    print("done")
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def poll(): ...

async def main(work, other):
    task = asyncio.create_task(poll())
    await work()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    other.cancel()
    await other
"""
        ),
    ),
)
