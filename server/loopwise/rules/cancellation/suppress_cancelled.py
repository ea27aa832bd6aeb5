"""``contextlib.suppress`` of a cancellation around an ``await`` also swallows the task's own cancellation.

``suppress(asyncio.CancelledError)`` is for joining a task that this code has just cancelled.
Around anything else, the cancellation of the task itself is lost: neither a timeout nor ``task.cancel()`` ends it.
``suppress(BaseException)`` swallows it too; ``suppress(Exception)`` does not.
Nothing is reported if only tasks and futures are awaited, after a ``cancel()``, and where a task's main function simply
ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import items
from loopwise.analysis.flow import BROAD, CANCELLED, Exit, lost, parameters_of
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import JUMPS, Node, arguments_of, field, first_of, parts_of, previous_of, span_of, text_of
from loopwise.writing import replace

_SUPPRESS = names("contextlib.suppress")
_TAKING = CANCELLED | BROAD
# What asks of which kind the exception is.
_ASKS = re.compile(rb"\b(?:isinstance|issubclass)\(")
_LAST = frozenset(name.rpartition(".")[2] for name in _TAKING)
_FALL = frozenset({Exit.FALL})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "return_statement":
        yield from _in_exit(node, unit)
        return
    body, given = field(node, "body"), _suppressed(unit, node)
    if body is None or given is None:
        return
    broad = unit.name(given) in BROAD
    found = lost(unit, node, body, _FALL, broad=broad)
    if found is not None:
        yield Finding(span_of(given), found, lambda: _fixes(given, broad=broad))


def _in_exit(node: Node, unit: Unit) -> Iterator[Finding]:
    """``return True`` in an ``__aexit__`` that does not test the exception."""
    function = unit.function(node)
    name = field(function, "name") if function is not None else None
    given = first_of(node)
    if function is None or name is None or text_of(name) != "__aexit__" or given is None or given.type != "true":
        return
    if _ASKS.search(function.text or b""):
        return
    asked = (field(outer, "condition") for outer in unit.around(node))
    if _is_for_no_error(node, function):
        return
    if not any(asked) and not any(outer.type == "case_clause" for outer in unit.around(node)):
        yield Finding(
            span_of(node), "Returning True from __aexit__() suppresses every exception, including CancelledError"
        )


def _is_for_no_error(node: Node, function: Node) -> bool:
    """Does an earlier ``if``, which tests the exception, leave the function?"""
    # Without ``self``.
    parameters = list(parameters_of(function))[1:]
    sibling = previous_of(node)
    while sibling is not None:
        test, body = field(sibling, "condition"), field(sibling, "consequence")
        leaves = body is not None and any(one.type in JUMPS for one in parts_of(body))
        if sibling.type == "if_statement" and test is not None and leaves:
            if any(re.search(rf"\b{name}\b", text_of(test)) for name in parameters):
                return True
        sibling = previous_of(sibling)
    return False


def _suppressed(unit: Unit, statement: Node) -> Node | None:
    """The class passed to ``suppress`` that includes cancellations."""
    for item in items(statement):
        if item.value.type == "call" and unit.call_in(item.value, _SUPPRESS):
            for given in arguments_of(item.value)[0]:
                last = text_of(given).rpartition(".")[2]
                if (last in _LAST or last in unit.aliases) and unit.name(given) in _TAKING:
                    return given
    return None


def _fixes(given: Node, *, broad: bool) -> tuple[Fix, ...]:
    if not broad:
        return ()
    return (Fix("Suppress Exception instead", (replace(given, "Exception"),), safe=False),)


RULE = Rule(
    code="LW302",
    name="suppress-cancelled",
    severity=Severity.WARNING,
    nodes=("with_statement", "return_statement"),
    check=check,
    triggers=_SUPPRESS.last | {"__aexit__"},
    **page(__doc__),
    cards=("asyncio.CancelledError", "asyncio.Task.cancel"),
    examples=(
        Example(
            bad="""\
import asyncio
from contextlib import suppress

async def poll(fetch):
    while True:
        with suppress(ValueError, asyncio.CancelledError):
#                                 ^^^^^^^^^^^^^^^^^^^^^^
            await fetch()
""",
        ),
        Example(
            good="""\
import asyncio
from contextlib import suppress

async def stop(task):
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
""",
        ),
    ),
)
