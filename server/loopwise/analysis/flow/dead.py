"""Code that never runs: branches excluded by the project's Pythons, and code for type checkers only."""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Iterator
from types import MappingProxyType

from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import Module, names
from loopwise.syntax import (
    JUMPS,
    Node,
    arguments_of,
    field,
    last_of,
    node_at,
    parts_of,
    path_to,
    previous_of,
    string_value,
    text_of,
    unwrap,
)
from loopwise.text import Span
from loopwise.versions import Target, Version

_CONDITIONAL = frozenset({"if_statement", "elif_clause", "conditional_expression", "boolean_operator"})
# Without one of these words no branch of a file depends on the Python version.
_WORDS = re.compile(rb"version_info|TYPE_CHECKING|hasattr|PY_?[23]|PY3\d")
# All forms that typeshed and type checkers understand, plus ``version_info.major``.
_VERSION = re.compile(
    r"(?:sys\.)?version_info(?P<part>\[0\]|\.major|\[0?:\d\])?\s*(?P<sign>>=|<=|==|!=|<|>)\s*"
    r"(?P<wanted>\d+|\(\s*\d+\s*,?\s*(?:\d+)?\s*(?:,[^()]*)?\))"
)
_COMPARED = MappingProxyType({
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq, "!=": operator.ne
})  # fmt: skip
_PATCH = 1  # any release but the first: ``sys.version_info > (3, 12)`` holds on 3.12 too


def is_dead(unit: Unit, span: Span) -> bool:
    """Does the code at a span run on none of the project's Pythons?"""
    if not unit.per_edit.get("speaks of versions", lambda: _WORDS.search(unit.file.source.data) is not None):
        return False
    path = path_to(unit.file.root, span)
    return any(_rules_out(unit, outer, inner) for outer, inner in zip(path, path[1:], strict=False))


def _rules_out(unit: Unit, outer: Node, inner: Node) -> bool:
    if outer.type in _CONDITIONAL:
        return any(_truth(unit, test) is (not wanted) for test, wanted in _needed(outer, inner))
    if outer.type in {"block", "module"}:
        return any(_leaves(unit, statement) for statement in _before(outer, inner))
    return False


def _needed(outer: Node, inner: Node) -> Iterator[tuple[Node, bool]]:
    """The conditions that must be true, or false, for ``inner`` to run, as far as ``outer`` decides it."""
    parts = parts_of(outer)
    if outer.type == "conditional_expression":
        if len(parts) >= 3 and inner in (parts[0], parts[-1]):
            yield parts[1], inner == parts[0]
    elif outer.type == "boolean_operator":
        left = field(outer, "left")
        if left is not None and inner == field(outer, "right"):
            yield left, outer.children[1].type == "and"
    else:
        condition = field(outer, "condition")
        if condition is not None and inner != condition:
            yield condition, inner == field(outer, "consequence")
        for clause in outer.children_by_field_name("alternative"):
            earlier = field(clause, "condition") if clause.end_byte <= inner.start_byte else None
            if earlier is not None:
                yield earlier, False


def _before(block: Node, statement: Node) -> Iterator[Node]:
    """The ``if`` statements before a statement."""
    sibling = previous_of(statement)
    while sibling is not None:
        if sibling.type == "if_statement":
            yield sibling
        sibling = previous_of(sibling)


def _leaves(unit: Unit, statement: Node) -> bool:
    """Does an ``if`` leave its block on every Python of the project?"""
    condition, body = field(statement, "condition"), field(statement, "consequence")
    last = last_of(body) if body is not None else None
    return last is not None and last.type in JUMPS and condition is not None and _truth(unit, condition) is True


def _truth(unit: Unit, test: Node) -> bool | None:
    """The value of a condition on every Python of the project; ``None`` if it differs or is unknown."""
    test = unwrap(test)
    match test.type:
        case "not_operator":
            inner = field(test, "argument")
            known = _truth(unit, inner) if inner is not None else None
            return None if known is None else not known
        case "boolean_operator":
            return _joined(test.children[1].type, [_truth(unit, side) for side in _sides(test)])
        case "comparison_operator":
            found = _VERSION.fullmatch(text_of(test))
            return _by_version(unit.target, found) if found is not None else None
        case "identifier" | "attribute":
            return False if text_of(test).rpartition(".")[2] == "TYPE_CHECKING" else _by_flag(unit, test)
        case "call":
            return _has(unit, test)
    return None


def _sides(test: Node) -> Iterator[Node]:
    return (side for side in (field(test, "left"), field(test, "right")) if side is not None)


def _joined(word: str, sides: list[bool | None]) -> bool | None:
    decisive = word == "or"
    if decisive in sides:
        return decisive
    return None if None in sides else not decisive


def _by_version(target: Target, found: re.Match[str]) -> bool | None:
    wanted = tuple(map(int, re.findall(r"\d+", found["wanted"])))
    answers = {_compared(version, found["part"] or "", found["sign"], wanted) for version in _ends(target)}
    return answers.pop() if len(answers) == 1 else None


def _ends(target: Target) -> tuple[Version, Version]:
    return target.floor, target.ceiling


def _compared(version: Version, part: str, sign: str, wanted: tuple[int, ...]) -> bool | None:
    """Compare a version, or its first ``part``, with numbers; patch releases are not known."""
    mine: tuple[int, ...] = (*version, _PATCH)
    if part in {"[0]", ".major"}:
        mine = mine[:1]
    elif part:
        mine = mine[: int(part[-2])]
    elif len(wanted) > len(version) and mine[:2] == wanted[:2]:
        return None
    found: bool = _COMPARED[sign](mine, wanted)
    return found


def _by_flag(unit: Unit, name: Node) -> bool | None:
    """The truth of a name that the module binds only once, to a version test."""
    bindings = unit.file.table.by_name.get(text_of(name), ())
    if name.type != "identifier" or len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN:
        return None
    value = node_at(unit.file.root, bindings[0].value) if bindings[0].value is not None else None
    return _truth(unit, value) if value is not None and unwrap(value).type != "identifier" else None


def _has(unit: Unit, call: Node) -> bool | None:
    """``hasattr(module, "name")`` for a standard library module: true if the stubs have the name."""
    callee, (positional, _, _) = field(call, "function"), arguments_of(call)
    if callee is None or text_of(callee) != "hasattr" or len(positional) != 2:
        return None
    module, name = unit.value(positional[0]), string_value(positional[1])
    if not isinstance(module, Module) or name is None or module.name.partition(".")[0] not in sys.stdlib_module_names:
        return None
    floor = unit.floor
    return True if names.find_member(floor, module.name, name) is not None else None
