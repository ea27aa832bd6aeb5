"""Tests of an object's kind that come before its use."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Tuple, each
from loopwise.syntax import JUMPS, Node, arguments_of, field, parts_of, text_of, unwrap

# A flag or function that tells of which kind something is; it counts whatever it is asked about.
_KIND_ASKED = re.compile(r"(?i)is_?async|is_?coro|is_?awaitable|use_?async|async_?mode")
# Builtins that tell the kind of their argument.
_CLASS_ASKED = re.compile(r"\b(?:isinstance|issubclass|hasattr|getattr|callable|type)\(\s*")
_ASKS = re.compile(rf"{_KIND_ASKED.pattern}|{_CLASS_ASKED.pattern}")
_GOES_ON = re.compile(r"[\w(]")


def asked_about(unit: Unit, node: Node) -> bool:
    """Does a test around ``node``, or one before it that leaves, check the object's kind?"""
    subjects = _subjects(node)
    return any(
        _KIND_ASKED.search(text_of(test)) or (_asks_of(text_of(test), subjects) and not _is_understood(unit, test))
        for test in _tests(unit, node)
    )


def _asks_of(test: str, subjects: Collection[str]) -> bool:
    """Does a test ask for the kind of one of these expressions?"""
    ends = [found.end() for found in _CLASS_ASKED.finditer(test)]
    return any(
        test.startswith(subject, end) and not _GOES_ON.match(test, end + len(subject))
        for end in ends
        for subject in subjects
    )


def _is_understood(unit: Unit, test: Node) -> bool:
    """Is it a test for known classes, by which inference narrows values?"""
    test = unwrap(test)
    if test.type == "not_operator" and (inner := field(test, "argument")) is not None:
        return _is_understood(unit, inner)
    if test.type == "boolean_operator" and text_of(field(test, "operator") or test) == "and":
        return all(_is_understood(unit, part) for part in parts_of(test) if _may_ask(part))
    callee, (positional, _, _) = field(test, "function"), arguments_of(test)
    if callee is None or text_of(callee) != "isinstance" or len(positional) != 2:
        return False
    classes = unit.value(positional[1])
    return all(isinstance(one, ClassObject) for one in (classes.items if isinstance(classes, Tuple) else each(classes)))


def _subjects(node: Node) -> set[str]:
    """The texts by which a test may refer to an expression: the expression, its callee, and the callee's receiver."""
    inner, found = unwrap(node), set[str]()
    while inner.type in {"call", "attribute", "subscript", "await"}:
        if inner.type == "attribute":
            found.add(text_of(inner))
        inner = unwrap(parts_of(inner)[0])
    return found | {text_of(inner)} if inner.type == "identifier" else found


def _tests(unit: Unit, node: Node) -> Iterator[Node]:
    """The conditions that decide whether ``node`` runs and may test its kind, those around outer functions included."""
    inner, outer = node, node.parent
    while outer is not None:
        yield from _tests_in(unit, outer, inner)
        inner, outer = outer, outer.parent


def _tests_in(unit: Unit, outer: Node, inner: Node) -> Iterator[Node]:
    if outer.type in {"if_statement", "while_statement"}:
        tests = unit.per_edit.get(("asked in", outer.id), lambda: [one for one in _conditions(outer) if _may_ask(one)])
        yield from (part for part in tests if part != inner)
    elif outer.type in {"conditional_expression", "boolean_operator"}:
        yield from (part for part in parts_of(outer) if part != inner)
    elif outer.type in {"block", "module"}:
        passed = unit.per_edit.get(("asked in", outer.id), lambda: [one for one in _passed(outer) if _may_ask(one)])
        yield from (part for part in passed if part.end_byte <= inner.start_byte)
    elif outer.type == "case_clause" or outer.type.endswith("comprehension") or outer.type == "generator_expression":
        yield from (part for part in parts_of(outer) if part.type in {"if_clause", "case_pattern"})


def _conditions(statement: Node) -> Iterator[Node]:
    parts = (field(part, "condition") for part in (statement, *statement.children_by_field_name("alternative")))
    yield from (part for part in parts if part is not None)


def _passed(block: Node) -> Iterator[Node]:
    """The tests passed before a later statement of a block: assertions, and ``if`` statements that leave."""
    for statement in parts_of(block):
        if statement.type == "assert_statement":
            yield from parts_of(statement)[:1]
        elif statement.type == "if_statement" and _left(statement):
            yield from [test] if (test := field(statement, "condition")) is not None else []


def _may_ask(test: Node) -> bool:
    return _ASKS.search(text_of(test)) is not None


def _left(statement: Node) -> bool:
    body = field(statement, "consequence")
    return body is not None and bool(parts_of(body)) and parts_of(body)[-1].type in JUMPS
