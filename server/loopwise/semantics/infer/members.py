"""Attributes of modules, classes and instances."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from loopwise.semantics.bindings import Binding, Kind, Table, table_of
from loopwise.semantics.infer import definitions, inheritance, reaching
from loopwise.semantics.infer.marks import decorator_names
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Foreign,
    Form,
    Function,
    Instance,
    Literal,
    Module,
    Super,
    Tuple,
    Union,
    Value,
    foreign,
    join,
    known,
    substitute,
)
from loopwise.syntax import Node, field, node_at

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def attribute(ev: Evaluator, value: Value, name: str) -> Value:
    """The value of ``value.name``; for a union, that of the members that have the attribute."""
    match value:
        case Union(members=members):
            return _of_any(ev, members, name)
        case Module(name=module):
            return ev.module_member(module, name)
        case ClassObject():
            return _of_class(ev, value, name)
        case Instance(cls=cls):
            return of_instance(ev, value, cls, name)
        case Tuple(items=items):
            return attribute(ev, ev.builtin("tuple", join(items)), name)
        case Super(cls=cls):
            return of_instance(ev, Instance(cls), cls, name, skip=1)
        case Literal(choices=choices):
            return attribute(ev, ev.builtin("str"), name) if choices[0][:1] in "\"'" else UNKNOWN
        case Form(value=Instance() as inner):
            return _of_class(ev, inner.cls, name)
        case Foreign(name=origin):
            return foreign(f"{origin}.{name}")
    return UNKNOWN


def _of_any(ev: Evaluator, members: tuple[Value, ...], name: str) -> Value:
    # None has no attribute of interest, and code usually tests for it elsewhere.
    found = {member: attribute(ev, member, name) for member in members if member != NONE}
    if any(known(value) for value in found.values()):
        # A channel of Discord's that cannot send messages is not the one that the code sends a message to.
        found = {one: value for one, value in found.items() if value != UNKNOWN or not _lacks(ev, one, name)}
    return join(found.values()) if found else UNKNOWN


def _lacks(ev: Evaluator, value: Value, name: str) -> bool:
    """Is it an instance of a library's class that was seen whole, and has no such attribute?"""
    if not isinstance(value, Instance) or not value.cls.file.is_stub or not inheritance.is_whole(ev, value.cls):
        return False
    names = names_of(ev, value.cls)
    return not any(one in names for one in (name, "__getattr__", "__getattribute__"))


def _of_class(ev: Evaluator, cls: ClassObject, name: str) -> Value:
    for base in inheritance.mro(ev, cls):
        bindings = reaching.alive(ev, base.file.table_of(base.node).by_name.get(name, ()))
        own = [] if bindings and bindings[0].kind is Kind.FUNCTION else _assigned(ev, base, name)
        if not bindings and not own:
            continue
        value = _class_level(ev, base, bindings) if bindings else UNKNOWN
        if isinstance(value, Function):
            # Accessed on the class, other methods stay unbound.
            is_class_method = "classmethod" in decorator_names(value.nodes[0])
            return msgspec.structs.replace(value, bound=cls) if is_class_method else value
        if not known(value):
            value = join((value, *(ev.bound(base.file, unit, b) for unit, b in own)))
        return substitute(value, inheritance.variables(ev, base))
    return UNKNOWN


def of_instance(ev: Evaluator, receiver: Instance, cls: ClassObject, name: str, skip: int = 0) -> Value:
    """An attribute of an instance: declared by the class or a base, else the join of all assignments in methods."""
    if name == "__class__":
        return cls
    seen: list[Value] = []
    for base in inheritance.mro(ev, cls)[skip:]:
        bindings = reaching.alive(ev, base.file.table_of(base.node).by_name.get(name, ()))
        own = _assigned(ev, base, name)
        if len(bindings) == 1 and _is_setter(base, bindings[0]):
            continue  # `@Base.name.setter`: what is read is still the base's
        if bindings or own:
            value = _merged(ev, receiver, base, bindings, own)
            seen.append(value)
            # A class that only resets an attribute to None leaves it to a base to say what it is.
            if known(value):
                break
    return join(seen) if seen else _by_getattr(ev, receiver, cls, name)


def _by_getattr(ev: Evaluator, receiver: Instance, cls: ClassObject, name: str) -> Value:
    """The declared result of a library's ``__getattr__``: ``client.database.collection`` of a MongoDB driver."""
    if name.startswith("__"):
        return UNKNOWN  # Python does not ask it for special methods
    base, bindings = next(found_in(ev, cls, "__getattr__"), (cls, ()))
    function = _class_level(ev, base, bindings) if bindings and base.file.is_stub else UNKNOWN
    if not isinstance(function, Function) or field(function.nodes[0], "return_type") is None:
        return UNKNOWN
    return ev.called(_bound(ev, receiver, base, function))


def _is_setter(base: ClassObject, binding: Binding) -> bool:
    node = definitions.value_node(base.file, base.node, binding) if binding.kind is Kind.FUNCTION else None
    return node is not None and not {"setter", "deleter"}.isdisjoint(decorator_names(node))


def _merged(
    ev: Evaluator,
    receiver: Instance,
    base: ClassObject,
    bindings: tuple[Binding, ...],
    own: list[tuple[Node, Binding]],
) -> Value:
    by = inheritance.variables(ev, base)
    declared = [b for b in bindings if b.annotation is not None]
    if bindings and (declared or bindings[0].kind is Kind.FUNCTION):
        value = _class_level(ev, base, tuple(declared) or bindings)
        if isinstance(value, Function) and value.owner is not None:
            return _bound(ev, receiver, base, value)
        if isinstance(value, Function) or known(value):
            return substitute(value, {**by, "Self": receiver})
    annotated = [(unit, b) for unit, b in own if b.annotation is not None]
    counted = annotated if annotated and ev.believes(base.file) else own
    found = [ev.bound(base.file, unit, b) for unit, b in counted]
    if bindings:
        found.append(_class_level(ev, base, bindings))
    return substitute(join(found), by)


def _bound(ev: Evaluator, receiver: Instance, base: ClassObject, function: Function) -> Value:
    method = msgspec.structs.replace(function, owner=base, bound=receiver)
    if definitions.is_property(function):
        return ev.called(method)
    return method


def _class_level(ev: Evaluator, base: ClassObject, bindings: tuple[Binding, ...]) -> Value:
    if definitions.are_overloads(bindings):
        return definitions.function(ev, base.file, base.node, bindings)
    return join(ev.bound(base.file, base.node, binding) for binding in bindings)


def _assigned(ev: Evaluator, base: ClassObject, name: str) -> list[tuple[Node, Binding]]:
    """Assignments to ``self.name`` in the methods of one class, each with its method."""
    return assigned_in(base).get(name, [])


def assigned_in(base: ClassObject) -> dict[str, list[tuple[Node, Binding]]]:
    """Assignments to attributes of ``self`` in the methods of one class, each with its method, by attribute."""
    # Bodies of stubs are empty; summaries keep the assignments of ``__init__``.
    if base.file.is_stub and not base.file.is_summary:
        return {}
    found = base.file.assigned.get(base.node.id)
    if found is None:
        found = base.file.assigned[base.node.id] = {}
        for method in methods(base.node, base.file.table_of(base.node)):
            table = base.file.table_of(method)
            if table.attributes and table.parameters:
                for name, bindings in table.attributes_of(table.parameters[0].name).items():
                    found.setdefault(name, []).extend((method, binding) for binding in bindings)
    return found


def names_of(ev: Evaluator, cls: ClassObject) -> dict[str, ClassObject]:
    """The names of a class's instances, each with the nearest class that defines it; nearest classes first."""
    found: dict[str, ClassObject] = {}
    for base in inheritance.mro(ev, cls):
        for name in (*base.file.table_of(base.node).by_name, *assigned_in(base)):
            found.setdefault(name, base)
    return found


def methods(node: Node, table: Table | None = None) -> Iterator[Node]:
    """The function definitions directly in a class body, also under ``if``; ``table`` is the class's table."""
    for binding in (table or table_of(node)).bindings:
        if binding.kind is Kind.FUNCTION and binding.value is not None:
            body = field(node, "body")
            method = node_at(body, binding.value.shifted(node.start_byte)) if body is not None else None
            if method is not None:
                yield method


def found_in(ev: Evaluator, cls: ClassObject, name: str) -> Iterator[tuple[ClassObject, tuple[Binding, ...]]]:
    """The classes of the method resolution order that bind ``name`` in their body, nearest first."""
    for base in inheritance.mro(ev, cls):
        bindings = reaching.alive(ev, base.file.table_of(base.node).by_name.get(name, ()))
        if bindings:
            yield base, bindings
