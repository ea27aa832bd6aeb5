"""``asyncio.get_event_loop()`` returns the running loop in async code, but elsewhere a loop that may not exist.

In a coroutine, ``asyncio.get_running_loop()`` returns the same loop and is clearer.
Elsewhere, it returns the loop set with ``set_event_loop``; if there is none, Python up to 3.13 creates a loop (since
3.12 with a ``DeprecationWarning``), and Python 3.14 raises ``RuntimeError``.
``asyncio.run`` creates a loop, runs it and closes it.

In plain code, it is reported only where no loop can be running: where a module is imported, and where the loop is
started with ``run_until_complete`` for a coroutine; and not if the code sets a loop or catches the error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import asked_first, raises_expected
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, Node, arguments_of, field, nodes_of, span_of, text_of
from loopwise.text import Edit, Span, encode

_GET = names("asyncio.get_event_loop")
_STARTS = frozenset({"run_until_complete", "run_forever"})
# The file sets a loop, or patches asyncio, so get_event_loop() may return one.
_SETS = re.compile(rb"\bset_event_loop(?:_policy)?\b|\bnest_asyncio\b")
_WARNS_FROM, _RAISES_FROM = (3, 12), (3, 14)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    runs = unit.runs(node)
    if runs is ExecutionContext.CLASS and not _is_in_function(node):
        runs = ExecutionContext.MODULE  # a default, or the body of a class: evaluated at import
    if runs in {ExecutionContext.LAMBDA, ExecutionContext.CLASS, ExecutionContext.CELL} or not unit.call_in(node, _GET):
        return
    if runs is ExecutionContext.ASYNC:
        message = "In a coroutine, use get_running_loop() instead of get_event_loop()"
        yield Finding(span_of(node), message, lambda: (_running(unit, node),))
    elif unit.target.ceiling >= _WARNS_FROM and _is_first(unit, node, runs):
        raises = unit.target.ceiling >= _RAISES_FROM
        what = "raises RuntimeError on Python 3.14" if raises else "is deprecated since Python 3.12"
        message = f"Without a running or current event loop, get_event_loop() {what}"
        yield Finding(span_of(node), message, lambda: tuple(_run(unit, node)), deprecated=not raises)


def _is_in_function(node: Node) -> bool:
    inner, outer = node, node.parent
    while outer is not None:
        if outer.type in {"function_definition", "lambda"} and inner == field(outer, "body"):
            return True
        inner, outer = outer, outer.parent
    return False


def _is_first(unit: Unit, call: Node, runs: ExecutionContext) -> bool:
    """Is there certainly no loop that it could return?"""
    if _SETS.search(unit.file.source.data) or raises_expected(call, "RuntimeError") or asked_first(call):
        return False
    first = next(_started(unit, call), None)
    if first is None:
        return runs is ExecutionContext.MODULE and not _is_started_by(call)
    # With a future instead of a coroutine the loop exists already.
    given = arguments_of(first)[0]
    return len(given) == 1 and unit.gives_coroutine(given[0])


def _is_started_by(call: Node) -> bool:
    """Is the loop used at once, in which case other code may have set it?"""
    return call.parent is not None and call.parent.type == "attribute"


def _started(unit: Unit, call: Node) -> Iterator[Node]:
    """The calls that start the loop returned by ``call``, in its function."""
    outer = call.parent
    if outer is not None and outer.type == "attribute":
        starts = text_of(field(outer, "attribute") or outer) in _STARTS
        if starts and outer.parent is not None and outer.parent.type == "call":
            yield outer.parent
        return
    left = field(outer, "left") if outer is not None and outer.type == "assignment" else None
    function = unit.function(call) or unit.file.root
    if left is None or left.type not in {"identifier", "attribute"}:
        return
    for other in nodes_of(function, CALLS):
        callee = field(other, "function")
        if callee is None or callee.type != "attribute" or other.start_byte < call.start_byte:
            continue
        name, owner = field(callee, "attribute"), field(callee, "object")
        if name is not None and owner is not None and text_of(name) in _STARTS and text_of(owner) == text_of(left):
            yield other


def _running(unit: Unit, call: Node) -> Fix:
    callee = field(call, "function") or call
    if callee.type == "attribute":
        name = field(callee, "attribute") or callee
        return Fix("Use get_running_loop()", (Edit(span_of(name), b"get_running_loop"),))
    written = unit.imported(call, "asyncio", "get_running_loop")
    return Fix("Use get_running_loop()", (*written.edits, Edit(span_of(callee), encode(written.text))))


def _run(unit: Unit, call: Node) -> Iterator[Fix]:
    """Use ``asyncio.run`` if the loop is obtained and started in one expression."""
    outer = call.parent
    start = next(_started(unit, call), None)
    if outer is None or outer.type != "attribute" or start is None:
        return
    positional, keywords, starred = arguments_of(start)
    if (
        text_of(field(outer, "attribute") or outer) != "run_until_complete"
        or starred
        or keywords
        or len(positional) != 1
    ):
        return
    written = unit.imported(start, "asyncio", "run")
    edit = Edit(Span(start.start_byte, outer.end_byte), encode(written.text))
    yield Fix("Use asyncio.run()", (*written.edits, edit), safe=False)


RULE = Rule(
    code="LW408",
    name="get-event-loop",
    severity=Severity.INFORMATION,
    nodes=("call",),
    check=check,
    triggers=_GET.last,
    **page(__doc__),
    cards=("asyncio.get_event_loop", "asyncio.get_running_loop", "asyncio.run"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main():
    loop = asyncio.get_event_loop()
#          ^^^^^^^^^^^^^^^^^^^^^^^^
    return loop.time()
""",
            fixed=(
                """\
import asyncio

async def main():
    loop = asyncio.get_running_loop()
    return loop.time()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def work(): ...

def main():
    asyncio.get_event_loop().run_until_complete(work())
#   ^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def work(): ...

def main():
    asyncio.run(work())
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def main():
    return asyncio.get_running_loop()
""",
        ),
    ),
)
