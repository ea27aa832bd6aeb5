"""State shared by tasks: attributes of ``self`` and module-level names; how it is guarded, and what losing it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio.callers import callers, holds_at_callers, is_private
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import PLACES, Node, awaited_part, field, nodes_of, text_of, unwrap

_LOCKS = (
    "asyncio.Lock",
    "asyncio.Condition",
    "asyncio.Semaphore",
    "asyncio.BoundedSemaphore",
    "asyncio.locks.Lock",
    "asyncio.locks.Condition",
    "asyncio.locks.Semaphore",
)
# Judged by name as well, because the locks of frameworks and databases are often unknown classes.
_GUARD = re.compile(r"lock|mutex|sem|cond|guard|limit|transaction|exclusive|critical|atomic", re.IGNORECASE)
# A lock held without ``with``: acquired earlier in the function.
_ACQUIRED = re.compile(rb"\.acquire\b|\bacquire_\w+\(")
# What costs something to have twice: it is open, or it runs.
_HELD = frozenset(
    "client conn connection session pool socket sock websocket ws engine browser playwright process proc server redis"
    " broker producer consumer transport listener listeners cluster task sessions clients connections engines".split()
)
# Calls that open a connection or start a process: doing so twice leaks one of the two.
_OPENS = frozenset(
    "connect create_pool create_connection open_connection start_server create_subprocess_exec launch"
    " create_subprocess_shell".split()
)


def own_receiver(unit: Unit, function: Node) -> str:
    """The name of a method's ``self``; empty for other functions."""
    if unit.owner(function) is None or {"staticmethod", "classmethod"} & set(unit.decorators(function)):
        return ""
    parameters = unit.file.table_of(function).parameters
    return parameters[0].name if parameters and not parameters[0].splat else ""


def is_shared(unit: Unit, target: Node) -> bool:
    """Can other tasks reach the object of an attribute, an item or a name?

    State of ``self`` or the module can be reached; an object that the function created or received cannot.
    """
    root = target
    while root.type in PLACES:
        inner = field(root, "object") or field(root, "value")
        if inner is None:
            return False
        root = inner
    function = unit.function(target)
    if root.type != "identifier" or function is None:
        return False
    bindings = unit.file.table_of(function).by_name.get(text_of(root), ())
    if target.type == "identifier":
        return not bindings or any(binding.kind is Kind.OUTER for binding in bindings)
    if not bindings or all(binding.kind is Kind.OUTER for binding in bindings):
        return True
    parameters = unit.file.table_of(function).parameters
    return len(bindings) == 1 and bindings[0] in parameters[:1] and unit.owner(function) is not None


def is_guarded(unit: Unit, node: Node) -> bool:
    """Is a lock held there, or might one be?"""
    if _in_guard(unit, node):
        return True
    function = unit.function(node)
    if function is None:
        return False
    before = (function.text or b"")[: node.start_byte - function.start_byte]
    if _ACQUIRED.search(before) is not None or _is_exclusive(unit, function):
        return True
    name = field(function, "name")
    if name is None or not is_private(name) or not callers(unit, function):
        return False
    return holds_at_callers(unit, function, lambda call: _in_guard(unit, call))


def _in_guard(unit: Unit, node: Node) -> bool:
    withs = (outer for outer in unit.around(node) if outer.type == "with_statement")
    return any(_is_guard(unit, item) for outer in withs for item in _entered(outer))


def is_costly(target: Node, value: Node) -> bool:
    """Is it costly to create the stored object twice: a client, a connection, a process?  Judged by names."""
    return _noun_of(target) in _HELD or _callee_of(value) in _OPENS


def _noun_of(tested: Node) -> str:
    """The last word of a name: ``client`` in ``self._async_client``."""
    return text_of(tested).rpartition(".")[2].rpartition("_")[2].lower()


def _callee_of(value: Node) -> str:
    """The last part of the callee's name, if the value is a call, awaited or not."""
    value = unwrap(value)
    if value.type == "await" and (awaited := awaited_part(value)) is not None:
        value = unwrap(awaited)
    callee = field(value, "function") if value.type == "call" else None
    return text_of(callee).rpartition(".")[2] if callee is not None else ""


def _is_exclusive(unit: Unit, function: Node | None) -> bool:
    """Does a decorator make calls wait for each other?"""
    return function is not None and any(_GUARD.search(name) for name in unit.decorators(function))


def _entered(statement: Node) -> Iterator[Node]:
    for item in nodes_of(statement, frozenset({"with_item"})):
        value = field(item, "value")
        if value is not None and item.start_byte < (field(statement, "body") or statement).start_byte:
            yield value


def _is_guard(unit: Unit, item: Node) -> bool:
    if _GUARD.search(text_of(item)):
        return True
    return any(isinstance(member, Instance) and unit.is_instance(member, *_LOCKS) for member in each(unit.value(item)))
