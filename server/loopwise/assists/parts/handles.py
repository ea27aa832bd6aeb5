"""Handles of ``call_later``, and whether a task can replace them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import uses, waits
from loopwise.analysis.unit import Unit
from loopwise.syntax import ATTRIBUTES, CALLS, Node, arguments_of, field, nodes_of, source_of

_CALLBACKS = frozenset({"call_later", "call_at"})
# What else wakes up after a delay, and so competes with the callback for its place in the order.
_WAITS = frozenset({"sleep", "timeout", "timeout_at", "wait_for", "wait"})
_TESTS = frozenset(
    "if_statement while_statement not_operator boolean_operator comparison_operator conditional_expression elif_clause"
    " parenthesized_expression assert_statement delete_statement".split()
)
_KEEPS = frozenset({"append", "appendleft", "add", "setdefault", "put_nowait"})
# Methods of TimerHandle that Task lacks or answers differently.
_ASKS = re.compile(r"\.(?:when|cancelled)\(\)")
_WHY = {"cancelled": "which a task is when the loop has run", "when": "which a task does not have"}


def tasks_listed(unit: Unit) -> str:
    """The reason why no task may be added: the file waits for all tasks, counts or cancels them; else empty."""
    listed = b"all_tasks(" in unit.file.source.data
    return "asyncio.all_tasks() is used, which would contain the task" if listed else ""


def only_cancelled(unit: Unit, left: Node) -> str:
    """The reason why a stored handle cannot be a task; empty if it is at most cancelled."""
    name = source_of(left)
    asked = _ASKS.search(unit.file.source.text)
    if left.type == "subscript":
        return f"The value in {name} may be asked {asked[0][1:]}" if asked else ""
    for use in _uses(unit, left):
        outer = use.parent
        if outer is None or (outer.type == "assignment" and field(outer, "left") == use) or outer.type in _TESTS:
            continue
        if outer.type == "attribute" and field(outer, "object") == use:
            method = source_of(field(outer, "attribute") or outer)
            if method != "cancel":
                return f"{name}.{method}() is used, {_WHY.get(method, _WHY['when'])}"
        # Stored in a container it may be asked anywhere in the file.
        elif not _is_kept(use) or asked:
            return f"{name} is handed on and may need methods that a task does not have"
    return ""


def _uses(unit: Unit, left: Node) -> Iterator[Node]:
    if left.type == "attribute":
        word = source_of(field(left, "attribute") or left)
        for one in nodes_of(unit.file.root, ATTRIBUTES):
            if source_of(field(one, "attribute") or one) == word:
                yield one
    else:
        yield from uses(unit.function(left) or unit.file.root, source_of(left))


def _is_kept(use: Node) -> bool:
    """Is it put into a container, or bound to another name?"""
    outer = use.parent
    if outer is not None and outer.type == "assignment":
        return True
    call = outer.parent if outer is not None and outer.type == "argument_list" else None
    callee = field(call, "function") if call is not None else None
    return callee is not None and source_of(field(callee, "attribute") or callee) in _KEEPS


def due_together(unit: Unit, call: Node, delay: Node) -> str:
    """A call that is due at the same time and whose order would change, as a reason to refuse; else empty."""
    function = unit.function(call) or unit.file.root
    for other in nodes_of(unit.file.root, CALLS):
        callee = field(other, "function")
        word = source_of(field(callee, "attribute") or callee) if callee is not None else ""
        if other == call or word not in _CALLBACKS | _WAITS:
            continue
        if unit.function(other) == unit.function(call):
            # Two callbacks keep their order even if due at once; a sleep must certainly be as long.
            same = any(_is_same(unit, delay, one, surely=word in _WAITS) for one in _limits(other, word))
            is_due = same and _is_close(function, call, other)
        else:
            is_due = word in _CALLBACKS and _is_number(delay) and not _holds(other, call)
            is_due = is_due and any(_is_same(unit, delay, one, surely=True) for one in _limits(other, word))
        if is_due:
            return f"{word}() on line {other.start_point[0] + 1} is due at the same time, and the order would change"
    return ""


def _is_number(node: Node) -> bool:
    return node.type in {"integer", "float"}


def _limits(call: Node, word: str) -> Iterator[Node]:
    """The delays passed to a call, and for ``call_at`` the delays added to a time."""
    positional, keywords, _ = arguments_of(call)
    listed = positional[:1] if word in _CALLBACKS else [*positional, *keywords.values()]
    for one in listed:
        yield field(one, "right") or one if one.type == "binary_operator" and word == "call_at" else one


def _holds(other: Node, call: Node) -> bool:
    """Does the callback of ``call`` itself start ``other``, so that ``other`` comes later in any case?"""
    positional, _, _ = arguments_of(call)
    callback = source_of(positional[1]).rpartition(".")[2] if len(positional) > 1 else ""
    outer = other.parent
    while outer is not None:
        if outer.type == "function_definition" and source_of(field(outer, "name") or outer) == callback:
            return True
        outer = outer.parent
    return False


def _is_close(function: Node, call: Node, other: Node) -> bool:
    """Is there no ``await`` between the two?"""
    first, second = sorted((call, other), key=lambda node: node.start_byte)
    start = (first.parent or first).start_byte  # its own ``await`` lies between too
    return not any(start <= wait.start_byte and wait.end_byte <= second.start_byte for wait in waits(function))


def _is_same(unit: Unit, one: Node, other: Node, *, surely: bool) -> bool:
    """Are two delays equal or, unless ``surely``, possibly equal?"""
    if source_of(one) == source_of(other):
        return True
    numbers = _number(unit, one), _number(unit, other)
    return numbers[0] == numbers[1] if None not in numbers else not surely


def _number(unit: Unit, node: Node) -> float | None:
    """The number that an expression is, or that the function assigns to a name once."""
    if node.type == "identifier":
        function = unit.function(node)
        bound = [use.parent for use in uses(function, source_of(node))] if function is not None else []
        values = [field(one, "right") for one in bound if one is not None and one.type == "assignment"]
        found = [one for one in values if one is not None and source_of(one) != source_of(node)]
        return _number(unit, found[0]) if len(found) == 1 and found[0].type != "identifier" else None
    try:
        return float(source_of(node))
    except ValueError:
        return None


def is_nothing(delay: Node) -> bool:
    """Is it a zero delay, which makes the call equivalent to ``call_soon``?"""
    try:
        return float(source_of(delay).replace(" ", "")) <= 0
    except ValueError:
        return False


__all__ = ["due_together", "is_nothing", "only_cancelled"]
