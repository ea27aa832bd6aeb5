"""Decides whether a loop that awaits tasks one after another depends on their order."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import own, uses
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Instance, Tuple, Value, each
from loopwise.syntax import CALLS, COMPREHENSIONS, JUMPS, WRITES, Node, arguments_of, field, nodes_of, source_of

# Complete when the loop starts. A generator may create each task only when it is reached.
_COLLECTIONS = frozenset(
    "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.dict collections.deque typing.Sequence"
    " collections.abc.Sequence".split()
)
_PUTS = frozenset({"append", "extend", "insert", "appendleft", "put_nowait"})
_CHANGES = _PUTS | {"add", "update", "remove", "discard", "pop", "popleft", "clear"}
# Nodes around an ``await`` that are evaluated in each iteration.
_PASSED = frozenset(
    "await parenthesized_expression argument_list call attribute subscript binary_operator unary_operator list tuple"
    " set dictionary pair keyword_argument assignment augmented_assignment expression_statement expression_list yield"
    " return_statement list_splat interpolation string comparison_operator not_operator named_expression block"
    " with_statement finally_clause".split()
)


def order_matters(unit: Unit, loop: Node, right: Node, used: list[Node], awaited: list[Node]) -> str:
    """The reason why the tasks cannot be taken as they complete; empty if they can.

    ``used`` are the uses of the loop variable in the body, ``awaited`` those that await it.
    """
    body = field(loop, "body") or loop
    return (
        _no_tasks(unit, right)
        or _changes(unit, loop, right)
        or _not_in_every_round(body, awaited)
        or _used_before(used, awaited)
        or _by_order(unit, body)
    )


def _no_tasks(unit: Unit, right: Node) -> str:
    shown, value = " ".join(source_of(right).split()), unit.value(right)
    items = each(unit.ev.iterated(value))
    # as_completed() would start all of them, while the loop runs one after the other.
    if any(unit.is_coroutine(one) for one in items):
        return f"{shown} holds coroutines, which would run concurrently"
    if not _holds_tasks(unit, value) and not _given_tasks(unit, right):
        return f"{shown} may hold tasks or coroutines, which cannot be seen here"
    twice = next(filter(None, (_twice(made) for made in _made(unit, right))), "")
    return f"{twice} is in the list twice, and as_completed() yields it once" if twice else ""


def _holds_tasks(unit: Unit, value: Value) -> bool:
    return _is_collection(value) and unit.is_instance(unit.ev.iterated(value), "asyncio.Future")


def _given_tasks(unit: Unit, right: Node) -> bool:
    """Is it a parameter for which every call of the function in the file passes tasks?"""
    function = unit.function(right)
    if function is None or right.type != "identifier":
        return False
    table = unit.file.table_of(function)
    names = [one.name for one in table.parameters if not one.splat]
    if source_of(right) not in names or set(table.by_name.get(source_of(right), ())) - set(table.parameters):
        return False
    # Without ``self``.
    place = names.index(source_of(right)) - (unit.owner(function) is not None)
    given = [_argument(call, source_of(right), place) for call in _calls_of(unit, function)]
    return bool(given) and all(one is not None and _holds_tasks(unit, unit.value(one)) for one in given)


def _calls_of(unit: Unit, function: Node) -> Iterator[Node]:
    name = source_of(field(function, "name") or function)
    for call in nodes_of(unit.file.root, CALLS):
        callee = field(call, "function")
        if callee is not None and source_of(field(callee, "attribute") or callee) == name:
            yield call


def _argument(call: Node, name: str, place: int) -> Node | None:
    positional, keywords, starred = arguments_of(call)
    if starred or (place >= len(positional) and name not in keywords):
        return None
    return keywords[name] if name in keywords else positional[place]


def _is_collection(value: Value) -> bool:
    """Is it a complete collection, not a generator?"""
    return all(
        isinstance(one, Tuple) or (isinstance(one, Instance) and one.cls.fullname in _COLLECTIONS)
        for one in each(value)
    )


def _made(unit: Unit, right: Node) -> Iterator[Node]:
    """The expressions that create the list."""
    yield right
    function = unit.function(right)
    for use in uses(function, source_of(right)) if function is not None and right.type == "identifier" else ():
        outer = use.parent
        if outer is not None and outer.type == "assignment" and field(outer, "left") == use:
            yield field(outer, "right") or outer


def _twice(made: Node) -> str:
    """The name of an item that the list contains more than once; else empty."""
    if made.type == "binary_operator":
        return source_of(made)
    names = [source_of(one) for one in made.named_children] if made.type in {"list", "tuple", "expression_list"} else []
    return next((name for name in names if names.count(name) > 1), "")


def _changes(unit: Unit, loop: Node, right: Node) -> str:
    """The reason if the list changes during the loop, in its body or in another function; else empty."""
    if right.type not in {"identifier", "attribute"}:
        return ""
    name = source_of(field(right, "attribute") or right)
    function = unit.function(loop)
    for call in nodes_of(unit.file.root, CALLS):
        callee = field(call, "function")
        owner = field(callee, "object") if callee is not None else None
        method = source_of(field(callee, "attribute") or call) if callee is not None else ""
        if owner is None or method not in _CHANGES or not re.search(rf"(?:^|\.){re.escape(name)}$", source_of(owner)):
            continue
        inside = loop.start_byte <= call.start_byte < loop.end_byte
        if inside or (unit.function(call) != function and _is_seen(unit, loop, right, call)):
            return (
                f"{source_of(right)} changes while the loop iterates over it, and as_completed() copies it at the start"
            )
    return ""


def _is_seen(unit: Unit, loop: Node, right: Node, call: Node) -> bool:
    """Can another function refer to the same list: through an attribute, a global or an outer function's variable?"""
    if right.type == "attribute":
        return True
    function, other = unit.function(loop), unit.function(call)
    if function is None or not any(True for _ in own_bindings(unit, function, source_of(right))):
        return not (other is not None and any(True for _ in own_bindings(unit, other, source_of(right))))
    return function.start_byte <= call.start_byte < function.end_byte


def own_bindings(unit: Unit, function: Node, name: str) -> Iterator[object]:
    """The bindings of a name in the function itself, including parameters."""
    table = unit.file.table_of(function)
    yield from table.by_name.get(name, ())
    yield from (one for one in table.parameters if one.name == name)


def _not_in_every_round(body: Node, awaited: list[Node]) -> str:
    why = "Not every iteration awaits its task, and a different one would be left out"
    first = min(awaited, key=lambda use: use.start_byte)
    inner, outer = first, first.parent
    while outer is not None and inner != body:
        if not _passes(outer, inner):
            return why
        inner, outer = outer, outer.parent
    return why if any(jump.start_byte < first.start_byte for jump in own(body, JUMPS) if _leaves(jump, first)) else ""


def _used_before(used: list[Node], awaited: list[Node]) -> str:
    """The reason if a task is used for more than its name before it is awaited, for example cancelled; else empty."""
    first = min(use.start_byte for use in awaited)
    for use in used:
        outer = use.parent
        method = (
            source_of(field(outer, "attribute") or outer) if outer is not None and outer.type == "attribute" else ""
        )
        is_key = outer is not None and outer.type == "subscript" and field(outer, "value") != use
        if use.start_byte < first and method != "get_name" and not is_key:
            return "The task is used before it is awaited, and would have to be done by then"
    return ""


def _leaves(jump: Node, use: Node) -> bool:
    """Is the use outside the jump, unlike in ``return await task``?"""
    return not jump.start_byte <= use.start_byte < jump.end_byte


def _passes(outer: Node, inner: Node) -> bool:
    if outer.type == "try_statement":
        return field(outer, "body") == inner or inner.type == "finally_clause"
    if outer.type == "conditional_expression":
        return len(outer.named_children) > 1 and outer.named_children[1] == inner
    if outer.type == "boolean_operator":
        return field(outer, "left") == inner
    if outer.type in {"if_statement", "match_statement"}:
        return inner in {field(outer, "condition"), field(outer, "subject")}
    if outer.type in {"with_clause", "with_item"}:
        return True
    return outer.type in _PASSED and outer.type not in COMPREHENSIONS


def _by_order(unit: Unit, body: Node) -> str:
    for call in own(body, CALLS):
        callee = field(call, "function")
        name = field(callee, "attribute") if callee is not None else None
        if callee is not None and source_of(callee) == "next":
            return f"{source_of(call)} goes along with the tasks in their order"
        if callee is not None and name is not None and source_of(name) in _PUTS:
            return f"the order in {source_of(field(callee, 'object') or name)} would be another one"
    for count in own(body, WRITES):
        left, right = field(count, "left"), field(count, "right")
        if left is None or right is None:
            continue
        if _is_step(left, right) and _is_read(body, left):
            return f"{source_of(left)} counts the tasks in their order"
        if count.type == "augmented_assignment" and right.type in {"list", "tuple", "list_comprehension"}:
            return f"The order in {source_of(left)} would change"
    return ""


def _is_step(left: Node, right: Node) -> bool:
    """Is it ``i += 1``, or ``i = i + 1``?"""
    if right.type == "binary_operator":
        return field(right, "left") is not None and source_of(field(right, "left") or right) == source_of(left)
    return right.type == "integer" and (left.parent is not None and left.parent.type == "augmented_assignment")


def _is_read(body: Node, left: Node) -> bool:
    """Is a counter read in the loop other than to be incremented?"""
    if left.type != "identifier":
        return True
    return any(not _counts_on(use) for use in uses(body, source_of(left)))


def _counts_on(use: Node) -> bool:
    outer = use.parent
    if outer is not None and outer.type == "binary_operator":
        outer = outer.parent
    left = field(outer, "left") if outer is not None and outer.type in WRITES else None
    return left is not None and source_of(left) == source_of(use)


__all__ = ["order_matters"]
