"""Type variables: those in a value, and what stands for them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from loopwise.semantics.infer.values import (
    UNKNOWN,
    ClassObject,
    Form,
    Instance,
    Signature,
    Tuple,
    TypeVar,
    Union,
    Value,
    join,
    parts,
)


def type_variables(value: Value) -> tuple[str, ...]:
    """Names of the type variables in a value, in order of first appearance."""
    return tuple(dict.fromkeys(variable.name for variable in _variables(value)))


def _variables(value: Value) -> list[TypeVar]:
    found = [value] if isinstance(value, TypeVar) else []
    for part in parts(value):
        found += _variables(part)
    return found


def substitute(value: Value, by: Mapping[str, Value]) -> Value:
    """``value`` with its type variables replaced; those missing in ``by`` stay."""
    if not by:
        return value
    match value:
        case TypeVar(name=name):
            return by.get(name, value)
        case ClassObject(args=args) if args:
            return with_args(value, tuple(substitute(arg, by) for arg in args))
        case Instance(cls=cls) if cls.args:
            return Instance(with_args(cls, tuple(substitute(arg, by) for arg in cls.args)))
        case Tuple(items=items):
            return Tuple(tuple(substitute(item, by) for item in items))
        case Union(members=members):
            return join(substitute(member, by) for member in members)
        case Form(value=inner):
            return Form(substitute(inner, by))
        case Signature(parameters=parameters, result=result):
            taken = None if parameters is None else tuple(substitute(p, by) for p in parameters)
            return msgspec.structs.replace(value, parameters=taken, result=substitute(result, by))
    return value


def with_args(cls: ClassObject, args: tuple[Value, ...]) -> ClassObject:
    return ClassObject(cls.file, cls.node, cls.qualname, args)


def without_variables(value: Value) -> Value:
    """``value`` with each remaining type variable replaced by its bound, or unknown if it has none."""
    left = _variables(value)
    if isinstance(value, Signature):  # calling it will settle those of its parameters
        own = {v.name for parameter in value.parameters or () for v in _variables(parameter)}
        left = [v for v in left if v.name not in own]
    return substitute(value, {v.name: v.bound if v.bound is not None else UNKNOWN for v in left}) if left else value
