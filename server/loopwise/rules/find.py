"""Run rules over a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from loopwise.features.view import View
from loopwise.rules.rule import Finding, Rule
from loopwise.rules.unit import Unit
from loopwise.syntax import Node, nodes_of

_OUTERMOST = frozenset({"function_definition"})


class Found(NamedTuple):
    """A finding, and the rule that made it."""

    rule: Rule
    finding: Finding


def units(root: Node) -> Iterator[Node]:
    """The outermost functions of a module, methods among them, then the module for all the rest."""
    end = -1
    for node in nodes_of(root, _OUTERMOST):
        if node.start_byte >= end:
            end = node.end_byte
            yield node
    yield root


def findings(view: View, rules: Iterable[Rule]) -> list[Found]:
    """What the rules find in a whole file, in source order; each place once for each rule."""
    chosen = list(rules)
    functions = list(units(view.file.root))[:-1]
    found = [one for function in functions for one in in_unit(Unit(view, function), chosen)]
    found += in_module(view, chosen, functions)
    distinct = {(one.rule.code, one.finding.span): one for one in found}
    return sorted(distinct.values(), key=lambda one: (one.finding.span.start, one.rule.code))


def in_unit(unit: Unit, rules: Iterable[Rule]) -> list[Found]:
    """What the rules find in one function, nested ones included."""
    return list(_checked(unit, rules, nodes_of(unit.root, _types(rules))))


def in_module(view: View, rules: Iterable[Rule], functions: Iterable[Node]) -> list[Found]:
    """What the rules find outside of functions."""
    spans = sorted((node.start_byte, node.end_byte) for node in functions)
    outside = list(_outside(nodes_of(view.file.root, _types(rules)), spans))
    return list(_checked(Unit(view, view.file.root), rules, outside))


def _outside(nodes: Iterable[Node], spans: list[tuple[int, int]]) -> Iterator[Node]:
    """The nodes that no span holds; both in source order."""
    index = 0
    for node in nodes:
        while index < len(spans) and spans[index][1] <= node.start_byte:
            index += 1
        if index == len(spans) or node.start_byte < spans[index][0]:
            yield node


def _types(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(name for rule in rules for name in rule.nodes)


def _checked(unit: Unit, rules: Iterable[Rule], nodes: Iterable[Node]) -> Iterator[Found]:
    by_type: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.nodes:
            by_type.setdefault(name, []).append(rule)
    for node in nodes:
        if node.has_error and node.type not in _WHOLE:
            continue
        for rule in by_type.get(node.type, ()):
            for finding in rule.check(node, unit):
                yield Found(rule, finding)


# Statements whose bodies may be broken while their heads are not.
_WHOLE = frozenset(
    "function_definition class_definition with_statement for_statement while_statement if_statement"
    " try_statement".split()
)
