"""Evaluates a single binding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.bindings import Binding, File, Kind
from loopwise.semantics.infer import definitions, filled, patterns, protocols
from loopwise.semantics.infer.type_expressions import SPECIAL, TYPING
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    Instance,
    Literal,
    Module,
    Special,
    Tuple,
    TypeVar,
    Value,
    mapped,
)
from loopwise.syntax import Node, arguments_of, field, node_at, text_of

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def binding_value(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    """The value that one binding assigns."""
    if binding.kind is Kind.IMPORT:
        return Module(binding.module)
    if binding.kind is Kind.FROM:
        module = file.absolute(binding.module)
        return ev.module_member(module, binding.member) if module else UNKNOWN
    if binding.kind in {Kind.FUNCTION, Kind.CLASS}:
        return definitions.definition(ev, file, unit, binding)
    # A declared type takes precedence over the assigned value, as in type checkers.
    if binding.annotation is not None and ev.believes(file):
        declared = _annotated(ev, file, unit, binding)
        if declared is not None:
            return declared
    return _valued(ev, file, unit, binding)


def _annotated(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value | None:
    assert binding.annotation is not None
    node = node_at(file.root, binding.annotation.shifted(unit.start_byte))
    if node is None:
        return None
    text = text_of(node)
    if text in {"TypeAlias", "typing.TypeAlias", "typing_extensions.TypeAlias"}:
        return _value_form(ev, file, unit, binding)
    # typeshed declares these as ``Foo: _SpecialForm``, which does not tell what they mean.
    if file.name in TYPING and binding.name in SPECIAL:
        return Special(binding.name)
    value = ev.annotation(file, node)
    if binding.splat:
        return ev.builtin("tuple", value) if binding.splat == "*" else ev.builtin("dict", ev.builtin("str"), value)
    # An annotation that tells nothing useful leaves it to the value.
    if isinstance(value, Literal) or value in (UNKNOWN, NONE):
        return None
    return value


def _value_form(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    node = definitions.value_node(file, unit, binding)
    return ev.form(file, node) if node is not None else UNKNOWN


def _valued(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    if binding.kind is Kind.PARAMETER:
        return definitions.parameter(ev, file, unit, binding)
    node = definitions.value_node(file, unit, binding)
    if node is None:
        return UNKNOWN
    if binding.kind is Kind.ALIAS:
        return ev.form(file, node)
    if binding.kind is Kind.EXCEPT:
        return definitions.caught(ev, file, node)
    if binding.kind is Kind.CASE:
        return patterns.matched(ev, file, node)
    if binding.kind is Kind.ASSIGN and _is_type_variable(node):
        _, keywords, _ = arguments_of(node)
        return TypeVar(binding.name, ev.annotation(file, keywords["bound"]) if "bound" in keywords else None)
    if binding.kind is Kind.ASSIGN and not binding.path:
        container = filled.filled(ev, file, unit, binding, node)
        if container is not None:
            return container
    value = ev.value(file, node)
    if binding.kind is Kind.FOR:
        value = ev.iterated(value, asynchronous=binding.asynchronous)
    elif binding.kind is Kind.WITH:
        value = ev.entered(value, asynchronous=binding.asynchronous)
    return unpacked(ev, value, binding.path)


def _is_type_variable(node: Node) -> bool:
    function = field(node, "function") if node.type == "call" else None
    return function is not None and text_of(function).rpartition(".")[2] in {"TypeVar", "ParamSpec", "TypeVarTuple"}


def unpacked(ev: Evaluator, value: Value, path: tuple[int | None, ...]) -> Value:
    """The part of ``value`` that an unpacking target at ``path`` gets."""
    for index in path:
        value = mapped(value, lambda member, at=index: _part(ev, member, at))  # type: ignore[misc]
    return value


def _part(ev: Evaluator, value: Value, index: int | None) -> Value:
    if index is None:
        return ev.builtin("list", ev.iterated(value))
    value = protocols.as_tuple(ev, value)
    if isinstance(value, Tuple):
        return value.items[index] if -len(value.items) <= index < len(value.items) else UNKNOWN
    if isinstance(value, Instance):
        return ev.iterated(value)
    return UNKNOWN
