"""Decides whether an expression can be computed before its statement, given what the statement evaluates first."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import own, waits
from loopwise.syntax import COMPREHENSIONS, Node, field, nodes_of, source_of

# Nodes whose evaluation may have an effect or depend on one.
_WORKS = frozenset({"call", "await", "yield", "subscript", "attribute", "named_expression"})
_MIDDLE = "The results are used in the middle of a statement; assign them to a variable first"
_BEFORE = "The statement evaluates something before it; assign the results to a variable first"
_HEADS = {"for_statement": "right", "if_statement": "condition", "match_statement": "subject"}
# Parents that evaluate each child exactly once and from left to right.
_PASSED = frozenset(
    "argument_list call parenthesized_expression subscript attribute binary_operator unary_operator not_operator list"
    " tuple set dictionary pair list_splat keyword_argument assignment augmented_assignment return_statement"
    " expression_statement expression_list yield named_expression"
    " interpolation string concatenated_string slice".split()
)


def unmovable(statement: Node, node: Node) -> str:
    """The reason why an expression cannot be computed before its statement; empty if it can."""
    if is_guarded(statement, node):
        return _MIDDLE
    left = _augmented(node)
    if left is not None and not _is_own(statement, left):
        return f"{source_of(left)} is read before the tasks run, but would be read after them"
    if any(not _holds(node, one) and not _holds(one, node) for one in waits(_head(statement))):
        return "The statement awaits something else as well; assign the results to a variable first"
    return _BEFORE if any(True for _ in before(statement, node)) else ""


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte


def is_guarded(statement: Node, node: Node) -> bool:
    """Is it evaluated conditionally, or more than once?"""
    inner, outer = node, node.parent
    while outer is not None and inner != statement:
        if not _passes(outer, inner):
            return True
        inner, outer = outer, outer.parent
    return False


def _passes(outer: Node, inner: Node) -> bool:
    if outer.type in _HEADS:
        return field(outer, _HEADS[outer.type]) == inner
    if outer.type in COMPREHENSIONS:
        return inner.type == "for_in_clause"  # the rest is evaluated for each item
    if outer.type == "for_in_clause":
        made = outer.parent
        # Only the first iterable is evaluated outside the comprehension, and once.
        is_first = made is not None and next(c for c in made.named_children if c.type == "for_in_clause") == outer
        return is_first and field(outer, "right") == inner
    if outer.type == "conditional_expression":
        return len(outer.named_children) > 1 and outer.named_children[1] == inner
    if outer.type == "boolean_operator":
        return field(outer, "left") == inner
    if outer.type == "comparison_operator":
        # A chained comparison may stop before its third operand.
        return inner in outer.named_children[:2]
    return outer.type in _PASSED or outer.type in {"block", "module"}


def before(statement: Node, node: Node) -> Iterator[Node]:
    """The names and calls that a statement evaluates before ``node``, except for the callee that takes the result."""
    for one in own(_head(statement), _WORKS):
        if one.end_byte > node.start_byte or _is_callee(one, node) or _is_target(one, node):
            continue
        yield one


def _head(statement: Node) -> Node:
    name = _HEADS.get(statement.type)
    return (field(statement, name) or statement) if name is not None else statement


def _is_callee(one: Node, node: Node) -> bool:
    """Is it the callee of a call with ``node`` as an argument, or a part of that callee?"""
    while one.parent is not None and one.parent.type == "attribute":
        one = one.parent
    call = one.parent
    return (
        one.type in {"attribute", "identifier"}
        and call is not None
        and call.type == "call"
        and field(call, "function") == one
        and call.end_byte >= node.end_byte
    )


def _is_target(one: Node, node: Node) -> bool:
    """Is it the target of an assignment, which is evaluated after the right-hand side?"""
    outer: Node | None = one
    while outer is not None and outer.type != "assignment":
        outer = outer.parent
    left = field(outer, "left") if outer is not None else None
    return left is not None and left.start_byte <= one.start_byte < left.end_byte <= node.start_byte


def _augmented(node: Node) -> Node | None:
    """The left-hand side of an ``x += …`` around a node."""
    outer = node.parent
    while outer is not None and not outer.type.endswith("_statement"):
        if outer.type == "augmented_assignment":
            return field(outer, "left")
        outer = outer.parent
    return None


def _is_own(statement: Node, left: Node) -> bool:
    """Is it a name that no other function can bind?"""
    if left.type != "identifier":
        return False
    root = statement
    while root.parent is not None:
        root = root.parent
    shared = nodes_of(root, frozenset({"global_statement", "nonlocal_statement"}))
    return not any(re.search(rf"\b{re.escape(source_of(left))}\b", source_of(one)) for one in shared)


__all__ = ["before", "is_guarded", "unmovable"]
