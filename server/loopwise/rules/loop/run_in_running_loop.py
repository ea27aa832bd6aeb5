"""A running loop cannot be run again: ``asyncio.run`` in async code raises ``RuntimeError``.

``asyncio.run``, ``Runner.run``, ``run_until_complete`` and ``run_forever`` start an event loop and wait for it in the
current thread; in a coroutine, and in a notebook cell, a loop is already running there.
Await the coroutine instead.
If ``nest_asyncio`` is used, loops may be nested, and nothing is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import has
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import raises_expected
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Unknown, each
from loopwise.syntax import Node, arguments_of, field, span_of, text_of
from loopwise.writing import awaited

_RUNS = names(
    "asyncio.run asyncio.Runner.run asyncio.loop.run_until_complete asyncio.loop.run_forever"
    " asyncio.AbstractEventLoop.run_until_complete asyncio.AbstractEventLoop.run_forever"
)
_NESTED = re.compile(rb"\bnest_asyncio|_nest_patched\b")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    runs = unit.runs(node)
    if runs not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    name = unit.call_in(node, _RUNS)
    if name is None or _NESTED.search(unit.file.source.data) or raises_expected(node, "RuntimeError"):
        return
    if any("is_running" in text_of(condition) for condition in _conditions(unit, node)):
        return
    where = "in a coroutine" if runs is ExecutionContext.ASYNC else "in a notebook cell"
    last = name.removeprefix("asyncio.")
    message = f"Call to {last}() {where} raises RuntimeError: a loop is already running"
    yield Finding(span_of(node), message, lambda: tuple(_fixes(unit, node, last.rpartition(".")[2])))


def _conditions(unit: Unit, node: Node) -> Iterator[Node]:
    for outer in unit.around(node):
        condition = field(outer, "condition") if outer.type in {"if_statement", "elif_clause"} else None
        if condition is not None:
            yield condition


def _fixes(unit: Unit, call: Node, name: str) -> Iterator[Fix]:
    positional, keywords, starred = arguments_of(call)
    given = positional[:1] or [value for key, value in keywords.items() if key in {"main", "coro", "future"}]
    if name == "run_forever" or starred or not given:
        return
    if not _may_be_awaited(unit, given[0]):
        return
    what, extra = given[0], len(positional) + len(keywords) > 1
    text = text_of(what)
    plain = what.type in {"call", "identifier", "attribute", "subscript"}
    sure = not extra and (unit.gives_coroutine(what) or name == "run_until_complete")
    yield Fix("Await the coroutine", awaited(call, text if plain else f"({text})"), safe=sure)


def _may_be_awaited(unit: Unit, node: Node) -> bool:
    """Is the argument a coroutine, or unknown?"""
    return any(isinstance(m, Unknown) or has(unit, m, "__await__") for m in each(unit.value(node)))


RULE = Rule(
    code="LW407",
    name="run-in-running-loop",
    severity=Severity.ERROR,
    nodes=("call",),
    check=check,
    triggers=_RUNS.last,
    **page(__doc__),
    cards=("asyncio.run", "asyncio.loop.run_until_complete"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main():
    return asyncio.run(work())
#          ^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def work(): ...

async def main():
    return await work()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

if __name__ == "__main__":
    asyncio.run(work())
""",
        ),
    ),
)
