"""``Queue.join`` waits until ``task_done`` was called once per item: a missing call blocks ``join`` forever.

A worker that removes an item with ``get`` and starts its next iteration, or ends, on a path without ``task_done``
leaves the queue's count too high.
So does a worker that ends with the exception of an item: the items behind it stay in the queue.

Put ``task_done`` in a ``finally`` right after the ``get``.  A queue that is never joined needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    CALLS,
    LOOPS,
    RAISES,
    Node,
    caught_classes,
    field,
    next_of,
    nodes_of,
    parts_of,
    previous_of,
    span_of,
    text_of,
)
from loopwise.text import encode

_GET = names("asyncio.Queue.get asyncio.PriorityQueue.get asyncio.LifoQueue.get")
# Names of exceptions that end the worker on purpose are not ordinary.
_ORDINARY = re.compile(r"^(?!.*(?:Cancel|Base|Interrupt|Exit|Shut|Stop|Clos))")
_LEAVES = frozenset({"continue_statement", "break_statement"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee, function = field(node, "function"), unit.function(node)
    queue = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if queue is None or function is None or not unit.call_in(node, _GET):
        return
    name = text_of(queue).rpartition(".")[2]
    if not _is_joined(unit, function, name) or _loop(node) is None:
        return
    statement = unit.statement(node)
    if b"task_done" not in (function.text or b""):
        # The item may be passed on to a function that counts it.
        if _is_counted_elsewhere(unit):
            return
        message = f"Items from '{text_of(queue)}' are never marked with task_done(), so join() waits forever"
        yield Finding(span_of(node), message)
        return
    ending = _ending(_loop(node))
    if ending is not None:
        message = f"Worker ends here with items left in the queue, so {text_of(queue)}.join() may wait forever"
        yield Finding(span_of(ending), message, related=(Related(span_of(node), "items are taken here"),))
        return
    leaving = _leaving(statement)
    if leaving is not None:
        message = f"Some paths skip task_done(), so {text_of(queue)}.join() may wait forever"
        yield Finding(span_of(node), message, related=(Related(span_of(leaving), "task_done() is skipped here"),))


def _is_joined(unit: Unit, function: Node, name: str) -> bool:
    """Does another function in the module join a queue with that name?"""
    data = unit.file.source.data
    joins = re.finditer(rb"\bawait [\w.]*\b" + re.escape(encode(name)) + rb"\.join\(", data)
    return any(not function.start_byte <= found.start() < function.end_byte for found in joins)


def _is_counted_elsewhere(unit: Unit) -> bool:
    """May another function call it on behalf of this one?"""
    return b"task_done" in unit.file.source.data and _is_done_anywhere(unit.file.root)


def _is_done_anywhere(root: Node) -> bool:
    return any(text_of(field(call, "function") or call).endswith("task_done") for call in nodes_of(root, CALLS))


def _loop(node: Node) -> Node | None:
    outer = node.parent
    while outer is not None and outer.type != "function_definition":
        if outer.type in LOOPS:
            return outer
        outer = outer.parent
    return None


def _ending(loop: Node | None) -> Node | None:
    """A ``raise`` in an ordinary handler that ends the loop, and the function with it."""
    if loop is None or any(outer.type == "try_statement" for outer in _outside(loop)):
        return None
    for one in own(loop, RAISES):
        around = list(_outside(one, loop))
        clause = next((outer for outer in around if outer.type == "except_clause"), None)
        caught = [text_of(each) for each in caught_classes(clause)] if clause is not None else []
        tries = [outer for outer in around if outer.type == "try_statement"]
        # With a further ``try`` around, the exception may not leave the loop.
        if caught and all(_ORDINARY.search(name) for name in caught) and len(tries) == 1:
            return one
    return None


def _outside(node: Node, end: Node | None = None) -> Iterator[Node]:
    """The ancestors of a node in its function, or up to another node."""
    outer = node.parent
    while outer is not None and outer != end and outer.type != "function_definition":
        yield outer
        outer = outer.parent


def _leaving(statement: Node) -> Node | None:
    """The place where the iteration ends before ``task_done``, on a path that starts with the ``get``."""
    later = next_of(statement)
    while later is not None:
        if later.type == "try_statement" and _is_in_finally(later):
            return None
        found = _skips(later)
        if found is not None:
            return found
        if _is_done_in(later):
            return None
        later = next_of(later)
    return None


def _skips(statement: Node) -> Node | None:
    """The place where a statement leaves the iteration without an earlier ``task_done`` in its block."""
    for leaving in own(statement, _LEAVES):
        if _inner_loop(leaving, statement):
            continue
        block, before = leaving.parent, previous_of(leaving)
        done = False
        while before is not None:
            done = done or _is_done_in(before)
            before = previous_of(before)
        if not done and block is not None and not _is_done_above(block, statement):
            return leaving
    return None


def _is_done_above(block: Node, statement: Node) -> bool:
    """Was it called before the block in which the iteration ends?"""
    inner, outer = block, block.parent
    while outer is not None and inner != statement:
        if outer.type == "try_statement" and _is_in_finally(outer):
            return True
        before = previous_of(inner) if outer.type == "block" else None
        while before is not None:
            if _is_done_in(before):
                return True
            before = previous_of(before)
        inner, outer = outer, outer.parent
    return False


def _inner_loop(node: Node, statement: Node) -> bool:
    outer = node.parent
    while outer is not None:
        if outer.type in LOOPS:
            return True
        if outer == statement:
            return False
        outer = outer.parent
    return False


def _is_done_in(node: Node) -> bool:
    return any(text_of(field(call, "function") or call).endswith(".task_done") for call in own(node, CALLS))


def _is_in_finally(statement: Node) -> bool:
    return any(clause.type == "finally_clause" and _is_done_in(clause) for clause in parts_of(statement))


RULE = Rule(
    code="LW428",
    name="missing-task-done",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=frozenset({"get"}),
    **page(__doc__),
    whole_file=True,
    cards=("asyncio.Queue.task_done", "asyncio.Queue.join"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(queue: asyncio.Queue):
    while True:
        item = await queue.get()
#                    ^^^^^^^^^^^
        if item is None:
            continue
        print(item)
        queue.task_done()

async def main(items):
    queue = asyncio.Queue()
    worker = asyncio.create_task(work(queue))
    for item in items:
        queue.put_nowait(item)
    await queue.join()
    worker.cancel()
""",
        ),
        Example(
            good="""\
import asyncio

async def work(queue: asyncio.Queue, other: asyncio.Queue):
    while True:
        item = await queue.get()
        try:
            if item is None:
                continue
            print(item, await other.get())
        finally:
            queue.task_done()

async def main(items):
    queue, other = asyncio.Queue(), asyncio.Queue()
    worker = asyncio.create_task(work(queue, other))
    for item in items:
        queue.put_nowait(item)
    await queue.join()
    worker.cancel()
"""
        ),
    ),
)
