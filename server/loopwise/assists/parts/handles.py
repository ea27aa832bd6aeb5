"""Handles of ``call_later``: whether a task can take their place."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import uses, waits
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, field, nodes_of, text_of

_CALLS = frozenset({"call"})
_ATTRIBUTES = frozenset({"attribute"})
_CALLBACKS = frozenset({"call_later", "call_at"})
_WAITS = frozenset({"sleep", "timeout", "timeout_at", "wait_for", "wait"})
_TESTS = frozenset(
    "if_statement while_statement not_operator boolean_operator comparison_operator conditional_expression elif_clause"
    " parenthesized_expression assert_statement delete_statement".split()
)
_KEEPS = frozenset({"append", "appendleft", "add", "setdefault", "put_nowait"})
_ASKS = re.compile(r"\.(?:when|cancelled)\(\)")
_WHY = {"cancelled": "which a task is when the loop has run", "when": "which a task does not have"}


def only_cancelled(unit: Unit, left: Node) -> str:
    """Why a handle that is kept cannot be a task; empty if it is at most cancelled."""
    name = text_of(left)
    asked = _ASKS.search(unit.file.source.text)
    if left.type == "subscript":
        return f"what {name} holds may be asked {asked[0][1:]}" if asked else ""
    for use in _uses(unit, left):
        outer = use.parent
        if outer is None or (outer.type == "assignment" and field(outer, "left") == use) or outer.type in _TESTS:
            continue
        if outer.type == "attribute" and field(outer, "object") == use:
            method = text_of(field(outer, "attribute") or outer)
            if method != "cancel":
                return f"{name}.{method}() is used, {_WHY.get(method, _WHY['when'])}"
        elif not _is_kept(use) or asked:
            return f"{name} is handed on, and may be asked for what a task does not have"
    return ""


def _uses(unit: Unit, left: Node) -> Iterator[Node]:
    if left.type == "attribute":
        word = text_of(field(left, "attribute") or left)
        for one in nodes_of(unit.file.root, _ATTRIBUTES):
            if text_of(field(one, "attribute") or one) == word:
                yield one
    else:
        yield from uses(unit.function(left) or unit.file.root, text_of(left))


def _is_kept(use: Node) -> bool:
    """Is it put into a container, or under another name?"""
    outer = use.parent
    if outer is not None and outer.type == "assignment":
        return True
    call = outer.parent if outer is not None and outer.type == "argument_list" else None
    callee = field(call, "function") if call is not None else None
    return callee is not None and text_of(field(callee, "attribute") or callee) in _KEEPS


def due_together(unit: Unit, call: Node, delay: Node) -> str:
    """What else is due at the same time, in an order that would change."""
    function = unit.function(call) or unit.file.root
    for other in nodes_of(unit.file.root, _CALLS):
        callee = field(other, "function")
        word = text_of(field(callee, "attribute") or callee) if callee is not None else ""
        if other == call or word not in _CALLBACKS | _WAITS or not any(_is_same(delay, one) for one in _limits(other)):
            continue
        is_here = unit.function(other) == unit.function(call)
        is_number = word in _CALLBACKS and delay.type in {"integer", "float"}
        if (is_here and _is_close(function, call, other)) or (is_number and not is_here and not _holds(other, call)):
            return f"{word}() on line {other.start_point[0] + 1} is due at the same time, and the order would change"
    return ""


def _limits(call: Node) -> Iterator[Node]:
    """The arguments that may be lengths of time, and what is added to a time."""
    positional, keywords, _ = arguments_of(call)
    for one in (*positional, *keywords.values()):
        yield field(one, "right") or one if one.type == "binary_operator" else one


def _holds(other: Node, call: Node) -> bool:
    """Does what is called by ``call`` start ``other``, so that the one comes after the other in any case?"""
    positional, _, _ = arguments_of(call)
    callback = text_of(positional[1]).rpartition(".")[2] if len(positional) > 1 else ""
    outer = other.parent
    while outer is not None:
        if outer.type == "function_definition" and text_of(field(outer, "name") or outer) == callback:
            return True
        outer = outer.parent
    return False


def _is_close(function: Node, call: Node, other: Node) -> bool:
    """Is nothing awaited between the two?"""
    first, second = sorted((call, other), key=lambda node: node.start_byte)
    start = (first.parent or first).start_byte  # its own ``await`` lies between too
    return not any(start <= wait.start_byte and wait.end_byte <= second.start_byte for wait in waits(function))


def _is_same(one: Node, other: Node) -> bool:
    try:
        return float(text_of(one)) == float(text_of(other))
    except ValueError:
        return text_of(one) == text_of(other)


def is_nothing(delay: Node) -> bool:
    """Is it a delay of no length, which makes it a ``call_soon``?"""
    try:
        return float(text_of(delay).replace(" ", "")) <= 0
    except ValueError:
        return False


__all__ = ["due_together", "is_nothing", "only_cancelled"]
