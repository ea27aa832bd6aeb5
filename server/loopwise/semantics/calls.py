"""Calls: which overload, what its type variables are, what comes back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from loopwise.semantics import definitions, forms, members, unify
from loopwise.semantics.files import File
from loopwise.semantics.scopes import Binding, table_of
from loopwise.semantics.values import (
    UNKNOWN,
    ClassObject,
    Form,
    Function,
    Instance,
    Lambda,
    Signature,
    Super,
    TypeVar,
    Union,
    Value,
    join,
    known,
    substitute,
    type_variables,
    without_variables,
)
from loopwise.syntax import (
    Node,
    arguments_of,
    field,
    node_at,
    path_to,
    span_of,
    spread_of,
    string_value,
    text_of,
    unwrap,
)

if TYPE_CHECKING:
    from loopwise.semantics.infer import Evaluator


class Argument(msgspec.Struct, frozen=True):
    """An argument: a node to evaluate when needed, or a value."""

    file: File | None = None
    node: Node | None = None
    known: Value = UNKNOWN
    spread: bool = False  # `*node`

    def value(self, ev: Evaluator) -> Value:
        if self.file is not None and self.node is not None:
            value = ev.value(self.file, self.node)
            return ev.iterated(value) if self.spread else value
        return self.known


class Arguments(msgspec.Struct, frozen=True):
    positional: tuple[Argument, ...] = ()
    keywords: dict[str, Argument] = {}
    starred: bool = False  # `*` or `**` may fill any parameter
    spread: tuple[Argument, ...] = ()  # what stands after a `*`


NO_ARGUMENTS = Arguments(starred=True)


def call(ev: Evaluator, file: File, node: Node) -> Value:
    """What a call expression gives."""
    function = field(node, "function")
    if function is None:
        return UNKNOWN
    if function.type == "identifier" and text_of(function) == "super":
        return _super(file, node)
    callee = ev.value(file, function)
    special = _special(ev, file, callee, node)
    return special if special is not None else invoke(ev, callee, arguments(file, node))


def arguments(file: File, node: Node) -> Arguments:
    positional, keywords, starred = arguments_of(node)
    return Arguments(
        tuple(Argument(file, item) for item in positional),
        {name: Argument(file, item) for name, item in keywords.items()},
        starred,
        tuple(Argument(file, item, spread=True) for item in spread_of(node)),
    )


def _super(file: File, node: Node) -> Value:
    classes = [n for n in path_to(file.root, span_of(node)) if n.type == "class_definition"]
    return Super(definitions.class_object(file, classes[-1])) if classes else UNKNOWN


def _special(ev: Evaluator, file: File, callee: Value, node: Node) -> Value | None:
    """Calls that their stub's signature cannot tell."""
    if isinstance(callee, Function) and callee.fullname in {"typing.cast", "typing.assert_type"}:
        positional, _, _ = arguments_of(node)
        if not positional:
            return UNKNOWN
        quoted = positional[0] if callee.qualname == "cast" else positional[-1]
        return ev.annotation(file, quoted)
    if isinstance(callee, ClassObject) and callee.fullname == "builtins.type":
        positional, _, _ = arguments_of(node)
        value = ev.value(file, positional[0]) if len(positional) == 1 else UNKNOWN
        return value.cls if isinstance(value, Instance) else UNKNOWN
    return None


def invoke(ev: Evaluator, callee: Value, args: Arguments) -> Value:
    """What calling ``callee`` gives."""
    match callee:
        case Union(members=choices):
            return join(invoke(ev, choice, args) for choice in choices)
        case Function():
            return _function(ev, callee, args)
        case ClassObject():
            return _construct(ev, callee, args)
        case Form():
            return forms.instance_of(ev, callee)
        case Signature(parameters=parameters, result=result):
            return _signature(ev, parameters, result, args)
        case Lambda(file=file, node=node):
            body = field(node, "body")
            return ev.value(file, body) if body is not None else UNKNOWN
        case Instance():
            method = ev.attribute(callee, "__call__")
            return invoke(ev, method, args) if isinstance(method, Function) else UNKNOWN
    return UNKNOWN


def invoke_plain(ev: Evaluator, callee: Value) -> Value:
    """What a call gives of which the arguments do not matter."""
    return invoke(ev, callee, NO_ARGUMENTS)


def invoke_values(ev: Evaluator, callee: Value, values: Sequence[Value]) -> Value:
    return invoke(ev, callee, Arguments(tuple(Argument(known=value) for value in values)))


def invoke_nodes(ev: Evaluator, callee: Value, file: File, nodes: Sequence[Node]) -> Value:
    return invoke(ev, callee, Arguments(tuple(Argument(file, node) for node in nodes)))


def _signature(ev: Evaluator, parameters: tuple[Value, ...] | None, result: Value, args: Arguments) -> Value:
    by: dict[str, Value] = {}
    for wanted, given in zip(parameters or (), args.positional, strict=False):
        unify.unify(ev, wanted, given.value(ev), by)
    return without_variables(substitute(result, by))


def _function(ev: Evaluator, function: Function, args: Arguments) -> Value:
    node, parameters = choose(ev, function, args)
    result = definitions.result_of(ev, function, node)
    by = receiver_variables(ev, function, node)
    result = substitute(result, by)
    solved = solve(ev, function.file, node, parameters, args, by)
    return without_variables(substitute(result, solved))


def receiver_variables(ev: Evaluator, function: Function, node: Node) -> dict[str, Value]:
    """Type variables that what the method was taken from settles, ``Self`` among them."""
    by: dict[str, Value] = {}
    if function.owner is not None:
        by.update(members.variables(ev, function.owner))
    receiver = function.bound
    if isinstance(receiver, (Instance, ClassObject)):
        by["Self"] = receiver if isinstance(receiver, Instance) else Instance(receiver)
        first = next(iter(table_of(node).parameters), None)
        if first is not None and first.annotation is not None:
            annotated = annotation_of(ev, function.file, node, first)
            unify.unify(ev, substitute(annotated, by), receiver, by)
    return by


def annotation_of(ev: Evaluator, file: File, unit: Node, parameter: Binding) -> Value:
    if parameter.annotation is None:
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
    """The type variables of one overload, from the arguments of a call (all but ``skip``)."""
    by: dict[str, Value] = {}
    for parameter, argument in pairs(parameters, args):
        if parameter.annotation is None or (skip is not None and argument.node == skip):
            continue
        wanted = substitute(annotation_of(ev, file, node, parameter), settled)
        if type_variables(wanted):
            unify.unify(ev, wanted, argument.value(ev), by)
    return by


def pairs(parameters: tuple[Binding, ...], args: Arguments) -> list[tuple[Binding, Argument]]:
    """Which parameter each argument goes to."""
    found = []
    takers = [p for p in parameters if not p.keyword_only and p.splat != "**"]
    position = 0
    for argument in args.positional:
        if position >= len(takers):
            break
        found.append((takers[position], argument))
        if takers[position].splat != "*":
            position += 1
    rest = {p.splat: p for p in parameters if p.splat}
    found += [(rest["*"], argument) for argument in args.spread if "*" in rest]
    by_name = {p.name: p for p in parameters if not p.splat}
    for name, argument in args.keywords.items():
        parameter = by_name.get(name, rest.get("**"))
        found += [(parameter, argument)] if parameter is not None else []
    return found


def choose(ev: Evaluator, function: Function, args: Arguments) -> tuple[Node, tuple[Binding, ...]]:
    """The overload that a call means: the first that takes such arguments, else the last."""
    overloads = definitions.signature_parts(ev, function)
    if args.spread:  # an overload for any number of arguments, if there is one
        overloads = [part for part in overloads if any(p.splat == "*" for p in part[1])] or overloads
    if len(overloads) > 1:
        for node, parameters in overloads:
            if _takes(parameters, args) and _agrees(ev, function.file, node, parameters, args):
                return node, parameters
    return overloads[-1]


def _takes(parameters: tuple[Binding, ...], args: Arguments) -> bool:
    places = [p for p in parameters if not p.keyword_only and not p.splat]
    if len(args.positional) > len(places) and not any(p.splat == "*" for p in parameters):
        return False
    names = {p.name for p in parameters if not p.splat}
    if not args.keywords.keys() <= names and not any(p.splat == "**" for p in parameters):
        return False
    if args.starred:
        return True
    filled = {p.name for p, _ in pairs(parameters, args)}
    return all(p.name in filled or p.value is not None or p.splat for p in parameters)


def _agrees(
    ev: Evaluator, file: File, node: Node, parameters: tuple[Binding, ...], args: Arguments
) -> bool:
    for parameter, argument in pairs(parameters, args):
        if parameter.annotation is None or argument.node is None:
            continue
        written = node_at(file.root, parameter.annotation.shifted(node.start_byte))
        annotation = text_of(written) if written is not None else ""
        if not _literal_agrees(annotation, argument.node) or not _guard_agrees(ev, annotation, argument):
            return False
        wanted = ev.annotation(file, written) if written is not None else UNKNOWN
        if not _bound_agrees(ev, wanted, argument.value(ev)) or not _protocol_agrees(ev, wanted, argument.value(ev)):
            return False
    return True


def _guard_agrees(ev: Evaluator, annotation: str, argument: Argument) -> bool:
    """Only a function that says so is a type guard."""
    if "TypeGuard[" not in annotation and "TypeIs[" not in annotation:
        return True
    value = argument.value(ev)
    result = field(value.nodes[0], "return_type") if isinstance(value, Function) else None
    return result is not None and text_of(result).startswith(("TypeGuard", "TypeIs"))


def _bound_agrees(ev: Evaluator, wanted: Value, given: Value) -> bool:
    """Does an argument fit the bound of a parameter that is a bare type variable?  What is unknown does."""
    if not isinstance(wanted, TypeVar) or not isinstance(wanted.bound, Instance):
        return True
    objects = [member for member in known(given) if isinstance(member, Instance)]
    bound = wanted.bound
    return not objects or any(unify.unify(ev, bound, member, {}) for member in objects)


def _protocol_agrees(ev: Evaluator, wanted: Value, given: Value) -> bool:
    """Has an argument the methods of the protocol or abstract class that a parameter wants?"""
    if not isinstance(wanted, Instance) or not (wanted.cls.file.name == "typing" or unify.is_protocol(wanted.cls)):
        return True
    objects = [member for member in known(given) if isinstance(member, Instance)]
    return not objects or any(unify.unify(ev, wanted, member, {}) for member in objects)


def _literal_agrees(annotation: str, argument: Node) -> bool:
    argument = unwrap(argument)
    if annotation.startswith("Literal["):
        text = string_value(argument)
        shown = repr(text).replace("'", '"') if text is not None else text_of(argument)
        constant = argument.type in {"true", "false", "string", "integer", "none"}
        return not constant or shown in annotation.replace("'", '"')
    if annotation == "None":
        return argument.type == "none" or argument.type in {"identifier", "attribute", "call"}
    if argument.type == "slice":
        return "slice" in annotation
    if annotation.startswith("slice"):
        return False
    return argument.type != "none" or "None" in annotation or annotation in {"Any", "object"} or annotation[:1] == "_"


def _construct(ev: Evaluator, cls: ClassObject, args: Arguments) -> Value:
    """An instance of a class; type arguments not given are taken from the arguments of ``__init__``."""
    if cls.args or not members.parameters(ev, cls):
        return Instance(cls)
    for function in constructors(ev, cls):
        node, parameters = choose(ev, function, args)
        solved = {n: without_variables(v) for n, v in solve(ev, cls.file, node, parameters, args, {}).items()}
        made = substitute(definitions.result_of(ev, function, node), solved)
        if isinstance(made, Instance) and made.cls.node == cls.node:  # `__new__` says what it makes
            return without_variables(made)
        return Instance(members.filled(ev, cls, solved))
    return Instance(members.filled(ev, cls, {}))


def constructors(ev: Evaluator, cls: ClassObject) -> Iterator[Function]:
    """``__init__``, else ``__new__``, where the class itself defines it."""
    for name in ("__init__", "__new__"):
        for base, bindings in members.found_in(ev, cls, name):
            function = definitions.function(ev, base.file, base.node, bindings)
            if base.node == cls.node and isinstance(function, Function):
                yield msgspec.structs.replace(function, owner=cls, bound=Instance(cls))
            break
