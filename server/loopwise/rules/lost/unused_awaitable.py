"""A future that is never awaited or stored loses its result, its exception, and sometimes its work.

``gather()`` starts its arguments and returns one future for all of them; ``shield()`` and ``wrap_future()`` return a
future that follows another one.
So do library functions that are declared to return an ``Awaitable``, such as those of ``redis.asyncio``, or an object
that is a coroutine of its own, such as ``session.get(url)`` of aiohttp.
If that future is discarded, nothing waits for the work, its outcome is never seen, and the tasks created by ``gather``
may be garbage-collected before they are done.
Await it, or store it and await it later.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, is_expected, is_pending
from loopwise.analysis.flow import dropped
from loopwise.analysis.prefilter import COROUTINE, names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import COMPREHENSIONS, Node, span_of

_FUTURES = names("asyncio.gather asyncio.shield asyncio.wrap_future")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for call in dropped(node):
        name = unit.call_in(call, _FUTURES)
        given = f"Future from {name}()" if name else _awaitable(unit, call)
        if given and not is_expected(unit, call):
            message = f"{given} is never awaited or stored"
            yield Finding(span_of(call), message, lambda call=call: _fixes(unit, call))  # type: ignore[misc]


def _awaitable(unit: Unit, call: Node) -> str:
    """The library's awaitable that a call returns, in words; otherwise empty."""
    return f"Awaitable from {call_label(unit, call)}" if is_pending(unit, call) else ""


def _fixes(unit: Unit, call: Node) -> tuple[Fix, ...]:
    alone = not any(outer.type in COMPREHENSIONS for outer in unit.around(call))
    return (await_fix(unit, call, safe=alone),)


RULE = Rule(
    code="LW102",
    name="unused-awaitable",
    severity=Severity.WARNING,
    nodes=("expression_statement",),
    check=check,
    triggers=_FUTURES.last | {COROUTINE},
    **page(__doc__),
    peers=("unused-awaitable",),
    cards=("asyncio.gather", "asyncio.shield", "asyncio.wrap_future"),
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main():
    asyncio.gather(fetch("a"), fetch("b"))
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main():
    await asyncio.gather(fetch("a"), fetch("b"))
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(url): ...

async def main():
    both = asyncio.gather(fetch("a"), fetch("b"))
    await both
    await asyncio.gather(fetch("a"), fetch("b"))
"""
        ),
    ),
)
