"""Runs rules over a file, unit by unit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import msgspec

from loopwise.analysis import prefilter
from loopwise.analysis.flow import is_dead, is_guessed
from loopwise.analysis.rule import Evidence, Finding, Fix, Rule
from loopwise.analysis.unit import Unit
from loopwise.memo import Memo
from loopwise.project import View
from loopwise.semantics.bindings import File
from loopwise.semantics.index import ProjectNames, coroutine_functions, imported_modules
from loopwise.syntax import FUNCTIONS, Node, nodes_of
from loopwise.versions import Target

# Statements whose bodies may be broken while their heads are not.
_WHOLE = frozenset(
    "function_definition class_definition with_statement for_statement while_statement if_statement"
    " try_statement".split()
)


# What fixes write, and the Python that it came with; see "What's New in Python".
_NEW = (
    (b"to_thread", (3, 9)),
    (b"aclosing", (3, 10)),
    (b"TaskGroup", (3, 11)),
    (b"timeout", (3, 11)),
    (b"Runner", (3, 11)),
)


_BRACES = re.compile(rb"^[ \t]*(?:\{\{|\{%)", re.MULTILINE)
_STRINGS = frozenset({"string", "comment"})


class Found(NamedTuple):
    """A finding, and its rule."""

    rule: Rule
    finding: Finding
    left: bool = False
    """Is it left to another tool, which reports it?"""

    def fixes(self) -> tuple[Fix, ...]:
        """The fixes of the finding, the best first."""
        return self.finding.fixes()


class FileContext(msgspec.Struct, frozen=True):
    """Facts about a whole file that are needed before its units are checked."""

    view: View
    aliases: Mapping[str, str]
    coroutines: frozenset[str] | None
    overrides: frozenset[str]
    """See :class:`~loopwise.semantics.index.ProjectNames`."""
    per_edit: Memo = msgspec.field(default_factory=Memo)
    per_pause: Memo = msgspec.field(default_factory=Memo)

    @classmethod
    def of(cls, view: View, project_names: ProjectNames | None) -> FileContext:
        """``project_names`` are those of other modules; ``None`` if not known yet."""
        data = view.file.source.data
        own = coroutine_functions(data)
        if project_names is None:
            return cls(view, prefilter.aliases_of(data), None, frozenset())
        coroutines = own | project_names.coroutines | prefilter.library_coroutines()
        if view.libraries is not None:
            for name in imported_modules(data):
                view.libraries.load(name)
            coroutines |= view.libraries.coroutines
        return cls(view, prefilter.aliases_of(data), coroutines, project_names.overrides)

    def unit(self, root: Node) -> Unit:
        own = self.per_edit, self.per_pause
        return Unit(self.view, root, self.aliases, self.coroutines, *own, self.overrides)

    def rules_for(self, data: bytes, rules: Iterable[Rule]) -> list[Rule]:
        """The rules that may report something in a piece of code."""
        words = prefilter.with_meanings(prefilter.words_of(data), self.aliases)
        # Before the project is read, any name may be a coroutine function's.
        if self.coroutines is None or not words.isdisjoint(self.coroutines):
            words |= {prefilter.COROUTINE}
        found = [rule for rule in rules if not rule.triggers.isdisjoint(words)]
        is_template: bool = self.per_edit.get("is a template", lambda: _is_template(self.view.file))
        return [] if is_template else found


def _is_template(file: File) -> bool:
    """Is it a template, not Python yet: does a line, outside strings, start with Jinja's braces?"""
    data = file.source.data
    if b"{{" not in data and b"{%" not in data:
        return False
    starts = (file.root.descendant_for_byte_range(found.end() - 1, found.end()) for found in _BRACES.finditer(data))
    return any(node is not None and not _STRINGS.intersection(_types_around(node)) for node in starts)


def _types_around(node: Node) -> Iterator[str]:
    inner: Node | None = node
    while inner is not None:
        yield inner.type
        inner = inner.parent


def units(root: Node) -> list[Node]:
    """The outermost functions of a module, including methods, with their decorators, in source order."""
    found: list[Node] = []
    end = -1
    for node in nodes_of(root, FUNCTIONS):
        if node.start_byte >= end:
            end = node.end_byte
            decorated = node.parent is not None and node.parent.type == "decorated_definition"
            found.append(node.parent if decorated and node.parent is not None else node)
    return found


def findings(view: View, rules: Iterable[Rule], project_names: ProjectNames | None = None) -> list[Found]:
    """The findings in a whole file, in source order; each place once per rule."""
    around = FileContext.of(view, project_names)
    chosen = around.rules_for(view.file.source.data, rules)
    if not chosen:
        return []
    functions = units(view.file.root)
    found = [one for function in functions for one in in_unit(around, function, chosen)]
    return ordered([*found, *outside(around, chosen, functions)])


def ordered(found: Iterable[Found]) -> list[Found]:
    """Findings in source order; each place once per rule."""
    distinct = {(one.rule.code, one.finding.span): one for one in found}
    return sorted(distinct.values(), key=lambda one: (one.finding.span.start, one.rule.code))


def in_unit(around: FileContext, root: Node, rules: Sequence[Rule]) -> list[Found]:
    """The findings in one outermost function, nested functions included."""
    return [one for one in steps(around, root, rules) if one is not None]


def steps(around: FileContext, root: Node, rules: Sequence[Rule]) -> Iterator[Found | None]:
    """The same, node by node: ``None`` after each node, so that the work can be done in steps."""
    chosen = around.rules_for(around.view.file.source.data[root.start_byte : root.end_byte], rules)
    if not chosen:
        return
    # One query for all units: compiling another one for the rules of this unit takes 1.2 ms, more than most units do.
    yield from _node_by_node(around.unit(root), chosen, nodes_of(root, _types(rules)))


def outside(around: FileContext, rules: Sequence[Rule], functions: Iterable[Node]) -> list[Found]:
    """The findings outside of functions."""
    spans = sorted((node.start_byte, node.end_byte) for node in functions)
    root, data = around.view.file.root, around.view.file.source.data
    chosen = around.rules_for(b"\n".join(_gaps(data, spans)), rules)
    if not chosen:
        return []
    nodes = list(_outside(nodes_of(root, _types(rules)), spans))
    return list(_checked(around.unit(root), chosen, nodes))


def in_nodes(around: FileContext, roots: Iterable[Node], rules: Iterable[Rule]) -> list[Found]:
    """The findings in statements that are outside of functions and contain none."""
    found: list[Found] = []
    for root in roots:
        chosen = around.rules_for(root.text or b"", rules)
        if chosen:
            found += _checked(around.unit(around.view.file.root), chosen, nodes_of(root, _types(chosen)))
    return found


def _gaps(data: bytes, spans: list[tuple[int, int]]) -> Iterator[bytes]:
    """The text outside of all spans."""
    at = 0
    for start, end in spans:
        yield data[at:start]
        at = end
    yield data[at:]


def _outside(nodes: Iterable[Node], spans: list[tuple[int, int]]) -> Iterator[Node]:
    """The nodes outside of all spans; both are in source order."""
    index = 0
    for node in nodes:
        while index < len(spans) and spans[index][1] <= node.start_byte:
            index += 1
        if index == len(spans) or node.start_byte < spans[index][0]:
            yield node


def _types(rules: Iterable[Rule]) -> frozenset[str]:
    return frozenset(name for rule in rules for name in rule.nodes)


def _checked(unit: Unit, rules: Iterable[Rule], nodes: Iterable[Node]) -> Iterator[Found]:
    return (one for one in _node_by_node(unit, rules, nodes) if one is not None)


def _node_by_node(unit: Unit, rules: Iterable[Rule], nodes: Iterable[Node]) -> Iterator[Found | None]:
    by_type: dict[str, list[Rule]] = {}
    for rule in rules:
        for name in rule.nodes:
            by_type.setdefault(name, []).append(rule)
    for node in nodes:
        # Around an error, the parser's guess of the structure is not evidence.
        if node.has_error and node.type not in _WHOLE:
            continue
        for rule in by_type.get(node.type, ()):
            for finding in rule.check(node, unit):
                if not is_dead(unit, finding.span) and not is_guessed(unit.file, finding.span):
                    fixes = partial(_fixes, unit.target, finding)
                    yield Found(rule, msgspec.structs.replace(finding, fixes=fixes))
        yield None


def _fixes(target: Target, finding: Finding) -> tuple[Fix, ...]:
    """The fixes of a finding; none is safe without certain evidence, or if it needs a newer Python."""
    sure = finding.evidence is Evidence.CERTAIN
    return tuple(
        fix if not fix.safe or (sure and not _is_too_new(target, fix)) else msgspec.structs.replace(fix, safe=False)
        for fix in finding.fixes()
    )


def _is_too_new(target: Target, fix: Fix) -> bool:
    """Does a fix write a name that the project's oldest Python lacks?"""
    return any(
        since > target.oldest and re.search(rb"\b%s\b" % name, edit.text) for name, since in _NEW for edit in fix.edits
    )
