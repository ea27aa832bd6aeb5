"""Siblings: the methods of a class, or functions of a module, that share state, and the calls among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from loopwise.analysis.asyncio.groups import items
from loopwise.analysis.asyncio.shared_state import is_shared, own_receiver
from loopwise.analysis.flow import own
from loopwise.analysis.known_names import PASSED_ON, TASK_STARTERS
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import members
from loopwise.syntax import AWAITS, CALLS, WITHS, Node, arguments_of, field, parts_of, text_of, unwrap

# What awaits its arguments, or starts them and is awaited.
_WAIT_FOR = PASSED_ON | TASK_STARTERS
_DEEPEST = 5  # calls between one function and another


class Siblings(msgspec.Struct, frozen=True):
    """The functions that can reach one piece of state, by name."""

    scope: Node
    """The class or the module."""
    functions: Mapping[str, Node]
    of_class: bool

    def spelled(self, unit: Unit, function: Node, name: str) -> str:
        """The spelling of a shared name in ``function``: ``self.name``, ``name``."""
        return f"{own_receiver(unit, function)}.{name}" if self.of_class else name

    def calls(self, unit: Unit, function: Node, within: Node, *, awaited: bool) -> Iterator[tuple[Node, Node]]:
        """The calls of siblings in a part of a function, each with the called sibling; only awaited ones, or all."""
        prefix = self.spelled(unit, function, "")
        found = awaited_calls(within) if awaited else own(within, CALLS)
        for call in found:
            callee = text_of(field(call, "function") or call)
            sibling = self.functions.get(callee.removeprefix(prefix)) if callee.startswith(prefix) else None
            if sibling is not None:
                yield call, sibling


def siblings(unit: Unit, target: Node) -> Siblings | None:
    """The functions that share the state of ``target`` (``self.lock``, a module-level name)."""
    function = unit.function(target)
    if function is None or not is_shared(unit, target):
        return None
    if target.type == "identifier":
        return unit.per_edit.get(("siblings", unit.file.root.id), lambda: _of_module(unit))
    owner, holder = unit.owner(function), field(target, "object")
    if owner is None or holder is None or text_of(holder) != own_receiver(unit, function):
        return None
    return unit.per_edit.get(("siblings", owner.node.id), lambda: _of_class(owner.node))


def shared_name(target: Node) -> str:
    """The name under which siblings share a target."""
    return text_of(field(target, "attribute") or target)


def awaited_calls(node: Node) -> Iterator[Node]:
    """The calls in a part of a function that it awaits."""
    for wait in own(node, AWAITS):
        call = unwrap(parts_of(wait)[0]) if parts_of(wait) else wait
        if call.type != "call":
            continue
        yield call
        callee = field(call, "function")
        if callee is not None and text_of(callee).rpartition(".")[2] in _WAIT_FOR:
            yield from (given for given in map(unwrap, arguments_of(call)[0]) if given.type == "call")
    for statement in own(node, WITHS):
        yield from _in_groups(statement)


def _in_groups(statement: Node) -> Iterator[Node]:
    """The calls whose coroutines a task group in a ``with`` statement runs: leaving its block waits for them."""
    starts = {f"{one.name}.create_task" for one in items(statement) if one.name and "TaskGroup" in text_of(one.value)}
    for call in own(statement, CALLS) if starts else ():
        if text_of(field(call, "function") or call) in starts:
            yield from (given for given in map(unwrap, arguments_of(call)[0]) if given.type == "call")


def path_between(unit: Unit, family: Siblings, start: Node, end: Node) -> bool:
    """Does one function await another, directly or through others?"""
    seen: set[int] = set()
    level = [start]
    for _ in range(_DEEPEST):
        if any(function == end for function in level):
            return True
        seen |= {function.id for function in level}
        called = (one for function in level for _, one in family.calls(unit, function, _body(function), awaited=True))
        level = [function for function in called if function.id not in seen]
    return any(function == end for function in level)


def _of_class(node: Node) -> Siblings:
    functions = {text_of(name): one for one in members.methods(node) if (name := field(one, "name")) is not None}
    return Siblings(node, functions, of_class=True)


def _of_module(unit: Unit) -> Siblings:
    functions: dict[str, Node] = {}
    for statement in parts_of(unit.file.root):
        inner = field(statement, "definition") if statement.type == "decorated_definition" else statement
        if inner is not None and inner.type == "function_definition":
            functions[text_of(field(inner, "name") or inner)] = inner
    return Siblings(unit.file.root, functions, of_class=False)


def _body(function: Node) -> Node:
    return field(function, "body") or function
