"""A coroutine is always true, so a condition that does not await it has only one outcome.

``if not self.is_ready():`` never takes its branch if ``is_ready`` is an ``async def``, whatever it would have returned,
and the coroutine is discarded.
Await it in the condition.
So is the method itself: ``if not self.is_ready:`` and ``while not event.is_set:`` lack the call, unless the code below
calls what it tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, coroutine_function, given, is_pending, lacks
from loopwise.analysis.flow import asked_about
from loopwise.analysis.prefilter import COROUTINE, names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, Signature, each
from loopwise.syntax import Node, field, first_of, parts_of, span_of, text_of
from loopwise.writing import insert

# None of them defines ``__bool__`` or ``__len__``.
_ALWAYS_TRUE = ("typing.Awaitable", "typing.Coroutine", "asyncio.Future")
_TESTS = names(
    "asyncio.Event.is_set asyncio.Queue.empty asyncio.Queue.full asyncio.Lock.locked asyncio.Semaphore.locked"
    " asyncio.Task.done asyncio.Task.cancelled asyncio.Future.done asyncio.Future.cancelled"
    " asyncio.StreamWriter.is_closing asyncio.StreamReader.at_eof asyncio.loop.is_running asyncio.loop.is_closed"
)
_PROMISES = re.compile(rb"\b(?:Awaitable|Coroutine)\[")
_ASKING = frozenset({"if", "while", "not", "and", "or", "assert"})
# Functions that run a coroutine.
_RUNS = rb"run|run_until_complete|run_coroutine_threadsafe|create_task|ensure_future|gather|wait_for|shield"


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    tested = _tested(node)
    for one in _judged(tested) if tested is not None else ():
        if one.type == "attribute" and _is_uncalled(unit, node, one):
            message = f"Coroutine function '{text_of(one)}' is not called, so the condition is always true"
            yield Finding(span_of(one), message)
            continue
        if one.type == "attribute" and _is_uncalled_test(unit, one):
            message = f"Method '{text_of(one)}' is not called, so the condition is always true"
            is_known = all(isinstance(value, Function) for value in each(unit.doubting.value(unit.file, one)))
            certainty = Evidence.CERTAIN if is_known else Evidence.LIKELY
            fix = Fix("Call the method", (insert(one.end_byte, "()"),), safe=False)
            yield Finding(span_of(one), message, lambda fix=fix: (fix,), evidence=certainty)  # type: ignore[misc]
            continue
        evidence = _evidence(unit, one)
        if evidence and not _is_run(node, one):
            name = call_label(unit, one) if one.type == "call" else f"'{text_of(one)}'"
            what = "Coroutine" if given(unit, one) else "Awaitable"
            message = f"{what} {name} is not awaited, so the condition is always true"
            yield Finding(span_of(one), message, lambda one=one: (await_fix(unit, one),), evidence=evidence)  # type: ignore[misc]


def _tested(node: Node) -> Node | None:
    """The expression whose truth a node tests."""
    if node.type == "boolean_operator":
        return field(node, "left")
    if node.type == "not_operator":
        return field(node, "argument")
    if node.type == "conditional_expression":
        # ``a if test else b``: children are in source order.
        return parts_of(node)[1] if len(parts_of(node)) >= 3 else None
    if node.type in {"assert_statement", "if_clause"}:
        return first_of(node)
    return field(node, "condition")


def _judged(node: Node) -> Iterator[Node]:
    """The calls and names whose truth decides; the left operands of ``and`` and ``or`` are checked separately."""
    if node.type in {"call", "identifier", "attribute"}:
        yield node
    elif node.type == "parenthesized_expression" and parts_of(node):
        yield from _judged(parts_of(node)[-1])
    elif node.type in {"boolean_operator", "named_expression"}:
        inner = field(node, "right" if node.type == "boolean_operator" else "value")
        yield from _judged(inner) if inner is not None else ()


def _is_uncalled(unit: Unit, node: Node, tested: Node) -> bool:
    """Is a method a coroutine function, and not tested because the code under the condition calls or passes it?"""
    word = text_of(field(tested, "attribute") or tested)
    if unit.coroutines is not None and word not in unit.coroutines:
        return False
    if len(re.findall(rb"(?<![\w.])" + re.escape(tested.text or b"") + rb"(?!\w)", node.text or b"")) > 1:
        return False
    return coroutine_function(unit, tested) is Evidence.CERTAIN


def _is_uncalled_test(unit: Unit, tested: Node) -> bool:
    """Is it a method of one of asyncio's classes that returns a truth value, as ``event.is_set``?"""
    word = text_of(field(tested, "attribute") or tested)
    return word in _TESTS.last and unit.name(tested) in _TESTS.full and not asked_about(unit, tested)


def _is_run(node: Node, tested: Node) -> bool:
    """Does the code under the condition await or run what is tested: ``if waiting: await waiting``?"""
    if tested.type != "identifier":
        return False
    name = re.escape(tested.text or b"")
    run = rb"\bawait\s+" + name + rb"\b|\b(?:" + _RUNS + rb")\(\s*" + name + rb"\b"
    return re.search(run, node.text or b"") is not None


def _evidence(unit: Unit, node: Node) -> Evidence:
    """The evidence that the tested value is a coroutine or another awaitable, and so always true."""
    return given(unit, node) or _awaitable(unit, node) or _of_library(unit, node)


def _of_library(unit: Unit, node: Node) -> Evidence:
    is_one = is_pending(unit, node) and lacks(unit, unit.value(node), "__bool__", "__len__")
    return Evidence.LIKELY if is_one else Evidence.NONE


def _awaitable(unit: Unit, node: Node) -> Evidence:
    """The evidence, from the callee's annotation, that a call returns an awaitable."""
    if node.type != "call" or not _speaks_of_awaitables(unit) or asked_about(unit, node):
        return Evidence.NONE
    called = each(unit.called(node))
    promised = bool(called) and all(isinstance(one, Signature) and one.made_of is None for one in called)
    return Evidence.LIKELY if promised and unit.is_instance(unit.value(node), *_ALWAYS_TRUE) else Evidence.NONE


def _speaks_of_awaitables(unit: Unit) -> bool:
    return unit.per_edit.get("speaks of awaitables", lambda: _PROMISES.search(unit.file.source.data) is not None)


RULE = Rule(
    code="LW103",
    name="coroutine-in-condition",
    severity=Severity.ERROR,
    nodes=(
        "if_statement",
        "elif_clause",
        "while_statement",
        "assert_statement",
        "conditional_expression",
        "not_operator",
        "boolean_operator",
        "if_clause",
    ),
    check=check,
    triggers=frozenset({COROUTINE, *_ASKING}),
    **page(__doc__),
    peers=("reportUnnecessaryComparison", "redundant-condition", "truthy-bool", "unused-coroutine"),
    cards=("coro", "await"),
    examples=(
        Example(
            bad="""\
class Store:
    async def is_ready(self): ...

    async def read(self):
        if not self.is_ready():
#              ^^^^^^^^^^^^^^^
            raise LookupError
""",
            fixed=(
                """\
class Store:
    async def is_ready(self): ...

    async def read(self):
        if not await self.is_ready():
            raise LookupError
""",
            ),
        ),
        Example(
            bad="""\
async def ready(): ...

async def main():
    answer = ready()
    if answer:
#      ^^^^^^
        return 1
    return await answer
""",
        ),
        Example(
            good="""\
async def ready(): ...

async def main(late):
    coroutine = None
    if late:
        coroutine = ready()
    if coroutine:
        await coroutine
"""
        ),
    ),
)
