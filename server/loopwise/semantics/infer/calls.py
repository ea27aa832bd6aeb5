"""Evaluates calls: chooses the overload, solves its type variables, computes the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from loopwise.semantics.bindings import Binding, File, table_of
from loopwise.semantics.infer import (
    definitions,
    inheritance,
    members,
    overloads,
    results,
    shared,
    type_expressions,
    unify,
)
from loopwise.semantics.infer.arguments import Arguments, arguments_in, pairs
from loopwise.semantics.infer.values import (
    UNKNOWN,
    ClassObject,
    Foreign,
    Form,
    Function,
    Instance,
    Lambda,
    Signature,
    Super,
    Union,
    Unknown,
    Value,
    foreign,
    join,
    substitute,
    type_variables,
    without_variables,
)
from loopwise.syntax import Node, arguments_of, field, node_at, path_to, span_of, text_of

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


_NEW_TYPES = frozenset({"typing.NewType", "typing_extensions.NewType"})


def call(ev: Evaluator, file: File, node: Node) -> Value:
    """The value of a call expression."""
    function = field(node, "function")
    if function is None:
        return UNKNOWN
    if function.type == "identifier" and text_of(function) == "super":
        return _super(file, node)
    callee = ev.value(file, function)
    special = _special(ev, file, callee, node)
    return special if special is not None else invoke(ev, callee, arguments_in(file, node))


def _super(file: File, node: Node) -> Value:
    classes = [n for n in path_to(file.root, span_of(node)) if n.type == "class_definition"]
    return Super(definitions.class_object(file, classes[-1])) if classes else UNKNOWN


def _special(ev: Evaluator, file: File, callee: Value, node: Node) -> Value | None:
    """The result of a call that its stub's signature cannot express; ``None`` for any other call."""
    # Their argument may be a string, which is a type only here.
    if isinstance(callee, Function) and callee.fullname in {"typing.cast", "typing.assert_type"}:
        positional, _, _ = arguments_of(node)
        if not positional:
            return UNKNOWN
        quoted = positional[0] if callee.qualname == "cast" else positional[-1]
        return ev.annotation(file, quoted)
    if isinstance(callee, (ClassObject, Function)) and callee.fullname in _NEW_TYPES:
        positional, _, _ = arguments_of(node)
        return ev.form(file, positional[1]) if len(positional) > 1 else UNKNOWN
    if isinstance(callee, ClassObject) and callee.fullname == "builtins.type":
        positional, _, _ = arguments_of(node)
        value = ev.value(file, positional[0]) if len(positional) == 1 else UNKNOWN
        return value.cls if isinstance(value, Instance) else UNKNOWN
    return None


def invoke(ev: Evaluator, callee: Value, args: Arguments) -> Value:
    """The result of calling ``callee``."""
    match callee:
        case Union(members=choices):
            return join(invoke(ev, choice, args) for choice in choices)
        case Function():
            return _function(ev, callee, args)
        case ClassObject():
            return _construct(ev, callee, args)
        case Form():
            return type_expressions.instance_of(ev, callee)
        case Signature(parameters=parameters, result=result):
            return _signature(ev, parameters, result, args)
        case Lambda(file=file, node=node):
            body = field(node, "body")
            return ev.value(file, body) if body is not None else UNKNOWN
        case Instance():
            method = ev.attribute(callee, "__call__")
            result = invoke(ev, method, args) if isinstance(method, Function) else UNKNOWN
            # Summaries leave out what they cannot express, so unknown means unread here.
            unread = callee.cls.file.is_summary and type(result) is Unknown
            return foreign(f"{callee.cls.fullname}()") if unread else result
        case Foreign(name=name):
            return foreign(f"{name}()")
    return UNKNOWN


def _signature(ev: Evaluator, parameters: tuple[Value, ...] | None, result: Value, args: Arguments) -> Value:
    by: dict[str, Value] = {}
    for wanted, given in zip(parameters or (), args.positional, strict=False):
        unify.unify(ev, wanted, given.value(ev), by)
    return without_variables(substitute(result, by))


def _function(ev: Evaluator, function: Function, args: Arguments) -> Value:
    node, parameters = overloads.choose(ev, function, args)
    if len(function.nodes) > 1 and overloads.is_open(ev, function, node, args):
        return UNKNOWN
    result = results.result_of(ev, function, node)
    by = receiver_variables(ev, function, node)
    result = substitute(result, by)
    solved = solve(ev, function.file, node, parameters, args, by)
    return shared.of_receiver(ev, function, without_variables(substitute(result, solved)))


def receiver_variables(ev: Evaluator, function: Function, node: Node) -> dict[str, Value]:
    """Type variables that the method's receiver determines, including ``Self``."""
    by: dict[str, Value] = {}
    if function.owner is not None:
        by.update(inheritance.variables(ev, function.owner))
    receiver = function.bound
    if isinstance(receiver, (Instance, ClassObject)):
        by["Self"] = receiver if isinstance(receiver, Instance) else Instance(receiver)
        first = next(iter(table_of(node).parameters), None)
        if first is not None and first.annotation is not None:
            annotated = annotation_of(ev, function.file, node, first)
            unify.unify(ev, substitute(annotated, by), receiver, by)
    return by


def annotation_of(ev: Evaluator, file: File, unit: Node, parameter: Binding) -> Value:
    if parameter.annotation is None or not ev.believes(file):
        return UNKNOWN
    node = node_at(file.root, parameter.annotation.shifted(unit.start_byte))
    return ev.annotation(file, node) if node is not None else UNKNOWN


def solve(
    ev: Evaluator,
    file: File,
    node: Node,
    parameters: tuple[Binding, ...],
    args: Arguments,
    settled: dict[str, Value],
    skip: Node | None = None,
) -> dict[str, Value]:
    """Solve the type variables of one overload from the arguments of a call (except the parameter ``skip``)."""
    by: dict[str, Value] = {}
    for parameter, argument in pairs(parameters, args):
        if parameter.annotation is None or (skip is not None and argument.node == skip):
            continue
        wanted = substitute(annotation_of(ev, file, node, parameter), settled)
        if type_variables(wanted):
            unify.unify(ev, wanted, argument.value(ev), by)
    return by


def _construct(ev: Evaluator, cls: ClassObject, args: Arguments) -> Value:
    """An instance of a class; type arguments that are missing are inferred from the arguments of ``__init__``."""
    if cls.args or not inheritance.parameters(ev, cls):
        return Instance(cls)
    # Only the class's own constructor: an inherited one is written in terms of the base's variables.
    for function in constructors(ev, cls):
        node, parameters = overloads.choose(ev, function, args)
        solved = {n: without_variables(v) for n, v in solve(ev, cls.file, node, parameters, args, {}).items()}
        made = substitute(results.result_of(ev, function, node), solved)
        if isinstance(made, Instance) and made.cls.node == cls.node:  # `__new__` says what it makes
            return without_variables(made)
        return Instance(inheritance.filled(ev, cls, solved))
    return Instance(inheritance.filled(ev, cls, {}))


def constructors(ev: Evaluator, cls: ClassObject) -> Iterator[Function]:
    """``__init__``, else ``__new__``, if the class itself defines it."""
    for name in ("__init__", "__new__"):
        for base, bindings in members.found_in(ev, cls, name):
            function = definitions.function(ev, base.file, base.node, bindings)
            if base.node == cls.node and isinstance(function, Function):
                yield msgspec.structs.replace(function, owner=cls, bound=Instance(cls))
            break
