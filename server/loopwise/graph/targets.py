"""Resolves an expression to functions of the project: through constructors, partials, decorators and re-exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from loopwise.analysis.unit import Unit
from loopwise.graph.values import Ref
from loopwise.semantics.bindings import Binding, File, Kind
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Module,
    Signature,
    Super,
    Value,
    assigned_in,
    decorator_names,
    definitions,
    each,
    members,
)
from loopwise.syntax import BODIES, Node, arguments_of, field, node_at, text_of, unwrap

_DEEPEST = 4  # names that are other names for something


class Target(NamedTuple):
    """A function of the project, and for a method the class of its receiver."""

    ref: Ref
    receiver: Ref | None = None


def targets(unit: Unit, node: Node, deep: int = _DEEPEST) -> tuple[Target, ...]:
    """The project's functions that a call of ``node`` reaches; empty if there are none, or they are unknown."""
    node = unwrap(node)
    if node.type == "call" and deep:  # `partial(f, 1)()`, `partial(f, 1)` as an argument
        wrapped = _wrapped(unit, node)
        if wrapped is not None:
            return targets(unit, wrapped, deep - 1)
    found: dict[Target, None] = {}
    for value in each(unit.value(node)):
        found.update(dict.fromkeys(_of(unit, node, value, deep)))
    return tuple(found)


def method(unit: Unit, value: Value, name: str) -> Target | None:
    """The method with that name on an instance of a project class."""
    if not isinstance(value, Instance) or value.cls.file.is_stub:
        return None
    ref = _member(unit, value.cls, name)
    return Target(ref, ref_of_class(value.cls)) if ref is not None else None


def ref_of_class(cls: ClassObject) -> Ref:
    return Ref(cls.file.key, cls.qualname)


def in_file(unit: Unit, file: File) -> Unit:
    """A unit for evaluating code of another file."""
    return Unit(msgspec.structs.replace(unit.view, file=file), file.root)


def _of(unit: Unit, node: Node, value: Value, deep: int) -> Iterator[Target]:
    match value:
        case Signature(made_of=Function() as made):
            yield from _of(unit, node, made, deep)
        case Function(file=file) if not file.is_stub:
            # The wrapper's body only calls the decorated function, which is the one of interest.
            before = _decorated(unit, node) if _is_wrapper(value) else None
            ref = before if before is not None else Ref(file.key, value.qualname)
            yield Target(ref, _receiver(unit, node, value))
        case ClassObject(file=file) if not file.is_stub:
            made_by = _member(unit, value, "__init__") or _member(unit, value, "__post_init__")
            if made_by is not None:
                yield Target(made_by)
        case Instance(cls=cls) if cls.fullname == "functools.partial" and deep:
            for file, inner in _assigned(unit, unit.file, node):
                other = unit if file is unit.file else in_file(unit, file)
                wrapped = _wrapped(other, inner)
                yield from targets(other, wrapped, deep - 1) if wrapped is not None else ()
        case Instance():
            found = method(unit, value, "__call__")
            if found is not None:
                yield found


def _is_wrapper(function: Function) -> bool:
    """Is it the wrapper that a decorator returns: ``@wraps(f) def inner``?"""
    return "wraps" in decorator_names(function.nodes[0])


def _decorated(unit: Unit, node: Node) -> Ref | None:
    """The function that a name was defined as, before decoration."""
    held, name = (field(node, "object"), field(node, "attribute")) if node.type == "attribute" else (None, node)
    if held is None or name is None:
        return next((ref for ref in _named(unit, unit.file, node)), None) if node.type == "identifier" else None
    for value in each(unit.value(held)):
        if isinstance(value, Module):
            other = unit.ev.modules.load(value.name)
            return next(_member_of(unit, other, text_of(name)), None) if other is not None else None
        if isinstance(value, (Instance, ClassObject)):
            return _member(unit, value.cls if isinstance(value, Instance) else value, text_of(name))
    return None


def _named(unit: Unit, file: File, node: Node) -> Iterator[Ref]:
    """The functions that a name is defined as, in the scopes around it or in the module it is imported from."""
    scope: Node | None = node
    while scope is not None:
        bindings = file.table_of(scope).by_name.get(text_of(node), ()) if scope.type in BODIES else ()
        for binding in bindings:
            yield from _bound(unit, file, scope, binding)
        if bindings:
            return
        scope = scope.parent


def _member_of(unit: Unit, file: File, name: str, deep: int = _DEEPEST) -> Iterator[Ref]:
    for binding in file.table.by_name.get(name, ()) if deep else ():
        yield from _bound(unit, file, file.root, binding, deep)


def _bound(unit: Unit, file: File, scope: Node, binding: Binding, deep: int = _DEEPEST) -> Iterator[Ref]:
    if binding.kind is Kind.FUNCTION and binding.value is not None:
        node = node_at(file.root, binding.value.shifted(scope.start_byte))
        if node is not None:
            yield Ref(file.key, definitions.qualname(file, node))
    elif binding.kind is Kind.FROM:
        absolute = file.absolute(binding.module)
        other = unit.ev.modules.load(absolute) if absolute else None
        if other is not None and not other.is_stub:
            yield from _member_of(unit, other, binding.member, deep - 1)


def _receiver(unit: Unit, node: Node, function: Function) -> Ref | None:
    """The class whose subclasses may override a method; ``None`` if the method is called directly."""
    if function.owner is None:
        return None
    held = field(node, "object") if node.type == "attribute" else None
    # ``super().method()`` skips the overrides.
    if held is None or isinstance(unit.value(held), Super):
        return None
    if isinstance(function.bound, Instance):
        return ref_of_class(function.bound.cls)
    classes = [one.cls for one in each(unit.value(held)) if isinstance(one, Instance)]
    return ref_of_class(classes[0]) if len(classes) == 1 else None


def _member(unit: Unit, cls: ClassObject, name: str) -> Ref | None:
    """The function that a class, or one of its bases, has under a name."""
    base, bindings = next(members.found_in(unit.ev, cls, name), (None, ()))
    if base is None or base.file.is_stub or any(binding.kind is not Kind.FUNCTION for binding in bindings):
        return None
    found = definitions.function(unit.ev, base.file, base.node, bindings)
    return Ref(base.file.key, found.qualname) if isinstance(found, Function) else None


def _wrapped(unit: Unit, call: Node) -> Node | None:
    """The ``f`` in ``partial(f, …)``."""
    callee = field(call, "function") if call.type == "call" else None
    if callee is None or not text_of(callee).endswith("partial") or unit.call_name(call) != "functools.partial":
        return None
    positional, _, _ = arguments_of(call)
    return positional[0] if positional else None


def _assigned(unit: Unit, file: File, node: Node, deep: int = _DEEPEST) -> Iterator[tuple[File, Node]]:
    """The values assigned to a name, or to an attribute of ``self``, following imports within the project."""
    if node.type == "attribute":
        yield from _assigned_to_attribute(unit, node)
        return
    scope: Node | None = node
    while scope is not None:
        if scope.type in BODIES:
            bindings = file.table_of(scope).by_name.get(text_of(node), ())
            for binding in bindings:
                if binding.kind is Kind.FROM and deep:
                    yield from _imported(unit, file, binding.module, binding.member, deep)
                elif binding.kind is Kind.ASSIGN and binding.value is not None:
                    value = node_at(file.root, binding.value.shifted(scope.start_byte))
                    yield from ((file, value),) if value is not None else ()
            if bindings:
                return
        scope = scope.parent


def _imported(unit: Unit, file: File, module: str, name: str, deep: int) -> Iterator[tuple[File, Node]]:
    absolute = file.absolute(module)
    other = unit.ev.modules.load(absolute) if absolute else None
    if other is None or other.is_stub:
        return
    for binding in other.table.by_name.get(name, ()):
        value = node_at(other.root, binding.value) if binding.value is not None else None
        if binding.kind is Kind.ASSIGN and value is not None:
            yield other, value
        elif binding.kind is Kind.FROM and deep:
            yield from _imported(unit, other, binding.module, binding.member, deep - 1)


def _assigned_to_attribute(unit: Unit, node: Node) -> Iterator[tuple[File, Node]]:
    held, name = field(node, "object"), field(node, "attribute")
    for one in each(unit.value(held)) if held is not None and name is not None else ():
        if isinstance(one, Instance) and not one.cls.file.is_stub and name is not None:
            for scope, binding in assigned_in(one.cls).get(text_of(name), ()):
                span = binding.value.shifted(scope.start_byte) if binding.value is not None else None
                value = node_at(one.cls.file.root, span) if span is not None else None
                yield from ((one.cls.file, value),) if value is not None else ()
