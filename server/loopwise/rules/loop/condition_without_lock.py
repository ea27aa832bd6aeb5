"""A condition is waited for, or notified, by a task that does not hold its lock.

``Condition.wait``, ``wait_for``, ``notify`` and ``notify_all`` raise ``RuntimeError`` unless the lock is held:
``cannot wait on un-acquired lock``.

Enter the condition first: ``async with condition:``.  A method that is called with the lock held is correct; it is not
reported if such a call is in the same file, and a private method is reported only if its callers there do not hold the
lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import holds_at_callers, put_in, stands_alone
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import Node, field, is_async, nodes_of, parts_of, source_of, span_of, text_of

_METHODS = names(
    "asyncio.Condition.wait asyncio.Condition.wait_for asyncio.Condition.notify asyncio.Condition.notify_all"
)
_LOCKS = ("asyncio.Lock", "asyncio.Condition", "asyncio.Semaphore")
# The lock may be held by other means than ``async with``.
_TAKES = re.compile(rb"\.(?:acquire|locked|enter_async_context)\(")
_MAKES_MANAGERS = "contextlib._AsyncGeneratorContextManager"
# A function of such a name documents that its caller holds the lock.
_HELD = re.compile(r"lock|held", re.IGNORECASE)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee = field(node, "function")
    if (
        callee is None
        or callee.type != "attribute"
        or unit.runs(node) not in {ExecutionContext.ASYNC, ExecutionContext.SYNC}
    ):
        return
    condition, method = field(callee, "object"), field(callee, "attribute")
    if condition is None or method is None or not unit.call_in(node, _METHODS):
        return
    function = unit.function(node)
    if function is None or _is_held(unit, node) or _is_helper(unit, function):
        return
    owner = condition
    yield Finding(
        span_of(callee),
        f"Condition '{text_of(owner)}' is not held, so {text_of(method)}() raises RuntimeError",
        lambda: tuple(_fixes(unit, node, owner)),
    )


def _is_held(unit: Unit, node: Node) -> bool:
    """May a lock be held: does the function acquire one around the call, or test for one?"""
    function = unit.function(node)
    if function is None or _TAKES.search(function.text or b""):
        return True
    return any(_locks(unit, outer) for outer in unit.around(node) if outer.type == "with_statement")


def _locks(unit: Unit, statement: Node) -> bool:
    """Is something entered that may hold the lock: a lock, or something unknown?"""
    if not is_async(statement):
        return False
    for item in nodes_of(parts_of(statement)[0], frozenset({"with_item"})):
        value = field(item, "value")
        entered = parts_of(value)[0] if value is not None and value.type == "as_pattern" else value
        members = each(unit.value(entered)) if entered is not None else ()
        if not all(isinstance(one, Instance) and _holds_nothing(unit, one) for one in members):
            return True
    return False


def _holds_nothing(unit: Unit, entered: Instance) -> bool:
    """Is it one of the standard library's context managers, and not a lock?  One of the project may enter a lock."""
    return entered.cls.file.is_stub and not unit.is_instance(entered, *_LOCKS, _MAKES_MANAGERS)


def _is_helper(unit: Unit, function: Node) -> bool:
    """Does a function's caller possibly hold the lock, or does the function's name say so?"""
    name = field(function, "name")
    # ``__aexit__`` runs while the lock taken in ``__aenter__`` is held.
    if name is None or _HELD.search(text_of(name)) or text_of(name) == "__aexit__":
        return True
    return holds_at_callers(unit, function, lambda call: _is_held(unit, call))


def _fixes(unit: Unit, call: Node, condition: Node) -> Iterator[Fix]:
    """Put ``async with condition:`` around the statement."""
    statement = unit.statement(call)
    if not unit.on_loop(call) or not stands_alone(unit, statement):
        return
    if statement.type not in {"expression_statement", "return_statement"}:
        return
    edits = put_in(unit, statement, f"async with {source_of(condition)}:")
    yield Fix(f"Enter {text_of(condition)} first", edits, safe=False)


RULE = Rule(
    code="LW416",
    name="condition-without-lock",
    severity=Severity.INFORMATION,
    nodes=("call",),
    check=check,
    triggers=_METHODS.last,
    **page(__doc__),
    cards=("asyncio.Condition", "asyncio.Condition.wait", "asyncio.Condition.notify"),
    examples=(
        Example(
            bad="""\
import asyncio

ready = asyncio.Condition()

async def tell():
    await asyncio.sleep(1)
    ready.notify_all()
#   ^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

ready = asyncio.Condition()

async def tell():
    await asyncio.sleep(1)
    async with ready:
        ready.notify_all()
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

class Queue:
    def __init__(self):
        self.ready = asyncio.Condition()
        self.items = []

    async def get(self):
        await self.ready.wait_for(
#             ^^^^^^^^^^^^^^^^^^^
            lambda: self.items,
        )
        return self.items.pop()
""",
            fixed=(
                """\
import asyncio

class Queue:
    def __init__(self):
        self.ready = asyncio.Condition()
        self.items = []

    async def get(self):
        async with self.ready:
            await self.ready.wait_for(
                lambda: self.items,
            )
        return self.items.pop()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Queue:
    def __init__(self):
        self.lock = asyncio.Lock()
        self.ready = asyncio.Condition(self.lock)
        self.items = []

    async def get(self):
        async with self.ready:
            await self.ready.wait_for(lambda: self.items)
            return self.items.pop()
""",
        ),
    ),
)
