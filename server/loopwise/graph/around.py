"""The locks, timeouts and task groups around a call in its function."""

from __future__ import annotations

import re

from loopwise.analysis.asyncio import GROUP, Item, is_group, is_timeout, items
from loopwise.analysis.unit import Unit
from loopwise.graph.starters import shortened
from loopwise.semantics.infer import Unknown, each
from loopwise.syntax import Node, arguments_of, field, is_async, text_of

_LOCKS = (
    "asyncio.Lock asyncio.Semaphore asyncio.BoundedSemaphore asyncio.Condition threading.Lock threading.Condition"
    " threading.Semaphore threading.BoundedSemaphore _thread.LockType _thread.lock _thread.RLock threading._RLock"
    " multiprocessing.synchronize.Lock anyio.Lock anyio.Semaphore"
).split()
# For locks of unread libraries; the word must be the last part, so that "unlock" and "block" do not match.
_LIKE_A_LOCK = re.compile(r"(?:^|[._])(?:\w*_)?(?:lock|mutex|semaphore|sem)\w*$", re.IGNORECASE)
# anyio's and trio's.
_TIMED = frozenset({"fail_after", "move_on_after", "timeout_after"})
# anyio's and trio's.
_GROUPS = frozenset({"create_task_group", "open_nursery"})


class Around:
    """The ``with`` statements of one function, as seen from the calls in them."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._around: dict[int, tuple[str, ...]] = {}

    def within(self, node: Node) -> tuple[str, ...]:
        """The locks, timeouts and task groups around a node in its function, outermost first."""
        found: list[str] = []
        inner = node
        for outer in self._unit.around(node):
            if outer.type == "with_statement" and inner == field(outer, "body"):
                found[:0] = self._said(outer)
            inner = outer
        return tuple(found)

    def _said(self, statement: Node) -> tuple[str, ...]:
        if statement.id not in self._around:
            self._around[statement.id] = tuple(filter(None, (self._word(item, statement) for item in items(statement))))
        return self._around[statement.id]

    def _word(self, item: Item, statement: Node) -> str:
        if is_lock(self._unit, item):
            return f"lock {shortened(item.value)}"
        callee = field(item.value, "function") if item.value.type == "call" else None
        word = text_of(callee).rpartition(".")[2] if callee is not None else ""
        if word in _TIMED or (is_async(statement) and is_timeout(self._unit, item.value)):
            positional, keywords, _ = arguments_of(item.value)
            limits = [*positional, *keywords.values()]
            return f"timeout {shortened(limits[0])}" if limits else "timeout"
        if is_async(statement) and (word in _GROUPS or (word in GROUP.last and is_group(self._unit, item.value))):
            return f"task group {item.name or ''}".strip()
        return ""


def is_lock(unit: Unit, item: Item) -> bool:
    """Does an item of a ``with`` enter a lock or semaphore: by its class or, if that is unknown, by its name?"""
    if item.value.type not in {"attribute", "identifier", "subscript"}:
        return False
    value = unit.value(item.value)
    if unit.is_instance(value, *_LOCKS):
        return True
    unknown = all(isinstance(one, Unknown) for one in each(value))
    return unknown and _LIKE_A_LOCK.search(text_of(item.value)) is not None
