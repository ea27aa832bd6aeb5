"""A running loop cannot be run again: ``asyncio.run`` in async code raises ``RuntimeError``.

``asyncio.run``, ``Runner.run``, ``run_until_complete`` and ``run_forever`` start an event loop and wait for it in the
current thread; in a coroutine, and in a notebook cell, a loop is already running there.
Await the coroutine instead.  Nor can a coroutine close the loop that runs it.
If ``nest_asyncio`` is used, loops may be nested, and nothing is reported.

A plain method that runs what derived classes may return as a coroutine (``if asyncio.iscoroutine(result):``) fails the
same way as soon as async code calls it; that is a warning, and only if a derived class of the project does return one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import has, is_coroutine_name, is_stub
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import raises_expected
from loopwise.analysis.known_names import LOOP_GETTERS
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Unknown, each, members
from loopwise.syntax import Node, arguments_of, field, node_at, source_of, span_of, text_of
from loopwise.writing import awaited

_RUNS = names(
    "asyncio.run asyncio.Runner.run asyncio.loop.run_until_complete asyncio.loop.run_forever"
    " asyncio.AbstractEventLoop.run_until_complete asyncio.AbstractEventLoop.run_forever"
)
_CLOSES = names("asyncio.loop.close asyncio.AbstractEventLoop.close")
# The function tests for a running loop, or expects the error.
_ASKS = re.compile(rb"\b(?:get_running_loop|_get_running_loop|is_running|current_thread|RuntimeError)\b")
# nest_asyncio patches asyncio so that loops can be nested.
_NESTED = re.compile(rb"\bnest_asyncio|_nest_patched\b")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    runs = unit.runs(node)
    if runs is ExecutionContext.SYNC and _runs_a_hook(unit, node):
        called = text_of(field(node, "function") or node)
        message = f"Call to {called}() raises RuntimeError if async code calls this method"
        yield Finding(span_of(node), message, severity=Severity.WARNING)
    if runs not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    if unit.call_in(node, _CLOSES) and _is_running(unit, node):
        yield Finding(span_of(node), "Call to loop.close() in a coroutine raises RuntimeError: the loop is running")
    name = unit.call_in(node, _RUNS)
    if name is None or _NESTED.search(unit.file.source.data) or raises_expected(node, "RuntimeError"):
        return
    if any("is_running" in text_of(condition) for condition in _conditions(unit, node)):
        return
    where = "in a coroutine" if runs is ExecutionContext.ASYNC else "in a notebook cell"
    last = name.removeprefix("asyncio.")
    message = f"Call to {last}() {where} raises RuntimeError: a loop is already running"
    yield Finding(span_of(node), message, lambda: tuple(_fixes(unit, node, last.rpartition(".")[2])))


def _is_running(unit: Unit, node: Node) -> bool:
    """Is it a method of the loop that runs the coroutine, which the coroutine asked for itself?"""
    callee, function = field(node, "function"), unit.function(node)
    loop = field(callee, "object") if callee is not None else None
    if loop is None or function is None or raises_expected(node, "RuntimeError"):
        return False
    if loop.type == "call":
        return unit.call_in(loop, LOOP_GETTERS) is not None
    bindings = unit.file.table_of(function).by_name.get(text_of(loop), ()) if loop.type == "identifier" else ()
    made = [node_at(function, one.value.shifted(function.start_byte)) for one in bindings if one.value is not None]
    return (
        bool(made)
        and len(made) == len(bindings)
        and all(one is not None and one.type == "call" and unit.call_in(one, LOOP_GETTERS) for one in made)
    )


def _runs_a_hook(unit: Unit, node: Node) -> bool:
    """Is it ``asyncio.run(result)`` in a public method, of what is a coroutine only in some derived classes?"""
    function, (positional, _, _) = unit.function(node), arguments_of(node)
    name = field(function, "name") if function is not None else None
    owner = unit.owner(function) if function is not None else None
    result = positional[0] if positional and positional[0].type == "identifier" else None
    if function is None or name is None or owner is None or result is None or text_of(name).startswith("_"):
        return False
    asked = re.search(rb"\b(?:iscoroutine|isawaitable)\(\s*" + (result.text or b"") + rb"\s*\)", function.text or b"")
    if asked is None or _ASKS.search(function.text or b"") or unit.call_in(node, _RUNS) is None:
        return False
    return not _NESTED.search(unit.file.source.data) and _is_of_a_hook(unit, function, owner, text_of(result))


def _is_of_a_hook(unit: Unit, function: Node, owner: ClassObject, result: str) -> bool:
    """Is a local name what a method returned that is there to be overridden, and is a coroutine function elsewhere?"""
    methods = {text_of(name): one for one in members.methods(owner.node) if (name := field(one, "name")) is not None}
    for binding in unit.file.table_of(function).by_name.get(result, ()):
        node = node_at(function, binding.value.shifted(function.start_byte)) if binding.value is not None else None
        callee = field(node, "function") if node is not None and node.type == "call" else None
        hook = text_of(field(callee, "attribute") or callee) if callee is not None else ""
        if hook in methods and is_stub(methods[hook]) and is_coroutine_name(unit, hook):
            return True
    return False


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
    text = source_of(what)
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
    triggers=_RUNS.last | _CLOSES.last,
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
