"""Decorators of the project that call the function they decorate."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, Function, each
from loopwise.syntax import CALLS, FUNCTIONS, Node, decorators_of, field, is_async, nodes_of, source_of

_AROUND = frozenset({"try_statement", "with_statement"})


def plain_wrapper(unit: Unit, function: Node) -> str:
    """The name of a decorator that calls the function and does more with the result than return it; else empty."""
    for expression in decorators_of(function):
        target = field(expression, "function") if expression.type == "call" else expression
        for value in each(unit.value(target)) if target is not None else ():
            if target is not None and (_is_wrapping_class(value) or _wraps(value)):
                return source_of(target)
    return ""


def _is_wrapping_class(value: object) -> bool:
    if not isinstance(value, ClassObject) or value.file.is_stub:
        return False
    # Also a descriptor: it calls the function when the attribute is read, or at once.
    return not {"__call__", "__get__"}.isdisjoint(value.file.table_of(value.node).by_name)


def _wraps(value: object) -> bool:
    if not isinstance(value, Function) or value.file.is_stub:
        return False
    return any(_uses_result(call, outer) for outer in value.nodes for call in _calls_of_parameters(value, outer))


def _calls_of_parameters(value: Function, outer: Node) -> Iterator[Node]:
    """The calls, in plain functions inside a decorator, of parameters of the functions around them."""
    nested = [outer, *(one for one in nodes_of(outer, FUNCTIONS) if one != outer)]
    names = {one.name for function in nested for one in value.file.table_of(function).parameters}
    for function in nested[1:]:
        if is_async(function):
            continue
        own = {one.name for one in value.file.table_of(function).parameters}
        for call in nodes_of(field(function, "body") or function, CALLS):
            if source_of(field(call, "function") or call) in names - own:
                yield call


def _uses_result(call: Node, outer: Node) -> bool:
    """Is the result of the call used for anything other than being returned?"""
    if call.parent is None or call.parent.type != "return_statement":
        return True
    around = call.parent.parent
    while around is not None and around != outer and around.type != "function_definition":
        if around.type in _AROUND:
            return True
        around = around.parent
    return False


__all__ = ["plain_wrapper"]
