"""The parameter that an argument is for, and the values it accepts."""

from __future__ import annotations

import msgspec

from loopwise.project import View
from loopwise.semantics.bindings import Binding
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Signature,
    TypeVar,
    Value,
    calls,
    definitions,
    each,
)
from loopwise.syntax import COMPREHENSIONS, Node, field, parts_of, text_of

_AWAITED = {
    "Coroutine": frozenset({"coroutine"}),
    "CoroutineType": frozenset({"coroutine"}),
    "Awaitable": frozenset({"coroutine", "future"}),
    "Future": frozenset({"future"}),
    "Task": frozenset({"future"}),
}
_DISPLAYS = frozenset({"list", "set", "tuple", "list_splat", "parenthesized_expression"})
_DEPTHS = {"list_splat": -1, "parenthesized_expression": 0}


class Parameter(msgspec.Struct, frozen=True):
    """One parameter of one overload of the callee."""

    function: Function
    node: Node
    """The overload's definition."""
    binding: Binding
    depth: int = 0
    """The number of displays (``[…]``) around the cursor within the argument, minus one for a ``*``."""


def of_argument(view: View, path: tuple[Node, ...], at: int) -> tuple[Parameter, ...]:
    """The parameters for which ``path[at]`` is an argument, or an item of one."""
    depth = 0
    index = at - 1
    while index > 0 and path[index].type in _DISPLAYS | COMPREHENSIONS:
        depth += _DEPTHS.get(path[index].type, 1)
        index -= 1
    keyword = None
    if path[index].type == "keyword_argument":
        keyword = field(path[index], "name")
        if keyword == path[index + 1]:
            return ()
        index -= 1
    if index < 1 or path[index].type != "argument_list" or path[index - 1].type != "call":
        return ()
    call, argument = path[index - 1], path[index + 1]
    if keyword is not None:
        return tuple(p for p in all_of(view, call) if p.binding.name == text_of(keyword) and not p.binding.splat)
    position = _position(path[index], argument)
    found = (by_position(view, function, position) for function in functions_of(view, call))
    return tuple(msgspec.structs.replace(p, depth=depth) for some in found for p in some)


# Methods of loops and task groups that take a coroutine first, and that hardly anything else has.
_STARTERS = frozenset({"create_task", "run_until_complete", "start_soon", "ensure_future", "async_create_task"})


# Methods of loops and tasks that take what they call back, and as which argument.
_CALLERS = {
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "call_later": 1,
    "call_at": 1,
    "run_in_executor": 1,
    "add_done_callback": 0,
    "add_signal_handler": 1,
    "add_reader": 1,
    "add_writer": 1,
}


def calls_back_by_name(view: View, path: tuple[Node, ...], at: int) -> bool:
    """Is ``path[at]`` the function in ``x.call_later(1, `` or the like, with ``x`` of unknown type?"""
    if at < 2 or path[at - 1].type != "argument_list" or path[at - 2].type != "call":
        return False
    callee = field(path[at - 2], "function")
    name = field(callee, "attribute") if callee is not None and callee.type == "attribute" else None
    return name is not None and _CALLERS.get(text_of(name)) == _position(path[at - 1], path[at])


def starts_task_by_name(view: View, path: tuple[Node, ...], at: int) -> bool:
    """Is ``path[at]`` the first argument of ``x.create_task(`` or the like, with ``x`` of unknown type?"""
    if at < 2 or path[at - 1].type != "argument_list" or path[at - 2].type != "call":
        return False
    callee = field(path[at - 2], "function")
    name = field(callee, "attribute") if callee is not None and callee.type == "attribute" else None
    return name is not None and text_of(name) in _STARTERS and _position(path[at - 1], path[at]) == 0


def _position(arguments: Node, argument: Node) -> int:
    before = [n for n in parts_of(arguments) if n.end_byte <= argument.start_byte]
    return sum(n.type not in {"keyword_argument", "comment"} for n in before)


def functions_of(view: View, call: Node) -> tuple[Function, ...]:
    """The known callees of a call: functions, and the constructors of classes."""
    callee = field(call, "function")
    value = view.evaluator.value(view.file, callee) if callee is not None else None
    found: list[Function] = []
    for member in each(value) if value is not None else ():
        function = member.made_of if isinstance(member, Signature) and member.made_of else member
        if isinstance(function, Function):
            found.append(function)
        elif isinstance(function, ClassObject):
            found += constructor(view, function)
    return tuple(found)


def constructor(view: View, cls: ClassObject) -> list[Function]:
    """``__init__`` or ``__new__`` of a class or of the base that defines it; empty if only ``object`` does."""
    own = list(calls.constructors(view.evaluator, cls))
    if own:
        return own[:1]
    inherited = view.evaluator.attribute(Instance(cls), "__init__")
    return [inherited] if isinstance(inherited, Function) and inherited.file.name != "builtins" else []


def all_of(view: View, call: Node) -> list[Parameter]:
    """All parameters of a call's callees."""
    return [
        Parameter(function, node, binding)
        for function in functions_of(view, call)
        for node, bindings in definitions.signature_parts(view.evaluator, function)
        for binding in bindings
    ]


def of_function(view: View, function: Function) -> list[Parameter]:
    """The parameters of a function's first definition, without a first one that is bound."""
    node, bindings = definitions.signature_parts(view.evaluator, function)[0]
    return [Parameter(function, node, binding) for binding in bindings]


def by_position(view: View, function: Function, position: int) -> list[Parameter]:
    """The parameter for the positional argument at ``position``, in each overload that has one."""
    found = []
    for node, bindings in definitions.signature_parts(view.evaluator, function):
        taking = [b for b in bindings if not b.keyword_only and b.splat != "**"]
        star = next((i for i, b in enumerate(taking) if b.splat == "*"), None)
        if star is not None and position >= star:
            found.append(Parameter(function, node, taking[star]))
        elif position < len(taking):
            found.append(Parameter(function, node, taking[position]))
    return found


def annotated(view: View, parameter: Parameter) -> Value:
    """The value of a parameter's annotation, unknown if there is none."""
    function = parameter.function
    return calls.annotation_of(view.evaluator, function.file, parameter.node, parameter.binding)


def takes(view: View, parameter: Parameter) -> frozenset[str]:
    """The kinds the parameter accepts, of ``coroutine``, ``future`` and ``function``; empty if none is known."""
    value = annotated(view, parameter)
    for _ in range(parameter.depth):
        value = view.evaluator.iterated(value)
    return frozenset(kind for member in each(value) for kind in _kinds(view, member))


def accepted(view: View, of: tuple[Parameter, ...]) -> frozenset[str]:
    """The kinds that the parameters accept together."""
    if not of:
        return frozenset({"coroutine"})
    return frozenset(kind for parameter in of for kind in takes(view, parameter))


def calls_coroutine_function(view: View, parameter: Parameter) -> bool:
    """Is the result of the callable that the parameter takes awaited?"""
    return any(
        isinstance(member, Signature) and any("coroutine" in _kinds(view, result) for result in each(member.result))
        for member in each(annotated(view, parameter))
    )


def takes_arguments(view: View, value: Value) -> bool:
    """Does a call of ``value`` take any argument?"""
    if isinstance(value, Signature):
        return value.made_of is None or takes_arguments(view, value.made_of)
    if isinstance(value, ClassObject):
        return any(takes_arguments(view, function) for function in constructor(view, value))
    if isinstance(value, Function):
        return any(bindings for _, bindings in definitions.signature_parts(view.evaluator, value))
    return False


def _kinds(view: View, value: Value) -> frozenset[str]:
    if isinstance(value, TypeVar) and value.bound is not None:
        return frozenset(kind for member in each(value.bound) for kind in _kinds(view, member))
    if isinstance(value, Signature):
        return frozenset({"function"})
    if isinstance(value, Instance):
        if value.cls.qualname in _AWAITED:
            return _AWAITED[value.cls.qualname]
        if isinstance(view.evaluator.attribute(value, "__call__"), Function):
            return frozenset({"function"})
    return frozenset()
