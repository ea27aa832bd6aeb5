"""Chooses the overload that a call refers to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import Binding, File, table_of
from loopwise.semantics.infer import definitions, inheritance, unify
from loopwise.semantics.infer.arguments import Argument, Arguments, pairs
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Function,
    Instance,
    Signature,
    TypeVar,
    Value,
    each,
    known,
)
from loopwise.syntax import Node, field, node_at, string_value, text_of, unwrap

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

_ASYNC = frozenset(f"typing.{name}" for name in ("AsyncIterable", "AsyncIterator", "AsyncGenerator", "Awaitable"))


def choose(ev: Evaluator, function: Function, args: Arguments) -> tuple[Node, tuple[Binding, ...]]:
    """The first overload that accepts the arguments, else the last."""
    overloads = definitions.signature_parts(ev, function)
    # The number of arguments is unknown.
    if args.spread:  # an overload for any number of arguments, if there is one
        overloads = [part for part in overloads if any(p.splat == "*" for p in part[1])] or overloads
    if len(overloads) > 1:
        for node, parameters in overloads:
            if not _takes(parameters, args) or not _receiver_agrees(ev, function, node):
                continue
            if _agrees(ev, function.file, node, parameters, args):
                return node, parameters
    return overloads[-1]


def is_open(ev: Evaluator, function: Function, chosen: Node, args: Arguments) -> bool:
    """May another overload be meant, because an argument of unknown type would have to be asynchronous for this one?

    ``find(check, items)`` returns a coroutine for an ``AsyncIterable``, and the item itself for an ``Iterable``.
    """
    parts = definitions.signature_parts(ev, function)
    index = next((i for i, (node, _) in enumerate(parts) if node == chosen), 0)
    unknown = [one for one, wanted in _wanted(ev, function, *parts[index], args) if _is_async(wanted)]
    unknown = [one for one in unknown if not known(one.value(ev))]
    return bool(unknown) and any(
        one in unknown and not _is_async(wanted)
        for part in parts[index + 1 :]
        if _takes(part[1], args)
        for one, wanted in _wanted(ev, function, *part, args)
    )


def _wanted(
    ev: Evaluator, function: Function, node: Node, parameters: tuple[Binding, ...], args: Arguments
) -> Iterator[tuple[Argument, Value]]:
    """The arguments of a call, each with the value of its parameter's annotation."""
    for parameter, argument in pairs(parameters, args):
        span = parameter.annotation
        written = node_at(function.file.root, span.shifted(node.start_byte)) if span is not None else None
        if written is not None:
            yield argument, ev.annotation(function.file, written)


def _is_async(wanted: Value) -> bool:
    return any(isinstance(one, Instance) and one.cls.fullname in _ASYNC for one in each(wanted))


def of_receiver(ev: Evaluator, function: Function) -> tuple[Node, ...]:
    """The overloads of a function that apply to its receiver."""
    return tuple(node for node in function.nodes if _receiver_agrees(ev, function, node)) or function.nodes


def _receiver_agrees(ev: Evaluator, function: Function, node: Node) -> bool:
    """Does a method's receiver match an overload's ``self``, as far as literal attributes show it?

    For example ``def get(self: AsyncClient)`` beside ``def get(self: SyncClient)``, where one class has ``is_async:
    Literal[True]``.
    """
    first = next(iter(table_of(node).parameters), None)
    receiver = function.bound
    if first is None or first.annotation is None or not isinstance(receiver, Instance):
        return True
    written = node_at(function.file.root, first.annotation.shifted(node.start_byte))
    wanted = ev.annotation(function.file, written) if written is not None else UNKNOWN
    if not isinstance(wanted, Instance) or not unify.is_protocol(wanted.cls):
        return True
    names = (binding.name for binding in table_of(wanted.cls.node).bindings)
    literals = {name: found for name in names if (found := _literal(ev, wanted.cls, name))}
    return all(_literal(ev, receiver.cls, name) in {"", literal} for name, literal in literals.items())


def _literal(ev: Evaluator, cls: ClassObject, name: str) -> str:
    """The annotation of a class's attribute if it is ``Literal[…]``, from the nearest class that annotates it."""
    for base in inheritance.mro(ev, cls):
        for binding in base.file.table_of(base.node).by_name.get(name, ()):
            span = binding.annotation
            node = node_at(base.file.root, span.shifted(base.node.start_byte)) if span is not None else None
            text = text_of(node).rpartition("typing.")[2] if node is not None else ""
            if text.startswith("Literal["):
                return text
    return ""


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


def _agrees(ev: Evaluator, file: File, node: Node, parameters: tuple[Binding, ...], args: Arguments) -> bool:
    for parameter, argument in pairs(parameters, args):
        if parameter.annotation is None:
            continue
        written = node_at(file.root, parameter.annotation.shifted(node.start_byte))
        annotation = text_of(written) if written is not None else ""
        literal = argument.node is None or _literal_agrees(annotation, argument.node)
        if not literal or not _guard_agrees(ev, annotation, argument):
            return False
        wanted = ev.annotation(file, written) if written is not None else UNKNOWN
        if not _bound_agrees(ev, wanted, argument.value(ev)) or not _protocol_agrees(ev, wanted, argument.value(ev)):
            return False
    return True


def _guard_agrees(ev: Evaluator, annotation: str, argument: Argument) -> bool:
    """Is the argument a type guard if one is wanted?  Only a function that is declared as one is."""
    if "TypeGuard[" not in annotation and "TypeIs[" not in annotation:
        return True
    value = argument.value(ev)
    result = field(value.nodes[0], "return_type") if isinstance(value, Function) else None
    return result is not None and text_of(result).startswith(("TypeGuard", "TypeIs"))


def _bound_agrees(ev: Evaluator, wanted: Value, given: Value) -> bool:
    """Does an argument fit the bound of a parameter that is a bare type variable?  An unknown value does."""
    if not isinstance(wanted, TypeVar) or not isinstance(wanted.bound, Instance):
        return True
    objects = [member for member in known(given) if isinstance(member, Instance)]
    bound = wanted.bound
    return not objects or any(unify.unify(ev, bound, member, {}) for member in objects)


def _protocol_agrees(ev: Evaluator, wanted: Value, given: Value) -> bool:
    """Does an argument have the methods of the protocol or abstract class that a parameter wants?"""
    if isinstance(wanted, Signature) and isinstance(given, Function):
        return _result_agrees(ev, wanted.result, given)
    if not isinstance(wanted, Instance) or not (wanted.cls.file.name == "typing" or unify.is_protocol(wanted.cls)):
        return True
    objects = [member for member in known(given) if isinstance(member, Instance)]
    return not objects or any(unify.unify(ev, wanted, member, {}) for member in objects)


def _result_agrees(ev: Evaluator, wanted: Value, given: Function) -> bool:
    """Does a function return what the wanted callable is to return, if that is an instance of a class?"""
    if not isinstance(wanted, Instance):
        return True
    result = ev.called(given)
    results = [member for member in known(result) if isinstance(member, Instance)]
    if not results:
        return result != NONE
    return any(unify.unify(ev, wanted, member, {}) for member in results)


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
    # Private names are typeshed's aliases, which may include None.
    return argument.type != "none" or "None" in annotation or annotation in {"Any", "object"} or annotation[:1] == "_"
