"""Generator expressions that a builtin function consumes at once, so that they run in place."""

from __future__ import annotations

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node

_LAZY = frozenset({"generator_expression", "lambda"})
# Builtins that consume an iterable before they return; map(), filter() and zip() do not.
_READERS = frozenset("all any dict frozenset join list max min set sorted sum tuple".split())


def read_at_once(unit: Unit, node: Node) -> Node | None:
    """The generator expression around ``node`` that a builtin function consumes at once, in a coroutine function.

    An ``await`` in it would make it an asynchronous generator, which no builtin function accepts; a list works.
    """
    outer = next((one for one in unit.around(node) if one.type in _LAZY), None)
    on_loop = {ExecutionContext.ASYNC, ExecutionContext.CELL}
    if outer is None or outer.type == "lambda" or unit.runs(outer) not in on_loop:
        return None
    call = outer.parent
    if call is not None and call.type == "argument_list":
        call = call.parent
    is_read = call is not None and call.type == "call" and callee_word(call, unit.aliases) in _READERS
    return outer if is_read else None
