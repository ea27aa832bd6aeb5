"""Narrowing: applies the conditions around a name or attribute (``isinstance``, ``is None``, truth) to its value."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File
from loopwise.semantics.infer import inheritance, patterns
from loopwise.semantics.infer.passed import passed
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Instance,
    Tuple,
    Union,
    Unknown,
    Value,
    each,
    join,
)
from loopwise.syntax import (
    COMPREHENSIONS,
    DEFINITIONS,
    Node,
    arguments_of,
    field,
    parts_of,
    path_to,
    span_of,
    string_value,
    text_of,
    unwrap,
)

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


# Bytes. No condition tests a longer name in a condition, and looking for one costs its length at each block around it.
_LONGEST = 200
_MOST_OPERANDS = 50  # of one `and` or `or`


def narrowed(ev: Evaluator, file: File, node: Node, value: Value) -> Value:
    """``value`` of the name or attribute ``node``, narrowed by the conditions around the node."""
    if node.end_byte - node.start_byte > _LONGEST or not _may_narrow(file, value):
        return value
    dotted = text_of(node)
    path = path_to(file.root, span_of(node))
    for outer, inner in zip(path, path[1:], strict=False):
        if outer.type in {"function_definition", "lambda"}:
            continue
        if outer.type == "case_clause":
            value = _by_pattern(ev, file, outer, inner, dotted, value)
        for condition, truth in _conditions(ev, file, outer, inner, dotted):
            if dotted in text_of(condition):
                value = _apply(ev, file, condition, dotted, value, truth=truth)
    return value


def _may_narrow(file: File, value: Value) -> bool:
    """Can a condition add to what is known?  For a single class, only if the file tests classes at all."""
    return isinstance(value, (Union, Unknown)) or (isinstance(value, Instance) and file.asks_for_classes)


def _conditions(ev: Evaluator, file: File, outer: Node, inner: Node, dotted: str) -> list[tuple[Node, bool]]:
    """Conditions that hold (or do not) at ``inner`` because of its position in ``outer``."""
    found: list[tuple[Node | None, bool]] = []
    if outer.type in {"if_statement", "elif_clause", "while_statement"}:
        condition = field(outer, "condition")
        if inner != condition:
            first = inner == field(outer, "consequence") or inner == field(outer, "body")
            found.append((condition, first))
            found += [(field(clause, "condition"), False) for clause in _earlier_clauses(outer, inner)]
    elif outer.type == "conditional_expression" and len(parts_of(outer)) >= 3:
        body, condition, other = parts_of(outer)[0], parts_of(outer)[1], parts_of(outer)[-1]
        # ``a if test else b``: children are in source order.
        if inner in (body, other):
            found.append((condition, inner == body))
    elif outer.type == "boolean_operator" and inner == field(outer, "right"):
        found.append((field(outer, "left"), text_of(outer.children[1]) == "and"))
    elif outer.type in COMPREHENSIONS:
        clauses = (child for child in parts_of(outer) if child.type == "if_clause" and parts_of(child))
        before = [c for c in clauses if inner == field(outer, "body") or c.end_byte <= inner.start_byte]
        found += [(parts_of(clause)[0], True) for clause in before]
    elif outer.type == "block" or (outer.type == "module" and inner.type not in DEFINITIONS):
        found += passed(ev, file, outer, inner, dotted)
    return [(condition, truth) for condition, truth in found if condition is not None]


def _earlier_clauses(statement: Node, inner: Node) -> list[Node]:
    clauses = statement.children_by_field_name("alternative")
    return [c for c in clauses if c.type == "elif_clause" and c.end_byte <= inner.start_byte]


def _by_pattern(ev: Evaluator, file: File, clause: Node, inner: Node, dotted: str, value: Value) -> Value:
    """``value`` narrowed by the pattern of a ``case``."""
    body = clause.parent
    subjects = body.parent.children_by_field_name("subject") if body is not None and body.parent is not None else []
    found = [child for child in parts_of(clause) if child.type == "case_pattern"]
    if inner.type == "case_pattern" or len(subjects) != 1 or len(found) != 1 or text_of(subjects[0]) != dotted:
        return value
    fits = patterns.matched(ev, file, found[0])
    return _among(ev, value, fits) if not isinstance(fits, Unknown) else value


def _apply(ev: Evaluator, file: File, condition: Node, dotted: str, value: Value, *, truth: bool) -> Value:
    condition = unwrap(condition)
    if condition.type == "not_operator":
        inner = field(condition, "argument")
        return _apply(ev, file, inner, dotted, value, truth=not truth) if inner is not None else value
    if condition.type == "boolean_operator":
        # A true ``and`` makes both sides true; a false ``or`` makes both false.
        if (text_of(condition.children[1]) == "and") is truth:
            for side in _operands(condition):
                value = _apply(ev, file, side, dotted, value, truth=truth)
        return value
    if condition.type == "named_expression":
        name = field(condition, "name")
        condition = name if name is not None else condition
    if condition.type in {"identifier", "attribute"} and text_of(condition) == dotted:
        return _without_none(value) if truth else value
    if condition.type == "call":
        return _by_instance_check(ev, file, condition, dotted, value, truth=truth)
    if condition.type == "comparison_operator":
        return _by_comparison(condition, dotted, value, truth=truth)
    return value


def _operands(condition: Node) -> list[Node]:
    """``a``, ``b``, ``c`` in ``a and b and c``; if there are very many, only the last."""
    word = text_of(condition.children[1])
    found: list[Node] = []
    left: Node | None = condition
    while left is not None and left.type == "boolean_operator" and text_of(left.children[1]) == word:
        if len(found) == _MOST_OPERANDS:
            return found
        right = field(left, "right")
        found += [right] if right is not None else []
        left = unwrap(inner) if (inner := field(left, "left")) is not None else None
    return [*([left] if left is not None else []), *reversed(found)]


def _without_none(value: Value) -> Value:
    members = [member for member in each(value) if member != NONE]
    return join(members) if members else UNKNOWN


def _by_comparison(condition: Node, dotted: str, value: Value, *, truth: bool) -> Value:
    sides = [text_of(child) for child in parts_of(condition)]
    operator = " ".join(text_of(child) for child in condition.children if not child.is_named)
    if len(sides) != 2 or set(sides) != {dotted, "None"} or operator not in {"is", "is not", "==", "!="}:
        return value
    is_none = (operator in {"is", "=="}) is truth
    return value if is_none else _without_none(value)


def _by_instance_check(ev: Evaluator, file: File, call: Node, dotted: str, value: Value, *, truth: bool) -> Value:
    function = field(call, "function")
    positional, _, _ = arguments_of(call)
    if function is None or len(positional) != 2 or text_of(positional[0]) != dotted:
        return value
    if text_of(function) == "hasattr" and truth:
        return _with_attribute(ev, value, string_value(positional[1]))
    if text_of(function) != "isinstance":
        return value
    checked = ev.value(file, positional[1])
    choices = checked.items if isinstance(checked, Tuple) else each(checked)
    classes = [choice for choice in choices if isinstance(choice, ClassObject)]
    names = {cls.fullname for cls in classes}
    if not truth:
        kept = [m for m in each(value) if not (isinstance(m, Instance) and m.cls.fullname in names)]
        return join(kept)
    return _among(ev, value, join(Instance(cls) for cls in classes)) if classes else UNKNOWN


def _with_attribute(ev: Evaluator, value: Value, name: str | None) -> Value:
    """The members of ``value`` that have an attribute; unknown if none of them does."""
    if name is None:
        return value
    having = [m for m in each(value) if isinstance(m, Unknown) or ev.attribute(m, name) != UNKNOWN]
    return join(having) if having else UNKNOWN


def _among(ev: Evaluator, value: Value, fits: Value) -> Value:
    """The members of ``value`` that are instances of the classes of ``fits``; ``fits`` if there are none."""
    names = {m.cls.fullname for m in each(fits) if isinstance(m, Instance)}
    already = [m for m in each(value) if isinstance(m, Instance) and _is_one_of(ev, m.cls, names)]
    return join(already) if already else fits


def _is_one_of(ev: Evaluator, cls: ClassObject, names: Collection[str]) -> bool:
    return cls.fullname in names or any(base.fullname in names for base in inheritance.mro(ev, cls))
