"""Results of plain functions: what they pass on from others, and what decorators leave of them."""

from __future__ import annotations

from loopwise.analysis.rule import Evidence
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import Arguments, Function, Instance, Signature, TypeVar, Unknown, each
from loopwise.syntax import Node, field, text_of

# Decorators that leave the result of a call as it is.
_PLAIN = frozenset("overload abstractmethod staticmethod classmethod override final wraps deprecated".split())


def passes_on(unit: Unit, file: File, call: Node) -> Evidence:
    """The evidence that a returned call is of a coroutine function, whatever the annotation of its result says."""
    callee = field(call, "function")
    if callee is None or unit.is_coroutine(unit.doubting.value(file, call)):
        return Evidence.CERTAIN
    members = each(unit.doubting.value(file, callee))
    return Evidence.LIKELY if all(isinstance(one, Unknown) for one in members) else Evidence.NONE


def is_settled(unit: Unit, function: Function, decorator: Node) -> bool:
    """Is a decorator's effect on a function known?"""
    callee = field(decorator, "function") if decorator.type == "call" else decorator
    if callee is None or text_of(callee).rpartition(".")[2] in _PLAIN:
        return True
    result = unit.ev.called(unit.ev.value(function.file, decorator), Arguments.of_values((function,)))
    if isinstance(result, Signature):
        return not isinstance(result.result, (Unknown, TypeVar))
    return isinstance(result, (Function, Instance))
