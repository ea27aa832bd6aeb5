"""The edit that makes a function a coroutine function, and whether nothing else is needed."""

from __future__ import annotations

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.unit import Unit
from loopwise.syntax import IDENTIFIERS, YIELDS, Node, field, nodes_of, source_of
from loopwise.text import Edit
from loopwise.writing import insert

_INSTEAD = {
    "__enter__": "'async with' awaits __aenter__()",
    "__exit__": "'async with' awaits __aexit__()",
    "__next__": "'async for' awaits __anext__()",
}
_STARTS = frozenset({"create_task", "ensure_future", "gather", "run", "run_until_complete", "wait_for", "shield"})


class MadeAsync(msgspec.Struct, frozen=True):
    """``edits`` insert ``async`` before the ``def``."""

    edits: tuple[Edit, ...] = ()
    safe: bool = False
    """Is nothing else needed: is it always called with ``await``, and does it override nothing?"""
    refused: str = ""
    """The reason why it cannot be async; there are no edits then."""


def made_async(unit: Unit, function: Node) -> MadeAsync:
    """The edits that make a plain function a coroutine function."""
    name = source_of(field(function, "name") or function)
    if (
        name.startswith("__")
        and name.endswith("__")
        and name not in {"__call__", "__aenter__", "__aexit__", "__anext__"}
    ):
        instead = f"; {_INSTEAD[name]}" if name in _INSTEAD else ""
        return MadeAsync(refused=f"Python calls {name}() without awaiting its result{instead}")
    own = [node for node in nodes_of(function, YIELDS) if unit.function(node) == function]
    if any(node.child_count > 1 and node.children[1].type == "from" for node in own):
        return MadeAsync(refused=f"{name}() contains 'yield from', which an async function cannot contain")
    if own and _returns_value(unit, function):
        return MadeAsync(refused=f"{name}() is a generator that returns a value, which an async generator cannot do")
    return MadeAsync((insert(function.start_byte, "async "),), _is_all(unit, function, name, generates=bool(own)))


def _returns_value(unit: Unit, function: Node) -> bool:
    returns = nodes_of(function, frozenset({"return_statement"}))
    return any(node.named_child_count and unit.function(node) == function for node in returns)


def _is_all(unit: Unit, function: Node, name: str, *, generates: bool) -> bool:
    if generates or unit.decorators(function) or name.startswith("test") or unit.overrides(function):
        return False
    known = field(function, "name")
    others = (node for node in nodes_of(unit.file.root, IDENTIFIERS) if node != known and source_of(node) == name)
    return all(_is_awaited_call(unit, node) for node in others)


def _is_awaited_call(unit: Unit, name: Node) -> bool:
    """Is the name the callee of a call that is awaited, or passed to something that runs coroutines?"""
    callee = name.parent if name.parent is not None and name.parent.type == "attribute" else name
    call = callee.parent
    if call is None or call.type != "call" or field(call, "function") != callee:
        return False
    if unit.is_awaited(call):
        return unit.runs(call) is ExecutionContext.ASYNC
    holder = call.parent
    outer = holder.parent if holder is not None and holder.type == "argument_list" else None
    taker = field(outer, "function") if outer is not None and outer.type == "call" else None
    return taker is not None and source_of(taker).rpartition(".")[2] in _STARTS
