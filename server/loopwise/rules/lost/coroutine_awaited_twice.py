"""A coroutine runs only once: awaiting it again raises ``RuntimeError: cannot reuse already awaited coroutine``.

A retry that awaits the same coroutine in each iteration fails from the second iteration on, whatever error came first.
So does an ``except`` that awaits the coroutine that failed in its ``try``.
A coroutine stored in a dictionary or attribute, as a cache, fails when it is awaited the second time.
Call the coroutine function again each time, or wrap the coroutine in a task, which can be awaited any number of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import call_label, coroutine, held_call, reads
from loopwise.analysis.flow import own, raises_expected
from loopwise.analysis.prefilter import COROUTINE, names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    ASSIGNMENTS,
    HANDLERS,
    LOOP_ENDS,
    LOOPS,
    Node,
    await_of,
    awaited_part,
    field,
    last_of,
    parts_of,
    source_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.writing import insert, replace

_TAKERS = names(
    "asyncio.wait_for asyncio.create_task asyncio.ensure_future asyncio.shield asyncio.gather asyncio.run"
    " asyncio.loop.create_task asyncio.loop.run_until_complete asyncio.TaskGroup.create_task"
    " asyncio.run_coroutine_threadsafe"
)
_IF = frozenset({"if_statement"})
_BRANCHES = frozenset({"if_statement", "match_statement", "elif_clause", "else_clause", "case_clause"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    awaited = awaited_part(node)
    value = unwrap(awaited) if awaited is not None else None
    if value is not None and value.type in {"attribute", "subscript"}:
        yield from _stored(node, value, unit)
    if value is None or value.type != "identifier" or raises_expected(node, "RuntimeError"):
        return
    call = held_call(unit, value)
    if call is None:
        return
    earlier, again = _earlier(unit, value, call), _round(unit, node, call)
    if earlier is None and again is None:
        return
    what = "in each iteration" if earlier is None else "twice"
    message = f"Coroutine {call_label(unit, call)} is awaited {what}, which raises RuntimeError"
    place = earlier or call
    related = (Related(span_of(place), "First awaited here" if earlier is not None else "Created once here"),)
    yield Finding(span_of(value), message, lambda: (_fix(unit, value, call, again=again is not None),), related)


def _stored(wait: Node, target: Node, unit: Unit) -> Iterator[Finding]:
    """A coroutine that is stored once, when there is none yet, and awaited on each call."""
    function, stored = unit.function(wait), text_of(target)
    holder = text_of(parts_of(target)[0]) if target.type == "subscript" else stored
    for statement in own(field(function, "body") or function, _IF) if function is not None else ():
        test, body = field(statement, "condition"), field(statement, "consequence")
        if test is None or body is None or statement.start_byte > wait.start_byte or not _is_absent(test, holder):
            continue
        for assignment in own(body, ASSIGNMENTS):
            left, right = field(assignment, "left"), field(assignment, "right")
            call = unwrap(right) if right is not None else None
            if left is None or text_of(left) != stored or call is None or _is_dropped(unit, function, assignment):
                continue
            if coroutine(unit, call):
                message = f"Coroutine stored in '{stored}' can be awaited only once; the next await raises RuntimeError"
                related = (Related(span_of(call), "Created once here"),)
                yield Finding(span_of(target), message, lambda call=call: (_as_task(unit, call),), related)  # type: ignore[misc]
                return


def _is_dropped(unit: Unit, function: Node | None, assignment: Node) -> bool:
    """Does the function that stores a coroutine also forget it, so that the next call creates another one?"""
    target = field(assignment, "left")
    if function is None or target is None:
        return False
    others = (field(other, "left") for other in own(function, ASSIGNMENTS) if other != assignment)
    if any(left is not None and left.text == target.text for left in others):
        return True
    forgets = rf"\bdel {re.escape(text_of(target))}(?!\w)"
    if target.type == "subscript":
        forgets += rf"|(?<![\w.]){re.escape(text_of(parts_of(target)[0]))}\.(?:pop|popitem|clear)\("
    return re.search(forgets.encode(), function.text or b"") is not None


def _is_absent(test: Node, holder: str) -> bool:
    """Does a test check that something is not set yet?"""
    text = " ".join(source_of(test).split())
    return text.endswith(f" not in {holder}") or text in {f"{holder} is None", f"not {holder}"}


def _as_task(unit: Unit, call: Node) -> Fix:
    written = unit.imported(call, "asyncio", "create_task")
    edits = (*written.edits, insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")"))
    return Fix("Wrap the coroutine in a task", edits, safe=False)


def _earlier(unit: Unit, name: Node, call: Node) -> Node | None:
    """The earlier place that has certainly run the coroutine."""
    function = unit.function(name)
    if function is None:
        return None
    for place in reads(unit, function, text_of(name)):
        if place.start_byte >= name.start_byte or unit.function(place) != function:
            continue
        if held_call(unit, place) == call and _takes(unit, place) and _comes_first(unit, place, name):
            return place
    return None


def _takes(unit: Unit, name: Node) -> bool:
    """Does the code around a name run the coroutine?"""
    outer = name.parent
    while outer is not None and outer.type == "parenthesized_expression":
        outer = outer.parent
    if outer is not None and outer.type == "argument_list":
        call = outer.parent
        return call is not None and call.type == "call" and unit.call_in(call, _TAKERS) is not None
    return await_of(name) is not None


def _comes_first(unit: Unit, place: Node, name: Node) -> bool:
    """Is ``place`` always passed on the way to ``name``?"""
    inner = place
    for outer in unit.around(place):
        inside = outer.start_byte <= name.start_byte < outer.end_byte
        if inside:
            return _follows(outer, inner, name)
        if outer.type in {*_BRANCHES, *LOOPS, *HANDLERS, "conditional_expression", "boolean_operator"}:
            return False
        # The exception may have been raised before ``place`` was reached.
        if outer.type == "try_statement" and any(child.type in HANDLERS for child in parts_of(outer)):
            return False
        # Their bodies may never run.
        if outer.type in {"generator_expression", "lambda"}:
            return False
        inner = outer
    return True


def _follows(outer: Node, inner: Node, name: Node) -> bool:
    """In a node that contains both, is ``name`` reached after ``inner`` has run?"""
    if outer.type in {"conditional_expression", "boolean_operator", "match_statement"} or "comprehension" in outer.type:
        return False
    if outer.type == "if_statement":
        return inner == field(outer, "condition")
    if outer.type == "try_statement":
        # ``finally`` also runs if the body raised before the first await.
        part = next(child for child in parts_of(outer) if child.start_byte <= name.start_byte < child.end_byte)
        return part.type != "finally_clause" and inner == field(outer, "body")
    return True


def _round(unit: Unit, node: Node, call: Node) -> Node | None:
    """The loop that reaches the same coroutine again."""
    inner, left = node, False
    for outer in unit.around(node):
        if outer.type == "try_statement" and inner == field(outer, "body") and _goes_on(outer):
            left = False
        if outer.type == "block":
            left = left or _left_after(outer, inner)
        if outer.type in LOOPS:
            # A coroutine created in the loop is a new one in each iteration.
            made_inside = outer.start_byte <= call.start_byte < outer.end_byte
            return outer if field(outer, "body") == inner and not made_inside and not left else None
        # A branch may be taken in one iteration only.
        if outer.type in {*HANDLERS, *_BRANCHES, "generator_expression"} or "comprehension" in outer.type:
            return None
        inner = outer
    return None


def _goes_on(statement: Node) -> bool:
    """Does the ``try`` statement have a handler after which execution continues?"""
    for clause in parts_of(statement):
        block = last_of(clause) if clause.type in HANDLERS else None
        if block is not None and block.type == "block" and not any(n.type in LOOP_ENDS for n in parts_of(block)):
            return True
    return False


def _left_after(block: Node, statement: Node) -> bool:
    """Is the loop left at the end of a block, or by the statement itself?"""
    later = [child for child in parts_of(block) if child.start_byte >= statement.start_byte]
    return any(child.type in LOOP_ENDS for child in later)


def _fix(unit: Unit, name: Node, call: Node, *, again: bool) -> Fix:
    # In a handler the first await has raised, and a task would only raise the same exception again.
    handled = any(outer.type in HANDLERS for outer in unit.around(name))
    if again or handled:
        return Fix("Call the function again here", (replace(name, source_of(call)),), safe=False)
    written = unit.imported(call, "asyncio", "create_task")
    edits = (*written.edits, insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")"))
    return Fix("Wrap the coroutine in a task", edits, safe=False)


RULE = Rule(
    code="LW106",
    name="coroutine-awaited-twice",
    severity=Severity.ERROR,
    nodes=("await",),
    check=check,
    triggers=frozenset({COROUTINE}),
    **page(__doc__),
    cards=("coro", "await"),
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(): ...

async def main():
    coroutine = fetch()
    first = await coroutine
    second = await coroutine
#                  ^^^^^^^^^
    return first, second
""",
            fixed=(
                """\
import asyncio

async def fetch(): ...

async def main():
    coroutine = asyncio.create_task(fetch())
    first = await coroutine
    second = await coroutine
    return first, second
""",
            ),
        ),
        Example(
            bad="""\
async def fetch(url): ...

async def main():
    coroutine = fetch("x")
    for attempt in range(3):
        try:
            return await coroutine
#                        ^^^^^^^^^
        except OSError:
            print(attempt)
""",
            fixed=(
                """\
async def fetch(url): ...

async def main():
    coroutine = fetch("x")
    for attempt in range(3):
        try:
            return await fetch("x")
        except OSError:
            print(attempt)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(): ...

async def main():
    task = asyncio.create_task(fetch())
    await task
    await task
"""
        ),
    ),
)
