"""A future that is never awaited or stored loses its result, its exception, and sometimes its work.

``gather()`` starts its arguments and returns one future for all of them; ``shield()`` and ``wrap_future()`` return a
future that follows another one.
So do library functions that are declared to return an ``Awaitable``, such as those of ``redis.asyncio``.
If that future is discarded, nothing waits for the work, its outcome is never seen, and the tasks created by ``gather``
may be garbage-collected before they are done.
Await it, or store it and await it later.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, is_expected
from loopwise.analysis.flow import dropped
from loopwise.analysis.prefilter import COROUTINE, callee_word, names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Function, Instance, each, inheritance
from loopwise.syntax import COMPREHENSIONS, Node, field, span_of

_FUTURES = names("asyncio.gather asyncio.shield asyncio.wrap_future")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for call in dropped(node):
        name = unit.call_in(call, _FUTURES)
        given = f"Future from {name}()" if name else _awaitable(unit, call)
        if given and not is_expected(unit, call):
            message = f"{given} is never awaited or stored"
            yield Finding(span_of(call), message, lambda call=call: _fixes(unit, call))  # type: ignore[misc]


def _awaitable(unit: Unit, call: Node) -> str:
    """The type of a library function's result, if it is always awaitable; otherwise empty."""
    word = callee_word(call, unit.aliases)
    if unit.coroutines is not None and word is not None and word not in unit.coroutines:
        return ""
    called, given = each(unit.called(call)), each(unit.value(call))
    if not called or not all(isinstance(one, Function) and one.file.is_summary for one in called):
        return ""
    if _is_queued(unit, call):
        return ""
    only = all(isinstance(one, Instance) and one.cls.fullname == "typing.Awaitable" for one in given)
    return f"Awaitable from {call_label(unit, call)}" if only and given else ""


def _is_queued(unit: Unit, call: Node) -> bool:
    """Does the object collect calls to run them later, as a pipeline of ``redis.asyncio`` does?"""
    receivers: list[ClassObject] = []
    callee = field(call, "function")
    while callee is not None:  # ``pipe.json().set(…)`` is collected too
        owner = field(callee, "object")
        receivers += [one.cls for one in each(unit.value(owner)) if isinstance(one, Instance)] if owner else []
        callee = field(owner, "function") if owner is not None else None
    orders = (inheritance.mro(unit.ev, cls) for cls in receivers)
    return any(base.qualname.endswith("Pipeline") for order in orders for base in order)


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
