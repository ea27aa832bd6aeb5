"""The pending tasks of ``asyncio.wait`` continue to run, and nothing references them any more.

With a timeout, or with ``FIRST_COMPLETED``, ``asyncio.wait`` returns while tasks are still pending; it neither cancels
them nor raises.  If the function drops them, they continue unobserved, and an unreferenced task may be
garbage-collected.

Cancel them (``for task in pending: task.cancel()``) and wait for them, or store them and wait again.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import line_after, stands_alone
from loopwise.analysis.known_names import TASK_STARTERS, WAIT
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    ASSIGNMENTS,
    COLLECTING,
    DISPLAYS,
    IDENTIFIERS,
    UNPACKED,
    Node,
    arguments_of,
    field,
    node_at,
    nodes_of,
    outward,
    parts_of,
    span_of,
    text_of,
    unwrap,
)

_NESTED = frozenset({"function_definition", "lambda"})
_HOLDS = frozenset(
    "argument_list assignment attribute return_statement list_splat keyword_argument for_statement"
    " for_in_clause".split()
)
_MADE_AND_WAITED = 2
_EARLY = frozenset({"timeout", "return_when"})
# Asking a task for these neither stops it nor waits for it.
_ASKS = frozenset({"result", "exception", "done", "cancelled", "get_name"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    wait, function = node.parent, unit.function(node)
    if wait is None or wait.type != "await" or function is None or callee_word(node, unit.aliases) not in WAIT.last:
        return
    positional, keywords, _ = arguments_of(node)
    tasks = _started(unit, function, unwrap(positional[0])) if positional else None
    if (
        not _EARLY & keywords.keys()
        or tasks is None
        or text_of(keywords.get("return_when", node)).endswith("ALL_COMPLETED")
    ):
        return
    pending = _pending(wait)
    if pending is None or _is_read(function, pending) or not unit.call_in(node, WAIT):
        return
    if any(
        _is_used_after(function, name, node) or _is_in_list(function, name, node) or _is_kept(function, name)
        for name in tasks
    ):
        return
    message = "Pending tasks keep running: they are never cancelled or awaited"
    yield Finding(span_of(node), message, lambda: tuple(_fixes(unit, wait, pending)))


def _started(unit: Unit, function: Node, given: Node) -> list[str] | None:
    """The names of the awaited tasks, if the function itself has started all of them."""
    if given.type == "identifier" and _are_started(unit, function, text_of(given)):
        return [text_of(given)]
    if given.type not in DISPLAYS:
        return None
    found: list[str] = []
    for item in parts_of(given):
        if item.type == "identifier" and _is_started(unit, function, text_of(item)):
            found.append(text_of(item))
        elif item.type != "call" or callee_word(item, unit.aliases) not in TASK_STARTERS:
            return None
    return found


def _is_started(unit: Unit, function: Node, name: str) -> bool:
    bindings = unit.file.table_of(function).by_name.get(name, ())
    texts = [
        unit.file.source.data[s.start : s.end]
        for b in bindings
        if b.value and (s := b.value.shifted(function.start_byte))
    ]
    return (
        bool(texts)
        and len(texts) == len(bindings)
        and all(b"create_task(" in t or b"ensure_future(" in t for t in texts)
    )


def _are_started(unit: Unit, function: Node, name: str) -> bool:
    """Is a name bound once, to a list or set of tasks that a comprehension starts?"""
    bindings = unit.file.table_of(function).by_name.get(name, ())
    value = bindings[0].value if len(bindings) == 1 and not bindings[0].path else None
    made = node_at(function, value.shifted(function.start_byte)) if value is not None else None
    body = field(made, "body") if made is not None and made.type in COLLECTING else None
    if body is None or body.type != "call" or callee_word(body, unit.aliases) not in TASK_STARTERS:
        return False
    # Besides where it is made and waited for, it may only be tested: passed on, others may hold the tasks.
    held = [node for node in nodes_of(function, IDENTIFIERS) if text_of(node) == name and node.parent is not None]
    return sum(node.parent is not None and node.parent.type in _HOLDS for node in held) <= _MADE_AND_WAITED


def _pending(wait: Node) -> str | None:
    """The name bound to the pending tasks; empty if there is none, ``None`` if unknown."""
    outer = wait.parent
    if outer is not None and outer.type == "expression_statement":
        return ""
    left = field(outer, "left") if outer is not None and outer.type == "assignment" else None
    if left is None or left.type not in UNPACKED or len(parts_of(left)) != 2:
        return None
    name = parts_of(left)[1]
    return text_of(name) if name.type == "identifier" else None


def _is_read(function: Node, name: str) -> bool:
    found = [node for node in nodes_of(function, IDENTIFIERS) if text_of(node) == name]
    return bool(name) and len(found) > 1


def _is_in_list(function: Node, name: str, call: Node) -> bool:
    """Is a task in a list, tuple or set that has a name, and is used after the wait: ``tasks = [reader, writer]``?"""
    for one in nodes_of(function, ASSIGNMENTS):
        left, right = field(one, "left"), field(one, "right")
        if left is None or right is None or right.type not in DISPLAYS or left.type != "identifier":
            continue
        if name in map(text_of, parts_of(right)) and _is_used_after(function, text_of(left), call):
            return True
    return False


def _is_kept(function: Node, name: str) -> bool:
    """Is a task stored in a collection, or used by a nested function, which may run after the wait?"""
    for node in nodes_of(function, IDENTIFIERS):
        if text_of(node) != name or node.parent is None:
            continue
        call = node.parent.parent if node.parent.type == "argument_list" else None
        callee = field(call, "function") if call is not None else None
        if callee is not None and text_of(callee).endswith((".add", ".append")):
            return True
        if any(outer.type in _NESTED and outer != function for outer in outward(node, function)):
            return True
    return False


def _is_used_after(function: Node, name: str, call: Node) -> bool:
    """Is a task used after the wait, other than to check how it ended?"""
    for node in nodes_of(function, IDENTIFIERS):
        if text_of(node) != name or node.start_byte < call.end_byte:
            continue
        outer = node.parent
        asked = field(outer, "attribute") if outer is not None and outer.type == "attribute" else None
        if not (asked is not None and text_of(asked) in _ASKS) and (
            outer is None or outer.type != "comparison_operator"
        ):
            return True
    return False


def _fixes(unit: Unit, wait: Node, pending: str) -> Iterator[Fix]:
    statement = unit.statement(wait)
    if pending.strip("_") and stands_alone(unit, statement):
        line = line_after(unit, statement, f"for task in {pending}:", "    task.cancel()")
        yield Fix("Cancel the pending tasks", (line,), safe=False)


RULE = Rule(
    code="LW120",
    name="pending-dropped",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=WAIT.last,
    **page(__doc__),
    cards=("asyncio.wait",),
    examples=(
        Example(
            bad="""\
import asyncio

async def first(fetch, urls):
    one, two = urls
    a, b = asyncio.create_task(fetch(one)), None
    slow = asyncio.create_task(fetch(two))
    quick = asyncio.create_task(fetch(one))
    done, pending = await asyncio.wait([slow, quick], return_when=asyncio.FIRST_COMPLETED)
#                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    return done.pop().result(), a, b
""",
            fixed=(
                """\
import asyncio

async def first(fetch, urls):
    one, two = urls
    a, b = asyncio.create_task(fetch(one)), None
    slow = asyncio.create_task(fetch(two))
    quick = asyncio.create_task(fetch(one))
    done, pending = await asyncio.wait([slow, quick], return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return done.pop().result(), a, b
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def first(fetch, one, two):
    slow = asyncio.create_task(fetch(two))
    quick = asyncio.create_task(fetch(one))
    done, pending = await asyncio.wait([slow, quick], return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.wait([slow, quick])
    return done.pop().result()

async def both(fetch, one, two):
    slow, quick = asyncio.create_task(fetch(two)), asyncio.create_task(fetch(one))
    await asyncio.wait([slow, quick], timeout=5)
    return await slow, await quick
"""
        ),
    ),
)
