"""The ways to store a task that would be lost, the best first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import first_wait
from loopwise.analysis.known_names import RUN_THREADSAFE, TASK_MAKERS
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes.task_groups import fits_group, group_at_hand, in_new_group, started_in
from loopwise.rules.fixes.task_keeping import in_set, line_of, under_name
from loopwise.semantics.infer import Function, each
from loopwise.syntax import LOOPS, RETURNS, Node, arguments_of, field, is_async, nodes_of, source_of, text_of, unwrap
from loopwise.writing import insert

# Names of functions that go on until something stops them.
_GOES_ON = re.compile(r"(?i)listen|serve|forever|watch|poll|loop|monitor|consum|heartbeat|keep_?alive|worker|^_*run$")


def keeping(unit: Unit, call: Node, name: str) -> tuple[Fix, ...]:
    """A task group, a set or a name, for a call of ``name`` whose value is discarded or assigned to a name."""
    if name in RUN_THREADSAFE.full:
        return (*_shown(call), *_held(unit, call, name))
    grouped = tuple(_grouped(unit, call)) if fits_group(call) else ()
    held = tuple(_held(unit, call, name))
    # A group would make the caller wait for the task before it has the result, or forever if nothing ends the task; and
    # the error of one task would end a loop that goes on until something stops it.
    is_held = _has_result_later(unit, call) or _is_endless(unit, call) or _may_not_end(unit, call)
    is_first = group_at_hand(unit, call) is not None or not is_held
    return (*grouped, *held) if is_first else (*held, *grouped)


def _is_endless(unit: Unit, call: Node) -> bool:
    return any(outer.type == "while_statement" for outer in unit.around(call))


def _may_not_end(unit: Unit, call: Node) -> bool:
    """Does the task wait in a loop, or, if its function is not known, have the name of one that goes on?"""
    positional, _, _ = arguments_of(call)
    started = unwrap(positional[0]) if positional else call
    if started.type != "call" or not positional:
        return False
    known = each(unit.called(started))
    bodies = [node for one in known if isinstance(one, Function) and not one.file.is_stub for node in one.nodes]
    if not bodies:
        return _GOES_ON.search(text_of(field(started, "function") or started).rpartition(".")[2]) is not None
    return any(_waits_on(loop) for body in bodies for loop in nodes_of(body, LOOPS))


def _waits_on(loop: Node) -> bool:
    return is_async(loop) or (loop.type == "while_statement" and first_wait(loop) is not None)


def _has_result_later(unit: Unit, call: Node) -> bool:
    """Does the function return a value after it has started the task, which it does once?"""
    function = unit.function(call)
    if function is None or any(outer.type in LOOPS for outer in unit.around(call)):
        return False
    later = (one for one in nodes_of(function, RETURNS) if one.start_byte > call.end_byte)
    return any(one.named_children and unit.function(one) == function for one in later)


def _shown(call: Node) -> Iterator[Fix]:
    """Call ``future.result()`` in a callback: it raises the coroutine's exception, which the executor logs."""
    if call.parent is not None and call.parent.type == "expression_statement":
        shown = insert(call.end_byte, ".add_done_callback(lambda future: future.result())")
        yield Fix("Raise the task's exception in a callback", (shown,), safe=False)


def _grouped(unit: Unit, call: Node) -> Iterator[Fix]:
    group = group_at_hand(unit, call)
    if group is not None:
        yield started_in(call, group)
        return
    bound = _assignment(unit, call)
    statement = unit.statement(call)
    line = line_of(unit, statement) if (bound or call).parent == statement else None
    fresh = in_new_group(unit, call, line) if line is not None else None
    if fresh is not None:
        yield fresh


def _held(unit: Unit, call: Node, name: str) -> Iterator[Fix]:
    bound, statement = _assignment(unit, call), unit.statement(call)
    line = line_of(unit, statement) if (bound or call).parent == statement else None
    target = field(bound, "left") if bound is not None else None
    known = source_of(target) if target is not None else None
    if line is not None and name in TASK_MAKERS.full and known != "_":
        yield in_set(unit, line, known)
    named = under_name(unit, call) if line is not None and bound is None else None
    if named is not None:
        yield named


def _assignment(unit: Unit, call: Node) -> Node | None:
    return next((outer for outer in unit.around(call) if outer.type == "assignment"), None)
