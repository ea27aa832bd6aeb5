"""A task that acquires an ``asyncio.Lock`` it already holds waits for itself forever.

asyncio's locks are not reentrant: ``async with self.lock:`` inside the block of another one, or in a method that the
block awaits, never enters, and the task hangs.

Do the work in a method that expects the lock to be held, and call that method from both places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.asyncio import Siblings, items, shared_name, siblings
from loopwise.analysis.flow import denies, needed, own, parameters_of
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import AWAITS, WITHS, Node, field, is_async, next_of, parts_of, span_of, text_of, unwrap
from loopwise.text import decode

_LOCKS = names("asyncio.Lock asyncio.Condition")
_SEMAPHORES = names("asyncio.Semaphore asyncio.BoundedSemaphore")
_DEEPEST = 4  # calls between the block and the place that takes the lock again
_OF_ONE = r"(?:asyncio\.)?(?:Bounded)?Semaphore\(\s*(?:value\s*=\s*)?1?\s*\)"
# Code that checks or releases the lock knows what it does.
_ASKS = re.compile(r"\.(?:locked|release)\(")


class _Again(msgspec.Struct, frozen=True):
    """The second acquisition: the place in the block, and the place it leads to."""

    at: Node
    taken: Node


class _Called(msgspec.Struct, frozen=True):
    """A call of a sibling, and the sibling."""

    call: Node
    function: Node


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    function = unit.function(node)
    if function is None:
        return
    for lock, body in _held(node):
        if lock.type not in {"attribute", "identifier"} or not _is_exclusive(unit, lock):
            continue
        again = _again(unit, function, body, lock)
        if again is not None:
            where = "here" if again.at == again.taken else f"in {_name(unit, again.taken)}()"
            message = f"Lock '{text_of(lock)}' is already held and acquired again {where}, so the task deadlocks"
            related = (
                Related(span_of(lock), "First acquired here"),
                Related(span_of(again.taken), "Acquired again here"),
            )
            yield Finding(span_of(again.at), message, related=related)


def _held(node: Node) -> Iterator[tuple[Node, Node]]:
    """The locks that ``async with`` enters, or ``await lock.acquire()`` before a ``try``, each with its block."""
    if node.type == "with_statement":
        body = field(node, "body")
        yield from ((item.value, body) for item in items(node) if is_async(node) and body is not None)
        return
    call, statement = unwrap(parts_of(node)[0]) if parts_of(node) else node, node.parent
    lock = _acquired(call)
    after = next_of(statement) if statement is not None and statement.type == "expression_statement" else None
    if lock is None or after is None or after.type != "try_statement":
        return
    last, body = parts_of(after)[-1], field(after, "body")
    if last.type == "finally_clause" and body is not None and f"{text_of(lock)}.release()" in text_of(last):
        yield lock, body


def _acquired(call: Node) -> Node | None:
    """``lock`` of ``lock.acquire()``."""
    callee = field(call, "function") if call.type == "call" else None
    name = field(callee, "attribute") if callee is not None else None
    return field(callee, "object") if callee is not None and name is not None and text_of(name) == "acquire" else None


def _is_exclusive(unit: Unit, lock: Node) -> bool:
    """Is it a lock, or a semaphore with a limit of one?"""
    value = unit.value(lock)
    # A class of one's own may let its holder in again.
    if any(isinstance(one, Instance) and not one.cls.file.is_stub for one in each(value)):
        return False
    if unit.is_instance(value, *_LOCKS.full):
        return True
    made = re.compile(rf"\b{re.escape(shared_name(lock))}\b[^=\n]*=\s*{_OF_ONE}")
    return unit.is_instance(value, *_SEMAPHORES.full) and made.search(decode(unit.file.source.data)) is not None


def _again(unit: Unit, function: Node, body: Node, lock: Node) -> _Again | None:
    if _ASKS.search(text_of(body)):
        return None
    for taken in _taken_in(body, text_of(lock)):
        return _Again(taken, taken)
    # Only locks of the same object: another instance has a lock of its own.
    family = siblings(unit, lock)
    if family is None:
        return None
    for call, method in family.calls(unit, function, body, awaited=True):
        found = _taken_by(unit, family, _Called(call, method), shared_name(lock), _DEEPEST)
        if found is not None:
            return _Again(call, found)
    return None


def _taken_by(unit: Unit, family: Siblings, called: _Called, name: str, deep: int) -> Node | None:
    """The place where a called function takes the lock, itself or through others that it awaits."""
    function = called.function
    body, spelled = field(function, "body"), family.spelled(unit, function, name)
    if body is None or not is_async(function) or _ASKS.search(text_of(body)):
        return None
    for taken in _taken_in(body, spelled):
        if _may_be_reached(called, taken, bound=family.of_class):
            return taken
    for call, method in family.calls(unit, function, body, awaited=True) if deep else ():
        found = _taken_by(unit, family, _Called(call, method), name, deep - 1)
        if found is not None and _may_be_reached(called, call, bound=family.of_class):
            return found
    return None


def _may_be_reached(called: _Called, place: Node, *, bound: bool) -> bool:
    """May the call reach a place in the function, or does an argument rule it out: ``force`` of ``if force: raise``?"""
    function = called.function
    asked = needed(place, function, parameters_of(function))
    return not any(denies(called.call, function, name, wanted=wanted, bound=bound) for name, wanted in asked)


def _taken_in(node: Node, lock: str) -> Iterator[Node]:
    """Yield the places that take the lock spelled ``lock``."""
    for statement in own(node, WITHS):
        for item in items(statement) if is_async(statement) else ():
            if text_of(item.value) == lock:
                yield item.value
    for wait in own(node, AWAITS):
        call = unwrap(parts_of(wait)[0]) if parts_of(wait) else wait
        if call.type == "call" and text_of(field(call, "function") or call) == f"{lock}.acquire":
            yield call


def _name(unit: Unit, node: Node) -> str:
    function = unit.function(node)
    return text_of(field(function, "name") or function) if function is not None else "the module"


RULE = Rule(
    code="LW424",
    name="lock-taken-again",
    severity=Severity.WARNING,
    nodes=("with_statement", "await"),
    check=check,
    triggers=frozenset({"with", "acquire"}),
    **page(__doc__),
    whole_file=True,
    cards=("asyncio.Lock", "asyncio.Semaphore"),
    examples=(
        Example(
            bad="""\
import asyncio

class Account:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def deposit(self, amount):
        async with self.lock:
            print(amount)

    async def transfer(self, amount):
        async with self.lock:
            await self.deposit(-amount)
#                 ^^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio

class Account:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def deposit(self, amount):
        async with self.lock:
            self._add(amount)

    async def transfer(self, amount):
        async with self.lock:
            self._add(-amount)

    def _add(self, amount):
        print(amount)
"""
        ),
    ),
)
