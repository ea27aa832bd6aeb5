"""Evaluation: determines the value of an expression without running anything.

An :class:`Evaluator` holds one consistent view: the open files, the target Python, and the results so far. Make a new
one when a file has changed; trees and binding tables are shared, results are not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field as attribute_field
from typing import Any, Protocol

from loopwise.memo import Memo
from loopwise.semantics.bindings import Binding, File
from loopwise.semantics.infer import bound, calls, members, names, protocols, type_expressions
from loopwise.semantics.infer.arguments import NO_ARGUMENTS, Arguments
from loopwise.semantics.infer.expressions import EXPRESSIONS
from loopwise.semantics.infer.size import bounded
from loopwise.semantics.infer.values import NONE, UNKNOWN, ClassObject, Foreign, Instance, Value, each, join, mapped
from loopwise.syntax import Node, unwrap
from loopwise.versions import Version

_DEEPEST = 60  # evaluations inside each other; each takes several frames of Python's recursion limit
# Functions that call each other can be gone through in so many ways that it takes years.
_MOST_TRIES = 3
# Evaluations for one question.  In the 30 packages that this was measured on no question takes more than 200; in sympy,
# where nothing is annotated and everything calls everything, some took seconds.
_MOST_EVALUATIONS = 300
_FEWEST = 20  # for a question after very many that took too much
_PATIENCE = 8  # so many of these halve the limit; twice as many make it a third


class Modules(Protocol):
    """A source of modules; ``None`` means that there is no such module, or not yet."""

    def load(self, name: str) -> File | None: ...


@dataclass
class StubValues:
    """Results for stubs, which depend only on version and platform, so that evaluators of the same target share them.

    Results for libraries' summaries are here too; they are dropped when more summaries become known.
    """

    nodes: dict[tuple[File, object], Value] = attribute_field(default_factory=dict)
    members: dict[tuple[File, str], Value | None] = attribute_field(default_factory=dict)
    orders: dict[ClassObject, tuple[ClassObject, ...]] = attribute_field(default_factory=dict)
    parameters: dict[tuple[File, int], tuple[str, ...]] = attribute_field(default_factory=dict)
    notes: dict[tuple[str, ...], Any] = attribute_field(default_factory=dict)  # what features make of stubs alone

    def forget_libraries(self) -> None:
        """Drop all results that depend on libraries."""
        self.nodes = {key: value for key, value in self.nodes.items() if not key[0].is_summary}
        self.members = {key: value for key, value in self.members.items() if not key[0].is_summary}
        self.orders = {cls: order for cls, order in self.orders.items() if not cls.file.is_summary}
        self.parameters = {key: names for key, names in self.parameters.items() if not key[0].is_summary}
        self.notes.clear()


@dataclass
class Evaluator:
    """Evaluates nodes; no method raises: a value that cannot be determined is :data:`UNKNOWN`."""

    modules: Modules
    version: Version
    platform: str = "linux"
    annotated: bool = True
    """Are the annotations in the user's files believed?  If not, only the code itself counts."""
    stubs: StubValues = attribute_field(default_factory=StubValues)
    per_version: Memo = attribute_field(default_factory=Memo)
    """Results that survive keystrokes, until another module changes; their keys name everything they depend on in the
    file being edited."""
    trees: Memo = attribute_field(default_factory=Memo)
    """Facts about files' trees, which do not change during the evaluator's lifetime."""
    looking: set[tuple[str, str]] = attribute_field(default_factory=set)
    matching: set[tuple[str, str]] = attribute_field(default_factory=set)
    orders: dict[ClassObject, tuple[ClassObject, ...]] = attribute_field(default_factory=dict)
    _memo: dict[tuple[File, object], Value] = attribute_field(default_factory=dict)
    _running: set[tuple[File, object]] = attribute_field(default_factory=set)
    _tried: dict[tuple[File, object], tuple[int, Value]] = attribute_field(default_factory=dict)
    """The number of attempts at an expression in the current outermost evaluation, and the last provisional value."""
    _cut: bool = False
    _evaluations: int = 0
    """The number of evaluations in the current outermost one."""
    _given_up: int = 0
    """The number of outermost evaluations that took too much."""

    @property
    def is_idle(self) -> bool:
        """Are results final, because nothing is being evaluated?"""
        return not self._running and not self.looking

    def believes(self, file: File) -> bool:
        """Do the annotations of a file count?  Those of stubs always do."""
        return self.annotated or file.is_stub

    def value(self, file: File, node: Node) -> Value:
        """The value of the expression ``node``."""
        found = (self.stubs.nodes if file.is_stub else self._memo).get((file, node.id))
        return found if found is not None else self.once(file, node.id, lambda: self._evaluate(file, node))

    def once(self, file: File, key: object, evaluate: Callable[[], Value], meanwhile: Value = UNKNOWN) -> Value:
        """The result of ``evaluate``, computed once per file and key; a recursive request returns ``meanwhile``."""
        full = (file, key)
        memo = self.stubs.nodes if file.is_stub else self._memo
        found = memo.get(full)
        if found is not None:
            return found
        tries, before = self._tried.get(full, (0, meanwhile))
        if full in self._running or tries >= _MOST_TRIES or self._is_too_much():
            self._cut = True
            return before
        outer_cut, self._cut = self._cut, False
        self._running.add(full)
        try:
            result = bounded(evaluate())
        finally:
            self._running.discard(full)
        # A result that leaned on an evaluation still under way may be less than the truth: do not keep it.
        if not self._cut or not self._running:
            memo[full] = result
        else:
            self._tried[full] = (tries + 1, result)
        if not self._running:
            self._tried.clear()
        self._cut = self._cut or outer_cut
        return result

    def _is_too_much(self) -> bool:
        """Should the outermost evaluation do without another one, because it is too deep or takes too much?"""
        limit = max(_MOST_EVALUATIONS // (1 + self._given_up // _PATIENCE), _FEWEST)
        self._evaluations = self._evaluations + 1 if self._running else 0
        self._given_up += self._evaluations == limit
        return self._evaluations >= limit or len(self._running) >= _DEEPEST

    def _evaluate(self, file: File, node: Node) -> Value:
        node = unwrap(node)
        handler = EXPRESSIONS.get(node.type)
        return handler(self, file, node) if handler is not None else UNKNOWN

    def attribute(self, value: Value, name: str) -> Value:
        """The value of the attribute ``value.name``."""
        return members.attribute(self, value, name)

    def called(self, callee: Value, args: Arguments = NO_ARGUMENTS) -> Value:
        """The result of calling ``callee``; without ``args`` if they do not matter."""
        return calls.invoke(self, callee, args)

    def bound(self, file: File, unit: Node, binding: Binding) -> Value:
        """The value that a binding of a unit assigns."""
        return bound.binding_value(self, file, unit, binding)

    def module_member(self, module: str, name: str) -> Value:
        """The value of ``name`` in a module, given by its dotted name."""
        return names.module_member(self, module, name)

    def annotation(self, file: File, node: Node) -> Value:
        """An instance of the type in an annotation."""
        return type_expressions.instance_of(self, self.form(file, node))

    def form(self, file: File, node: Node) -> Value:
        """A type expression as a class-like value; strings are parsed as expressions."""
        return type_expressions.form(self, file, node)

    def builtin(self, name: str, *args: Value) -> Value:
        """An instance of a class of :mod:`builtins`."""
        return self.instance("builtins", name, *args)

    def instance(self, module: str, name: str, *args: Value) -> Value:
        """An instance of a class that a stub defines; unknown if there is no stub."""
        cls = self.module_member(module, name)
        if isinstance(cls, ClassObject):
            return Instance(ClassObject(cls.file, cls.node, cls.qualname, args))
        return UNKNOWN

    def awaited(self, value: Value) -> Value:
        """The value of ``await value``."""
        return join(protocols.awaited(self, member) for member in each(value) if member != NONE)

    def iterated(self, value: Value, *, asynchronous: bool = False) -> Value:
        """The value of a ``for`` target."""
        return mapped(value, lambda member: protocols.iterated(self, member, asynchronous=asynchronous))

    def entered(self, value: Value, *, asynchronous: bool = False) -> Value:
        """The value bound by ``with value as target``."""
        method = "__aenter__" if asynchronous else "__enter__"

        def enter(member: Value) -> Value:
            if isinstance(member, Foreign):  # what is entered is mostly what is given
                return UNKNOWN if asynchronous else member
            result = self.called(self.attribute(member, method))
            return self.awaited(result) if asynchronous else result

        return mapped(value, enter)
