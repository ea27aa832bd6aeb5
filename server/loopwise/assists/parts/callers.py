"""The places in a file that use a function, and what each has to become if the function is made async."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, Signature, Value, each
from loopwise.syntax import Node, field, is_async, node_at, text_of
from loopwise.text import Edit, Span
from loopwise.writing import awaited, insert

_IMPORTS = frozenset({"import_statement", "import_from_statement", "aliased_import", "dotted_name"})
# What is handed a coroutine, or starts it.
_STARTS = frozenset(
    "create_task ensure_future gather run run_until_complete wait_for shield as_completed"
    " run_coroutine_threadsafe".split()
)
_MOST = 300  # uses of a function in its file: more are not looked at, and it is refused
_LABELS = {"keyword_argument": "name", "function_definition": "name", "class_definition": "name"}


class Changed(msgspec.Struct, frozen=True):
    """What makes the callers of a function right again."""

    edits: tuple[Edit, ...] = ()
    refused: str = ""
    """The place that cannot be made right."""


def changed(unit: Unit, function: Node, *, generates: bool, hands_on: bool) -> Changed:
    """The changes where the file uses a function that becomes async.

    ``generates``: it is a generator.  ``hands_on``: it gives coroutines already, so calls stay as they are.
    """
    edits: list[Edit] = []
    uses = list(_spelled(unit, function)) if not hands_on else []
    if len(uses) > _MOST:
        return Changed(refused="the file has the name in too many places to look at")
    for use in (use for use in uses if _is_of(unit, use, function)):
        found = _items(unit, use, function) if generates else _call(unit, use, function)
        if found.refused:
            return found
        edits += [edit for edit in found.edits if edit not in edits]
    return Changed(tuple(edits))


def _spelled(unit: Unit, function: Node) -> Iterator[Node]:
    """The names in the file that are spelled like the function's: behind a dot for methods, alone for others."""
    name, is_method = field(function, "name"), unit.owner(function) is not None
    spelling = name.text if name is not None else b""
    if not spelling:
        return
    for match in re.finditer(rb"\b" + re.escape(spelling) + rb"\b", unit.file.source.data):
        node = node_at(unit.file.root, Span(*match.span()))
        outer = node.parent if node is not None and node.type == "identifier" else None
        if node is None or outer is None or outer.type in _IMPORTS:
            continue
        label = _LABELS.get(outer.type)
        if (label is None or field(outer, label) != node) and (_expression(node) != node) == is_method:
            yield node


def _expression(use: Node) -> Node:
    """The name with what stands before its dot."""
    outer = use.parent
    return outer if outer is not None and outer.type == "attribute" and field(outer, "attribute") == use else use


def _is_of(unit: Unit, use: Node, function: Node) -> bool:
    """Does a name stand for the function?  That of a method by what stands before its dot, others by their scope."""
    expression = _expression(use)
    if expression != use:
        return any(_is_made_of(member, function) for member in each(unit.value(expression)))
    scope = _scope(use)
    while scope is not None and text_of(use) not in unit.file.table_of(scope).by_name:
        scope = _scope(scope)
    return scope == _scope(function)


def _scope(node: Node) -> Node | None:
    """The function in whose body a node stands, lambdas and classes in it too; ``None`` in the module's code."""
    inner, outer = node, node.parent
    while outer is not None and not (outer.type == "function_definition" and inner == field(outer, "body")):
        inner, outer = outer, outer.parent
    return outer


def _is_made_of(member: Value, function: Node) -> bool:
    made = member.made_of if isinstance(member, Signature) else member
    return isinstance(made, Function) and function in made.nodes


def _line(node: Node) -> str:
    return f"line {node.start_point[0] + 1}"


def _call(unit: Unit, use: Node, function: Node) -> Changed:
    """What makes a use of a function right that gives a coroutine from now on."""
    callee = _expression(use)
    call, name = callee.parent, text_of(use)
    if call is None or call.type != "call" or field(call, "function") != callee:
        return Changed(refused=f"{_line(use)} uses {name} without calling it: what calls it would have to await it")
    if unit.is_awaited(call) or _is_started(unit, call):
        return Changed()
    caller = unit.function(call)
    runs = (
        ExecutionContext.ASYNC if caller == function and unit.runs(call) is ExecutionContext.SYNC else unit.runs(call)
    )
    if runs in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return Changed(awaited(call))
    if runs is ExecutionContext.SYNC and caller is not None:
        sync = text_of(field(caller, "name") or caller)
        return Changed(refused=f"{sync}() calls it on {_line(call)}, and is not async itself")
    if runs is ExecutionContext.MODULE and call.parent is not None and call.parent.type == "expression_statement":
        written = unit.imported(call, "asyncio", "run")
        return Changed((*written.edits, insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")")))
    where = {ExecutionContext.LAMBDA: "a lambda or generator", ExecutionContext.CLASS: "a class body"}.get(
        runs, "the module"
    )
    return Changed(refused=f"{where} calls it on {_line(call)}, where it cannot be awaited")


def _is_started(unit: Unit, call: Node) -> bool:
    listed = call.parent
    taker = listed.parent if listed is not None and listed.type == "argument_list" else None
    return taker is not None and taker.type == "call" and callee_word(taker, unit.aliases) in _STARTS


def _items(unit: Unit, use: Node, function: Node) -> Changed:
    """Likewise of a generator, whose items are taken with ``async for``."""
    callee = _expression(use)
    call = callee.parent
    loop = call.parent if call is not None and call.type == "call" and field(call, "function") == callee else None
    if loop is not None and loop.type in {"for_statement", "for_in_clause"} and field(loop, "right") == call:
        runs = unit.runs(loop.parent if loop.type == "for_in_clause" and loop.parent is not None else loop)
        is_right = runs is ExecutionContext.ASYNC or unit.function(loop) == function
        is_lazy = loop.parent is not None and loop.parent.type == "generator_expression"
        if is_async(loop):
            return Changed()
        if is_right and not is_lazy:
            return Changed((insert(loop.start_byte, "async "),))
    return Changed(refused=f"{_line(use)} takes its items without 'async for', or not in an async function")
