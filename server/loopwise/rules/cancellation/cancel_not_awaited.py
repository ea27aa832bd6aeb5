"""A cancelled task is still running: cancel() only asks it to stop.

``task.cancel()`` throws ``CancelledError`` into the task when the loop next runs it; its ``except`` and ``finally`` run
after that, and it may refuse.  Code that needs the task to be finished has to wait for it:
``await asyncio.gather(task, return_exceptions=True)``.
Cancelling without waiting is common and often right, so this rule is off by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.known_names import CANCEL
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, nodes_of, source_of, span_of, text_of, unwrap
from loopwise.writing import insert, parting


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is a statement."""
    call = unwrap(node)
    if call.type != "call" or not unit.call_in(call, CANCEL) or not unit.on_loop(node):
        return
    callee, function = field(call, "function"), unit.function(node)
    task = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if task is None or function is None or any(_is_used_after(name, node, function) for name in _names_of(task, unit)):
        return
    yield Finding(
        span_of(call),
        f"Cancelled task '{text_of(task)}' is never awaited, so it may still be running",
        lambda: (_fix(unit, node, task),),
    )


def _names_of(task: Node, unit: Unit) -> Iterator[Node]:
    """The task, and the collection that it is taken from in a loop."""
    yield task
    for outer in unit.around(task):
        left, right = field(outer, "left"), field(outer, "right")
        if outer.type == "for_statement" and left is not None and right is not None and text_of(left) == text_of(task):
            yield unwrap(right)


def _is_used_after(name: Node, statement: Node, function: Node) -> bool:
    """Is the task used after it was cancelled (in a loop: anywhere)?"""
    own = text_of(name)
    inner = name.start_byte, name.end_byte
    for other in nodes_of(function, frozenset({name.type})):
        if text_of(other) != own or (other.start_byte, other.end_byte) == inner or _is_cancelled(other):
            continue
        # By position in the source: code below usually runs later.
        if other.start_byte > statement.end_byte and not _is_set(other):
            return True
    return False


def _is_cancelled(use: Node) -> bool:
    parent = use.parent
    name = field(parent, "attribute") if parent is not None and parent.type == "attribute" else None
    return name is not None and text_of(name) in {"cancel", "done", "cancelled"}


def _is_set(use: Node) -> bool:
    parent = use.parent
    return parent is not None and parent.type == "assignment" and field(parent, "left") == use


def _fix(unit: Unit, statement: Node, task: Node) -> Fix:
    written = unit.imported(statement, "asyncio", "gather")
    text = f"{parting(unit.file, statement.start_byte)}await {written.text}({source_of(task)}, return_exceptions=True)"
    return Fix("Await the cancelled task", (*written.edits, insert(statement.end_byte, text)), safe=False)


RULE = Rule(
    code="LW303",
    name="cancel-not-awaited",
    severity=Severity.INFORMATION,
    nodes=("expression_statement",),
    check=check,
    triggers=CANCEL.last,
    **page(__doc__),
    cards=("task.cancel",),
    default_on=False,
    examples=(
        Example(
            bad="""\
import asyncio

async def main(work, clean):
    task = asyncio.create_task(work())
    task.cancel()
#   ^^^^^^^^^^^^^
    await clean()
""",
            fixed=(
                """\
import asyncio

async def main(work, clean):
    task = asyncio.create_task(work())
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await clean()
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import contextlib

async def main(work):
    task = asyncio.create_task(work())
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
""",
        ),
    ),
)
