"""A coroutine that is never awaited does nothing: calling a coroutine function only creates the coroutine.

At best, Python reports it at run time (``coroutine 'fetch' was never awaited``), when the coroutine is discarded.
Awaiting it runs it immediately; ``create_task`` runs it concurrently with the code that follows, and the task must be
stored.

A call is reported if its value is discarded: as a statement, as the last part of ``a and b`` or of a conditional
expression, as the items of a comprehension.
The result of a decorator is trusted; if it is not known, nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, given, is_expected
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import KEPT_ITEMS, dropped
from loopwise.analysis.prefilter import COROUTINE
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import group_at_hand, in_set, line_of
from loopwise.syntax import COLLECTING, Node, field, span_of, text_of, unwrap
from loopwise.writing import insert


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    alone = unwrap(node)
    for call in dropped(node) if alone.type != "attribute" else (alone,):
        evidence = given(unit, call)
        if evidence and not is_expected(unit, call):
            name = call_label(unit, call) if call.type == "call" else text_of(call)
            message = f"Coroutine {name} is never awaited, so it never runs"
            yield Finding(span_of(call), message, lambda call=call: tuple(_fixes(unit, call)), evidence=evidence)  # type: ignore[misc]


def _fixes(unit: Unit, call: Node) -> Iterator[Fix]:
    comprehension = next((outer for outer in unit.around(call) if outer.type in KEPT_ITEMS), None)
    yield await_fix(
        unit, call, "Await the coroutines one by one" if comprehension else "Await the call", safe=comprehension is None
    )
    runs, group = unit.runs(call), group_at_hand(unit, call)
    if runs is ExecutionContext.ASYNC and comprehension is not None and comprehension.type in COLLECTING:
        yield _gathered(unit, comprehension)
    if group is not None:
        start = insert(call.start_byte, f"{group}.create_task(")
        yield Fix(f"Start a task in {group}", (start, insert(call.end_byte, ")")), safe=False)
    if runs is ExecutionContext.ASYNC:
        yield from _kept(unit, call)
    elif runs is ExecutionContext.MODULE or (runs is ExecutionContext.SYNC and _is_main(unit, call)):
        yield from _run(unit, call)


def _gathered(unit: Unit, comprehension: Node) -> Fix:
    written = unit.imported(comprehension, "asyncio", "gather")
    start = insert(comprehension.start_byte, f"await {written.text}(*")
    return Fix(
        "Await all with asyncio.gather()", (*written.edits, start, insert(comprehension.end_byte, ")")), safe=False
    )


def _kept(unit: Unit, call: Node) -> Iterator[Fix]:
    statement = call.parent
    line = line_of(unit, statement) if statement is not None and statement.type == "expression_statement" else None
    if line is not None:
        written = unit.imported(call, "asyncio", "create_task")
        edits = (insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")"))
        fix = in_set(unit, line, None, edits)
        title = "Start a task and store it"
        yield Fix(title, (*written.edits, *fix.edits), safe=False, holes=fix.holes)


def _is_main(unit: Unit, call: Node) -> bool:
    function = unit.function(call)
    return function is not None and text_of(field(function, "name") or function) == "main"


def _run(unit: Unit, call: Node) -> Iterator[Fix]:
    if any(outer.type in KEPT_ITEMS for outer in unit.around(call)):
        return
    written = unit.imported(call, "asyncio", "run")
    edits = (*written.edits, insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")"))
    # Safe only under ``if __name__ == "__main__"``: elsewhere an import would start a loop.
    tests = [test for outer in unit.around(call) if (test := field(outer, "condition")) is not None]
    yield Fix("Run with asyncio.run()", edits, safe=any("__main__" in text_of(test) for test in tests))


RULE = Rule(
    code="LW101",
    name="missing-await",
    severity=Severity.ERROR,
    nodes=("expression_statement",),
    check=check,
    triggers=frozenset({COROUTINE}),
    **page(__doc__),
    peers=("reportUnusedCoroutine", "unused-coroutine", "unused-awaitable"),
    cards=("coro", "await"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main():
    asyncio.sleep(1)
#   ^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def main():
    await asyncio.sleep(1)
""",
                """\
import asyncio

background_tasks = set()


async def main():
    task = asyncio.create_task(asyncio.sleep(1))
    background_tasks.add(task)
    task.add_done_callback(background_tasks.discard)
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(urls):
    [fetch(url) for url in urls]
#    ^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    [await fetch(url) for url in urls]
""",
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    await asyncio.gather(*[fetch(url) for url in urls])
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Store:
    async def save(self): ...

async def main(store: Store, stores):
    await store.save()
    await asyncio.gather(*[each.save() for each in stores])
"""
        ),
    ),
)
