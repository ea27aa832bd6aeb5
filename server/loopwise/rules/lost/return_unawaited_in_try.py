"""``return fetch()`` in a ``try`` or ``with`` leaves the block before the coroutine runs.

An ``async def`` that returns a coroutine returns it without running it: by the time it is awaited, the handlers, the
``finally`` and the context manager have already exited.
Its exceptions are not caught, and the connection or lock that it needs is already closed.
``return await fetch()`` runs it inside the block.

If the function's annotation says that it returns a coroutine or an awaitable, nothing is reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, coroutine
from loopwise.analysis.prefilter import COROUTINE
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import HANDLERS, Node, field, parts_of, span_of, text_of, unwrap

_HANDED = re.compile(r"\b(?:Coroutine|CoroutineType|Awaitable|Callable|object)\b")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    value = parts_of(node)[0] if len(parts_of(node)) == 1 else None
    call = unwrap(value) if value is not None else None
    if call is None or call.type != "call" or not unit.on_loop(node):
        return
    # The caller awaits the coroutine only after the block has been left.
    left = _left(unit, node)
    if left and not _hands_over(unit, node) and coroutine(unit, call):
        message = f"Coroutine {call_label(unit, call)} runs after {left} has exited; await it in the return"
        yield Finding(span_of(call), message, lambda: (await_fix(unit, call),))


def _left(unit: Unit, node: Node) -> str:
    """The enclosing ``try`` or ``with`` that is left before the caller gets the value; empty if there is none."""
    for outer in unit.around(node):
        if outer.type == "with_statement":
            return "the 'with' block"
        if outer.type != "try_statement":
            continue
        kinds = {child.type for child in parts_of(outer)}
        body = field(outer, "body")
        if kinds & HANDLERS and body is not None and body.start_byte <= node.start_byte < body.end_byte:
            return "the 'try' block"
        last = next((child for child in parts_of(outer) if child.type == "finally_clause"), None)
        if last is not None and node.start_byte < last.start_byte:
            return "the 'try' block"
    return ""


def _hands_over(unit: Unit, node: Node) -> bool:
    function = unit.function(node)
    annotation = field(function, "return_type") if function is not None else None
    return annotation is not None and _HANDED.search(text_of(annotation)) is not None


RULE = Rule(
    code="LW107",
    name="return-unawaited-in-try",
    severity=Severity.WARNING,
    nodes=("return_statement",),
    check=check,
    triggers=frozenset({COROUTINE}),
    **page(__doc__),
    peers=("return-await",),
    cards=("coro", "await"),
    examples=(
        Example(
            bad="""\
async def fetch(url): ...

async def load(url):
    try:
        return fetch(url)
#              ^^^^^^^^^^
    except OSError:
        return None
""",
            fixed=(
                """\
async def fetch(url): ...

async def load(url):
    try:
        return await fetch(url)
    except OSError:
        return None
""",
            ),
        ),
        Example(
            good="""\
async def fetch(url): ...

async def load(url):
    try:
        return await fetch(url)
    except OSError:
        return fetch("other")
"""
        ),
    ),
)
