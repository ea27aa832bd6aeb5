"""Coroutines where an annotation accepts none: as an argument, as a result."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio.coroutines import given
from loopwise.analysis.asyncio.protocols import lacks
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import (
    Arguments,
    Function,
    Instance,
    NoneValue,
    Signature,
    Value,
    arguments_in,
    calls,
    decorator_names,
    definitions,
    each,
    pairs,
    unify,
)
from loopwise.syntax import Node, arguments_of, decorators_of, field, is_async, parts_of, unwrap

_OPEN = frozenset({"builtins.object", "typing.Hashable", "collections.abc.Hashable"})


def passed_coroutines(unit: Unit, call: Node) -> Iterator[Node]:
    """The coroutines that a call passes to parameters whose annotation accepts none."""
    positional, keywords, _ = arguments_of(call)
    for node in (*positional, *keywords.values()):
        if node.type in {"call", "identifier"} and given(unit, node) and _is_refused(unit, call, node):
            yield node


def returned_coroutines(unit: Unit, statement: Node) -> Iterator[Node]:
    """The coroutine that an async function returns, if its annotation says that it returns something else."""
    function = unit.function(statement)
    written = field(function, "return_type") if function is not None and is_async(function) else None
    value = unwrap(parts_of(statement)[0]) if parts_of(statement) else None
    if written is None or value is None or value.type not in {"call", "identifier"} or not given(unit, value):
        return
    wanted = unit.ev.annotation(unit.file, written)
    if isinstance(wanted, NoneValue) or _is_other(unit, wanted):
        yield value


def _is_refused(unit: Unit, call: Node, argument: Node) -> bool:
    """Is the argument's parameter annotated with classes of which no coroutine is an instance?

    ``False`` if the annotation is a protocol, a type variable or missing, or the function has several signatures.
    """
    handed = arguments_in(unit.file, call)
    callees = each(unit.called(call))
    return bool(callees) and all(_refuses(unit, callee, handed, argument) for callee in callees)


def _refuses(unit: Unit, callee: Value, given: Arguments, argument: Node) -> bool:
    if isinstance(callee, Instance):
        method = unit.ev.attribute(callee, "__call__")
        return isinstance(method, Function) and _refuses(unit, method, given, argument)
    if isinstance(callee, Signature):
        taken = zip(callee.parameters or (), given.positional, strict=False)
        return any(one.node == argument and _is_other(unit, wanted) for wanted, one in taken)
    if not isinstance(callee, Function) or len(callee.nodes) != 1 or not _is_plain(callee):
        return False
    node, parameters = definitions.signature_parts(unit.ev, callee)[0]
    return any(
        one.node == argument
        and not parameter.splat
        and parameter.annotation is not None
        and _is_other(unit, calls.annotation_of(unit.ev, callee.file, node, parameter))
        for parameter, one in pairs(parameters, given)
    )


def _is_plain(function: Function) -> bool:
    marks = decorator_names(function.nodes[0])
    return not decorators_of(function.nodes[0]) or {"staticmethod", "classmethod", "abstractmethod"}.issuperset(marks)


def _is_other(unit: Unit, wanted: Value) -> bool:
    """Can a value of an annotation certainly not be a coroutine?"""
    members = [member for member in each(wanted) if not isinstance(member, NoneValue)]
    return bool(members) and all(
        isinstance(one, Instance)
        and one.cls.fullname not in _OPEN
        and not unify.is_protocol(one.cls)
        and lacks(unit, one, "__await__")
        for one in members
    )
