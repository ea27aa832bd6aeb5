"""Unification: finds values for type variables with which an argument fits a parameter's annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.bindings import Kind, table_of
from loopwise.semantics.infer import definitions, inheritance, results
from loopwise.semantics.infer.values import (
    ClassObject,
    Form,
    Function,
    Instance,
    Lambda,
    NoneValue,
    Signature,
    Tuple,
    TypeVar,
    Union,
    Unknown,
    Value,
    join,
    substitute,
    type_variables,
)
from loopwise.syntax import node_at

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def unify(ev: Evaluator, wanted: Value, given: Value, by: dict[str, Value]) -> bool:
    """Bind the type variables of ``wanted`` in ``by`` so that ``given`` fits; return ``False`` if it cannot."""
    if isinstance(wanted, TypeVar):
        # An unknown argument must not hide what another one shows.
        if not isinstance(given, Unknown):
            by[wanted.name] = join((by[wanted.name], given)) if wanted.name in by else given
        return True
    if isinstance(given, Union):
        # A list, because each member must bind its type variables.
        return any([unify(ev, wanted, member, by) for member in given.members])
    match wanted:
        case Union(members=choices):
            return _one_of(ev, choices, given, by)
        case Instance(cls=cls):
            return _nominal(ev, cls, given, by)
        case Tuple(items=items):
            return _items(ev, items, given, by)
        case Signature():
            return _callable(ev, wanted, given, by)
        case Form(value=inner):
            if isinstance(given, ClassObject):
                return unify(ev, inner, Instance(given), by)
            return isinstance(given, Form) and unify(ev, inner, given.value, by)
        case NoneValue():
            return isinstance(given, NoneValue)
    return False


def _one_of(ev: Evaluator, choices: tuple[Value, ...], given: Value, by: dict[str, Value]) -> bool:
    """Try the most specific choice first: a bare type variable takes what nothing else does."""
    for choice in sorted(choices, key=lambda c: isinstance(c, TypeVar)):
        if unify(ev, choice, given, by):
            return True
    return False


def _items(ev: Evaluator, items: tuple[Value, ...], given: Value, by: dict[str, Value]) -> bool:
    if not isinstance(given, Tuple) or len(given.items) != len(items):
        return False
    # As above: no part may be skipped.
    return all([unify(ev, wanted, part, by) for wanted, part in zip(items, given.items, strict=True)])


def _nominal(ev: Evaluator, cls: ClassObject, given: Value, by: dict[str, Value]) -> bool:
    if isinstance(given, Tuple):
        given = ev.builtin("tuple", join(given.items))
    if not isinstance(given, Instance):
        return False
    for base in inheritance.mro(ev, given.cls):
        if base.fullname == cls.fullname:
            for wanted, part in zip(cls.args, base.args, strict=False):
                unify(ev, wanted, part, by)
            return True
    key = (cls.fullname, given.cls.fullname)
    if key in ev.matching:
        return True  # a protocol whose methods give itself
    ev.matching.add(key)
    try:
        return _structural(ev, cls, given, by)
    finally:
        ev.matching.discard(key)


def _structural(ev: Evaluator, protocol: ClassObject, given: Instance, by: dict[str, Value]) -> bool:
    """Does an object have the methods of a protocol?  Their results determine its type variables."""
    if not any(base.qualname == "Protocol" for base in inheritance.bases(ev, protocol)) and not is_protocol(protocol):
        return False
    own = inheritance.variables(ev, protocol)
    wanted_methods = [b for b in table_of(protocol.node).bindings if b.kind is Kind.FUNCTION]
    for binding in wanted_methods:
        method = ev.attribute(given, binding.name)
        if not isinstance(method, Function):
            return False
        span = binding.value
        node = node_at(protocol.file.root, span.shifted(protocol.node.start_byte)) if span is not None else None
        if node is None:
            return False
        pattern = results.result_of(ev, definitions.plain_function(protocol.file, node), node)
        unify(ev, substitute(pattern, own), ev.called(method), by)
    return bool(wanted_methods)


def is_protocol(cls: ClassObject) -> bool:
    arguments = cls.node.child_by_field_name("superclasses")
    return arguments is not None and b"Protocol" in (arguments.text or b"")


def _callable(ev: Evaluator, wanted: Signature, given: Value, by: dict[str, Value]) -> bool:
    if not isinstance(given, (Function, Lambda, ClassObject, Signature, Instance)):
        return False
    if type_variables(wanted.result):
        unify(ev, wanted.result, ev.called(given), by)
    if isinstance(given, Signature):
        for inner, outer in zip(wanted.parameters or (), given.parameters or (), strict=False):
            unify(ev, inner, outer, by)
    return True
