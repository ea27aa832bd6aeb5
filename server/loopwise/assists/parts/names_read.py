"""Decides whether a name's value is still read after a statement: before the name is bound again, or by a closure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from loopwise.analysis.flow import uses
from loopwise.analysis.unit import Unit
from loopwise.syntax import COMPREHENSIONS, LOOPS, SCOPES, SHARED_NAMES, Node, field, nodes_of, source_of

_BINDS = {"assignment": "left", "for_statement": "left", "named_expression": "name", "as_pattern": "alias"}
_PATTERNS = frozenset({"pattern_list", "tuple_pattern", "list_pattern", "list_splat_pattern", "as_pattern_target"})


def is_read_after(unit: Unit, statement: Node, name: str) -> bool:
    """Does the value of a name matter to the rest of the function (or, at the top of a module, to anyone)?"""
    function = unit.function(statement)
    if function is None:
        return any(not _is_in(use, statement) for use in uses(unit.file.root, name))
    if is_shared(function, name) or is_read_by_nested(function, name, besides=statement):
        return True
    found = [use for use in uses(function, name) if not _is_in(use, statement) and not _is_nested(use, function)]
    if _reads([use for use in found if use.start_byte > statement.start_byte], statement):
        return True
    # In a loop, code above the statement runs after it as well.
    loop = next((outer for outer in unit.around(statement) if outer.type in LOOPS), None)
    again = [use for use in found if loop is not None and loop.start_byte <= use.start_byte < statement.start_byte]
    return _reads(again, statement)


def is_shared(function: Node, name: str) -> bool:
    """Is it declared ``global`` or ``nonlocal``?"""
    declared = nodes_of(function, SHARED_NAMES)
    return any(re.search(rf"\b{re.escape(name)}\b", source_of(one)) for one in declared)


def is_read_by_nested(function: Node, name: str, besides: Node | None = None) -> bool:
    """Does a function or class inside ``function`` read the name without binding it itself?"""
    for nested in nodes_of(function, SCOPES):
        if nested == function or (besides is not None and _is_in(nested, besides)):
            continue
        found = list(uses(nested, name))
        if found and not any(_binding(use) is not None or _is_parameter(use) for use in found):
            return True
    return False


def _reads(found: Iterable[Node], statement: Node) -> bool:
    """Is the name read in one of the uses, in order, before one of them is certain to bind it?"""
    for use in found:
        if _is_covered(use):
            continue
        outer = _binding(use)
        if outer is None:
            return True
        value = field(outer, "right")
        # ``x = x + 1`` reads before it binds.
        if outer.type == "assignment" and value is not None and any(True for _ in uses(value, source_of(use))):
            return True
        block = _block(outer)
        if block is not None and _is_in(statement, block):
            return False
    return False


def _is_in(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def _is_nested(use: Node, function: Node) -> bool:
    return any(outer.type in SCOPES for outer in _up(use, function))


def _up(node: Node, end: Node) -> Iterator[Node]:
    outer = node.parent
    while outer is not None and outer != end:
        yield outer
        outer = outer.parent


def _is_covered(use: Node) -> bool:
    """Does a loop or comprehension around a use bind the name itself?"""
    outer, name = use.parent, source_of(use)
    while outer is not None and outer.type not in SCOPES:
        if outer.type in COMPREHENSIONS:
            lefts = [field(child, "left") for child in outer.named_children if child.type == "for_in_clause"]
        else:
            body = field(outer, "body") if outer.type == "for_statement" else None
            lefts = [field(outer, "left")] if body is not None and _is_in(use, body) else []
        if any(True for left in lefts if left is not None for _ in uses(left, name)):
            return True
        outer = outer.parent
    return False


def _binding(use: Node) -> Node | None:
    """The statement or clause that binds the name at a use; ``None`` if the use reads it."""
    inner, outer = use, use.parent
    while outer is not None and outer.type in _PATTERNS:
        inner, outer = outer, outer.parent
    kind = _BINDS.get(outer.type) if outer is not None else None
    if outer is None or kind is None or field(outer, kind) != inner:
        return None
    return outer


def _is_parameter(use: Node) -> bool:
    outer = use.parent
    while outer is not None and outer.type.endswith(("parameter", "pattern")):
        outer = outer.parent
    return outer is not None and outer.type in {"parameters", "lambda_parameters"}


def _block(node: Node) -> Node | None:
    outer = node.parent
    while outer is not None and outer.type not in {"block", "module"}:
        outer = outer.parent
    return outer


__all__ = ["is_read_after", "is_read_by_nested", "is_shared"]
