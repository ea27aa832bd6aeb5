"""The possible uses of a value: to be awaited, entered, iterated, raised, called."""

from __future__ import annotations

from loopwise.features.completion.place import Wants
from loopwise.semantics import symbols
from loopwise.semantics.infer import (
    ClassObject,
    Evaluator,
    Function,
    Instance,
    Lambda,
    Signature,
    Value,
    definitions,
    each,
    inheritance,
)
from loopwise.syntax import decorators_of, is_async

Roles = int
"""Several uses combined: a sum of members of :class:`Role`; ``enum.Flag`` is twenty times as slow."""


class Role:
    """Uses of a value."""

    NONE = 0
    AWAITABLE = 1
    ASYNC_CONTEXT = 2
    ASYNC_ITERABLE = 4
    EXCEPTION = 8
    FUNCTION = 16
    """A plain function or method."""
    COROUTINE_FUNCTION = 32
    HOLDER = 64
    """An asyncio object, whose members are what matters."""


FITS = {
    Wants.AWAITABLE: Role.AWAITABLE,
    Wants.COROUTINE: Role.AWAITABLE,
    Wants.ASYNC_CONTEXT: Role.ASYNC_CONTEXT,
    Wants.ASYNC_ITERABLE: Role.ASYNC_ITERABLE,
    Wants.EXCEPTION: Role.EXCEPTION,
    Wants.FUNCTION: Role.FUNCTION | Role.COROUTINE_FUNCTION,
}
_METHODS = (
    ("__await__", Role.AWAITABLE),
    ("__aenter__", Role.ASYNC_CONTEXT),
    ("__aiter__", Role.ASYNC_ITERABLE),
)


def of_value(ev: Evaluator, value: Value) -> Roles:
    """The uses of the value itself."""
    found = Role.NONE
    for member in each(value):
        if isinstance(member, Instance):
            found |= _of_instance(ev, member)
        elif isinstance(member, ClassObject):
            if any(base.fullname == "builtins.BaseException" for base in inheritance.mro(ev, member)):
                found |= Role.EXCEPTION
        elif isinstance(member, (Function, Signature, Lambda)):
            found |= Role.COROUTINE_FUNCTION if is_coroutine_function(ev, member) else Role.FUNCTION
    return found


def _of_instance(ev: Evaluator, value: Instance) -> Roles:
    found = Role.HOLDER if symbols.is_asyncio(value.cls.file.name) else Role.NONE
    if value.cls.file.name == "builtins":
        return found
    for base in inheritance.mro(ev, value.cls):
        names = base.file.table_of(base.node).by_name
        for name, role in _METHODS:
            if name in names:
                found |= role
    return found


def of_result(ev: Evaluator, value: Value) -> Roles:
    """The uses of the value's result when called; none if it cannot be called."""
    found = Role.NONE
    for member in each(value):
        if isinstance(member, Function) and _is_plain_coroutine_function(member):
            found |= Role.AWAITABLE
        elif isinstance(member, (Function, Signature, ClassObject)):
            found |= of_value(ev, ev.called(member)) & ~(Role.FUNCTION | Role.HOLDER)
    return found


def is_coroutine_function(ev: Evaluator, value: Value) -> bool:
    """Does calling the value return a coroutine?"""
    if isinstance(value, Function) and _is_plain_coroutine_function(value):
        return True
    result = ev.called(value) if isinstance(value, (Function, Signature)) else None
    return isinstance(result, Instance) and result.cls.fullname == "typing.Coroutine"


def _is_plain_coroutine_function(function: Function) -> bool:
    """Is it an undecorated ``async def`` without ``yield``, which need not be evaluated?"""
    node = function.nodes[0]
    return is_async(node) and not decorators_of(node) and not definitions.is_generator(node)


def is_callable(value: Value) -> bool:
    return any(isinstance(member, (Function, Signature, ClassObject, Lambda)) for member in each(value))
