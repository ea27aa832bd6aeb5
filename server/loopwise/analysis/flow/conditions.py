"""Conditions for a call in a function to be made, compared with a caller's arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from loopwise.semantics.infer import Function, definitions
from loopwise.syntax import JUMPS, Node, arguments_of, field, parts_of, previous_of, text_of, unwrap

_TESTS = frozenset({"if_statement", "elif_clause", "if_clause"})
# Code here runs only if something else happened first, which counts as one condition.
_ARMS = frozenset({"except_clause", "except_group_clause", "case_clause", "assert_statement"})
# Above the limit of :mod:`~loopwise.analysis.blocking.reach`: a caller usually passes one fixed kind.
_KIND = 3
# Comparisons with a string or an enum's member, by which functions choose among several kinds of input.
_KINDS = re.compile(
    r"""(?<![\w.])(\w+)\s*(?:==|in)\s*[(\[{]?\s*["']|["']\s*(?:==|in)\s+(\w+)(?![\w.])"""
    r"""|(?<![\w.])(\w+)(?:\.lower\(\))?\.startswith\(|(?<![\w.])(\w+)\s*(?:==|in|is)\s*[A-Z]\w*\.[A-Z_]+\b"""
    r"""|(?<![\w.])_?is_\w+\(\s*(\w+)\s*\)"""
)
# Literals that are false, to compare with a parameter that must be true.
_FALSE = frozenset({"False", "None", "0", '""', "''", "0.0", "()", "[]", "{}"})
_TRUE = re.compile(r"True|[1-9]\d*|\"[^\"]+\"|'[^']+'")


def turns(node: Node, function: Node, parameters: Mapping[str, Node | None]) -> int:
    """Count the conditions that must coincide in the function for the node to run.

    None: 0; something is present, or went wrong: 1; a parameter selects one of several kinds: 3.
    """
    found = 0
    inner, outer = node, node.parent
    while outer is not None and outer != function:
        test = _test(outer, inner)
        if test is not None:
            names = {name for names in _KINDS.findall(text_of(test)) for name in names}
            found = max(found, 1 if names.isdisjoint(parameters) else _KIND)
        elif outer.type in _ARMS:
            found = max(found, 1)
        inner, outer = outer, outer.parent
    return found


def _test(outer: Node, inner: Node) -> Node | None:
    """The condition in ``outer`` that decides whether ``inner`` runs."""
    test = field(outer, "condition") if outer.type in _TESTS else None
    if outer.type == "conditional_expression":
        test = parts_of(outer)[1]
    elif outer.type == "boolean_operator" and inner == field(outer, "right"):
        test = field(outer, "left")
    return test if test != inner else None


def parameters_of(function: Node) -> Mapping[str, Node | None]:
    """The parameters of a function, with their defaults."""
    listed = field(function, "parameters")
    found: dict[str, Node | None] = {}
    for node in parts_of(listed) if listed is not None else ():
        name = field(node, "name") if node.type.startswith("default") or "default" in node.type else node
        if name is not None and name.type == "typed_parameter" and parts_of(name):
            name = parts_of(name)[0]
        if name is not None and name.type == "identifier":
            found[text_of(name)] = field(node, "value")
    return found


def needed(call: Node, function: Node, parameters: Mapping[str, Node | None]) -> Iterator[tuple[str, bool]]:
    """The parameters that must be true, or false, for a call in the function to be made."""
    inner, outer = call, call.parent
    while outer is not None and outer != function:
        test = field(outer, "condition") if outer.type in {"if_statement", "elif_clause"} else None
        if test is not None and inner in (field(outer, "consequence"), field(outer, "alternative")):
            yield from _asked(unwrap(test), parameters, truth=inner == field(outer, "consequence"))
        elif outer.type == "block":
            for left in _left_before(inner):
                yield from _asked(left, parameters, truth=False)
        inner, outer = outer, outer.parent


def _left_before(statement: Node) -> Iterator[Node]:
    """The conditions of the ``if`` statements before one in its block that leave the block: they were not true."""
    sibling = previous_of(statement)
    while sibling is not None:
        body = field(sibling, "consequence") if sibling.type == "if_statement" else None
        test = field(sibling, "condition")
        if body is not None and test is not None and any(one.type in JUMPS for one in parts_of(body)):
            yield unwrap(test)
        sibling = previous_of(sibling)


def _asked(test: Node, parameters: Mapping[str, Node | None], *, truth: bool) -> Iterator[tuple[str, bool]]:
    if test.type == "identifier" and text_of(test) in parameters:
        yield text_of(test), truth
    elif test.type == "not_operator" and (inner := field(test, "argument")) is not None:
        yield from _asked(unwrap(inner), parameters, truth=not truth)
    elif test.type == "boolean_operator" and truth and text_of(test.children[1]) == "and":
        for part in (field(test, "left"), field(test, "right")):
            if part is not None:
                yield from _asked(unwrap(part), parameters, truth=True)
    elif test.type == "comparison_operator" and len(parts_of(test)) == 2 and text_of(test).endswith(" is not None"):
        yield from _asked(parts_of(test)[0], parameters, truth=truth)


def contradicts(node: Node, function: Function, name: str, *, wanted: bool) -> bool:
    """Does a call give a parameter a value that is plainly not what is needed?"""
    return denies(node, function.nodes[0], name, wanted=wanted, bound=definitions.takes_receiver(function))


def denies(node: Node, function: Node, name: str, *, wanted: bool, bound: bool) -> bool:
    """Like :func:`contradicts`, for a function's node; ``bound``: its first parameter is the receiver."""
    parameters = parameters_of(function)
    given = parameters.get(name)
    if node.type == "call":
        positional, keywords, starred = arguments_of(node)
        if starred:
            return False
        order = list(parameters)[1 if bound else 0 :]
        index = order.index(name) if name in order else len(positional)
        given = keywords.get(name, positional[index] if index < len(positional) else given)
    if given is None:
        return False
    text = text_of(given)
    return text in _FALSE if wanted else _TRUE.fullmatch(text) is not None
