"""What an expression is.  Values are frozen; *unknown* is a value too, and is never taken for anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Union as _Either

import msgspec

from loopwise.semantics.bindings import File
from loopwise.syntax import Node


class Unknown(msgspec.Struct, frozen=True):
    """Nothing is known."""


class Foreign(Unknown, frozen=True):
    """Nothing is known but where it is from: a module that cannot be read.

    ``name`` is how it is reached, calls with brackets: ``requests.get``, ``requests.Session().get``.
    """

    name: str


class NoneValue(msgspec.Struct, frozen=True):
    """``None``."""


class Module(msgspec.Struct, frozen=True):
    """A module, by its dotted name; it need not be readable."""

    name: str


class ClassObject(msgspec.Struct, frozen=True):
    """A class (not an instance); ``args`` are the values of its type parameters, as far as given."""

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
    """A function with its overloads; ``owner`` is the class it is in, ``bound`` what it was taken from."""

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
    """Anything callable of which only the parameters and the result are known (``typing.Callable``)."""

    parameters: tuple[Value, ...] | None
    result: Value
    made_of: Function | None = None  # the user's function that a decorator made this of


class Tuple(msgspec.Struct, frozen=True):
    """A tuple whose items are known one by one."""

    items: tuple[Value, ...]


class Union(msgspec.Struct, frozen=True):
    """One of several values; made by :func:`join` only."""

    members: tuple[Value, ...]


class TypeVar(msgspec.Struct, frozen=True):
    name: str
    bound: Value | None = None


class Form(msgspec.Struct, frozen=True):
    """A type expression that is not a class: its instances are ``value`` (``Optional[X]``, ``Callable[…]``)."""

    value: Value


class Special(msgspec.Struct, frozen=True):
    """A special form of :mod:`typing` that waits for its subscript."""

    name: str


class Super(msgspec.Struct, frozen=True):
    """``super()`` in a method of ``cls``."""

    cls: ClassObject


class Literal(msgspec.Struct, frozen=True):
    """A type ``Literal[…]``: the source text of each choice."""

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
    """What is reached by ``name`` in a module that cannot be read; plainly unknown if that is a long way."""
    return Foreign(name) if len(name) <= _LONGEST else UNKNOWN


def join(values: Iterable[Value]) -> Value:
    """The value that is one of ``values``; unknown members are kept as one :data:`UNKNOWN`."""
    members: list[Value] = []
    for value in values:
        for member in value.members if isinstance(value, Union) else (value,):
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
    for part in _parts(value):
        found += _variables(part)
    return found


def _parts(value: Value) -> tuple[Value, ...]:
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
    """``value`` with type variables replaced; those that ``by`` lacks stay."""
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
    """``value`` with each type variable left in it made what it is bound by, else unknown."""
    left = _variables(value)
    if isinstance(value, Signature):  # calling it will settle those of its parameters
        own = {v.name for parameter in value.parameters or () for v in _variables(parameter)}
        left = [v for v in left if v.name not in own]
    return substitute(value, {v.name: v.bound if v.bound is not None else UNKNOWN for v in left}) if left else value
