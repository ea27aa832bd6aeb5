"""Tasks and futures that the same expression, or the same run of statements without an ``await``, starts."""

from __future__ import annotations

from loopwise.analysis.asyncio.coroutines import is_future
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, previous_of, text_of, unwrap

TASK_MAKERS = frozenset({"create_task", "ensure_future", "gather", "wrap_future", "run_in_executor", "shield"})


def is_fresh_task(unit: Unit, node: Node) -> bool:
    """Is it a task that the expression starts?"""
    call = unwrap(node)
    if call.type == "identifier":
        return is_future(unit, call) and _is_just_started(unit, call)
    return call.type == "call" and callee_word(call, unit.aliases) in TASK_MAKERS and is_future(unit, call)


def _is_just_started(unit: Unit, name: Node) -> bool:
    """Was the task started in the same block, with no ``await`` and no exit since?"""
    statement = unit.statement(name)
    if statement.type not in {"expression_statement", "return_statement"}:
        return False
    earlier: Node | None = statement
    while earlier is not None and not any(True for _ in waits(earlier)):
        earlier = previous_of(earlier)
        made = unwrap(earlier) if earlier is not None and earlier.type == "expression_statement" else None
        if earlier is None or made is None:
            return False
        if made.type == "assignment" and text_of(field(made, "left") or made) == text_of(name):
            call = unwrap(field(made, "right") or made)
            return call.type == "call" and callee_word(call, unit.aliases) in TASK_MAKERS
    return False
