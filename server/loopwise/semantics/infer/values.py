"""The values of expressions.  They are frozen; *unknown* is a value too, and is never mistaken for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Union as _Either

import msgspec

from loopwise.semantics.bindings import File
from loopwise.syntax import Node


class Unknown(msgspec.Struct, frozen=True):
    """Nothing is known."""


class Foreign(Unknown, frozen=True):
    """An unknown value of known origin: a module that cannot be read.

    ``name`` is the path to it, with parentheses for calls: ``requests.get``, ``requests.Session().get``.
    """

    name: str


class NoneValue(msgspec.Struct, frozen=True):
    """``None``."""


class Module(msgspec.Struct, frozen=True):
    """A module, by its dotted name; it may be unreadable."""

    name: str


class ClassObject(msgspec.Struct, frozen=True):
    """A class (not an instance); ``args`` are the values of its type parameters, as far as they are given."""

    file: File
    node: Node
    qualname: str
    args: tuple[Value, ...] = ()

    @property
    def fullname(self) -> str:
        return f"{self.file.name}.{self.qualname}"


class Instance(msgspec.Struct, frozen=True):
    """An object of a class."""

    cls: ClassObject


class Function(msgspec.Struct, frozen=True):
    """A function with its overloads; ``owner`` is the class that defines it, ``bound`` the value it was accessed on."""

    file: File
    nodes: tuple[Node, ...]
    qualname: str
    owner: ClassObject | None = None
    bound: Value | None = None

    @property
    def fullname(self) -> str:
        return f"{self.file.name}.{self.qualname}"


class Lambda(msgspec.Struct, frozen=True):
    file: File
    node: Node


class Signature(msgspec.Struct, frozen=True):
    """Any callable with known parameters and result only (``typing.Callable``)."""

    parameters: tuple[Value, ...] | None
    result: Value
    made_of: Function | None = None  # the user's function that a decorator made this of


class Tuple(msgspec.Struct, frozen=True):
    """A tuple with a known value for each item."""

    items: tuple[Value, ...]


class Union(msgspec.Struct, frozen=True):
    """One of several values; created by :func:`join` only."""

    members: tuple[Value, ...]


class TypeVar(msgspec.Struct, frozen=True):
    name: str
    bound: Value | None = None


class Form(msgspec.Struct, frozen=True):
    """A type expression other than a class; its instances are ``value`` (``Optional[X]``, ``Callable[…]``)."""

    value: Value


class Special(msgspec.Struct, frozen=True):
    """A special form of :mod:`typing` without its subscript."""

    name: str


class Super(msgspec.Struct, frozen=True):
    """``super()`` in a method of ``cls``."""

    cls: ClassObject


class Literal(msgspec.Struct, frozen=True):
    """The type ``Literal[…]``: the source text of each choice."""

    choices: tuple[str, ...]


Value = _Either[
    Unknown,
    NoneValue,
    Module,
    ClassObject,
    Instance,
    Function,
    Lambda,
    Signature,
    Tuple,
    Union,
    TypeVar,
    Form,
    Special,
    Super,
    Literal,
]

UNKNOWN = Unknown()
NONE = NoneValue()
_MOST_MEMBERS = 12  # of a union: one with more tells a reader nothing, and costs each question that much


_LONGEST = 120  # characters of a name


def foreign(name: str) -> Unknown:
    """The value of ``name`` in a module that cannot be read; a plain unknown if the name is very long."""
    return Foreign(name) if len(name) <= _LONGEST else UNKNOWN


def join(values: Iterable[Value]) -> Value:
    """The union of ``values``; unknown members are kept as a single :data:`UNKNOWN`."""
    members: list[Value] = []
    for value in values:
        for member in value.members if isinstance(value, Union) else (value,):
            # Not a set: the order of branches decides which members a cut union keeps.
            if member not in members:
                members.append(member)
    if not members:
        return UNKNOWN
    if len(members) == 1:
        return members[0]
    return Union(tuple(members[:_MOST_MEMBERS]))


def each(value: Value) -> tuple[Value, ...]:
    """The members of a union, or the value alone."""
    return value.members if isinstance(value, Union) else (value,)


def known(value: Value) -> tuple[Value, ...]:
    """The members that are neither unknown nor ``None``."""
    return tuple(member for member in each(value) if not isinstance(member, (Unknown, NoneValue)))


def mapped(value: Value, change: Callable[[Value], Value]) -> Value:
    """``change`` applied to each member of a union."""
    if isinstance(value, Union):
        return join(change(member) for member in value.members)
    return change(value)


def type_variables(value: Value) -> tuple[str, ...]:
    """Names of the type variables in a value, in order of first appearance."""
    return tuple(dict.fromkeys(variable.name for variable in _variables(value)))


def _variables(value: Value) -> list[TypeVar]:
    found = [value] if isinstance(value, TypeVar) else []
    for part in parts(value):
        found += _variables(part)
    return found


def parts(value: Value) -> tuple[Value, ...]:
    """The values that a value directly consists of: arguments, items, members, parameters."""
    match value:
        case ClassObject(args=args):
            return args
        case Instance(cls=cls):
            return cls.args
        case Tuple(items=items):
            return items
        case Union(members=members):
            return members
        case Form(value=inner):
            return (inner,)
        case Signature(parameters=parameters, result=result):
            return (*(parameters or ()), result)
    return ()


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
