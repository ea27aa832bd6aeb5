"""Functions, classes and parameters as values."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import msgspec

from loopwise.semantics.bindings import Binding, File, Kind, table_of
from loopwise.semantics.infer.arguments import Arguments
from loopwise.semantics.infer.marks import decorator_names, makes_property
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Function,
    Instance,
    Signature,
    TypeVar,
    Unknown,
    Value,
    each,
    join,
)
from loopwise.syntax import Node, decorators_of, field, node_at, parts_of, path_to, span_of, string_value, text_of

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

# Decorators that leave what they decorate as it is, or that attribute access deals with.
_PLAIN = frozenset(
    "overload abstractmethod staticmethod classmethod property cached_property override final wraps typing.overload"
    " abc.abstractmethod functools.cached_property functools.wraps typing.override typing.final setter getter"
    " deprecated type_check_only".split()
)


def qualname(file: File, node: Node) -> str:
    """The qualified name of a definition: ``Class.method``."""
    names = [
        text_of(name)
        for parent in path_to(file.root, span_of(node))
        if parent.type in {"class_definition", "function_definition"} and (name := field(parent, "name")) is not None
    ]
    return ".".join(names)


def owner_of(file: File, node: Node) -> ClassObject | None:
    """The class whose body directly contains a function."""
    around = path_to(file.root, span_of(node))
    for parent in reversed(around[: around.index(node)] if node in around else around):
        if parent.type == "function_definition":
            return None
        if parent.type == "class_definition":
            return class_object(file, parent)
    return None


def class_object(file: File, node: Node) -> ClassObject:
    return ClassObject(file, node, qualname(file, node))


def are_overloads(bindings: tuple[Binding, ...]) -> bool:
    """Do all bindings define functions?  If so, they are one function: overloads, or one definition per branch."""
    return len(bindings) > 1 and all(binding.kind is Kind.FUNCTION for binding in bindings)


def has_overloads(file: File, unit: Node, bindings: tuple[Binding, ...]) -> bool:
    nodes = (value_node(file, unit, binding) for binding in bindings) if are_overloads(bindings) else ()
    return any(node is not None and "overload" in decorator_names(node) for node in nodes)


def function(ev: Evaluator, file: File, unit: Node, bindings: tuple[Binding, ...]) -> Value:
    """The value of several definitions of one function."""
    nodes = [value_node(file, unit, binding) for binding in bindings]
    present = [node for node in nodes if node is not None]
    if not present:
        return UNKNOWN
    overloads = [node for node in present if "overload" in decorator_names(node)]
    # The first definition is the getter, which is what reading the attribute calls.
    if any(set(decorator_names(node)) & {"setter", "deleter", "getter"} for node in present):
        present = present[:1]
    else:
        # Without overloads, definitions in branches: the last one is usually the modern one.
        present = overloads or present[-1:]
    return Function(file, tuple(present), qualname(file, present[0]), owner_of(file, present[0]))


def value_node(file: File, unit: Node, binding: Binding) -> Node | None:
    """The bound expression, ``def`` or ``class``; ``None`` if the binding has no node."""
    return node_at(file.root, binding.value.shifted(unit.start_byte)) if binding.value is not None else None


def definition(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    """The value of a ``def`` or ``class`` statement, with its decorators applied."""
    node = value_node(file, unit, binding)
    if node is None:
        return UNKNOWN
    if binding.kind is Kind.CLASS:
        return class_object(file, node)
    return decorated(ev, file, plain_function(file, node))


def plain_function(file: File, node: Node) -> Function:
    return Function(file, (node,), qualname(file, node), owner_of(file, node))


def decorated(ev: Evaluator, file: File, function: Function) -> Value:
    """A function after its decorators; a decorator that is not understood leaves the function as it is."""
    value: Value = function
    for expression in reversed(decorators_of(function.nodes[0])):
        target = field(expression, "function") if expression.type == "call" else expression
        last = text_of(target).rpartition(".")[2] if target is not None else ""
        if not last or last in _PLAIN or makes_property(last):
            continue
        result = ev.called(ev.value(file, expression), Arguments.of_values((value,)))
        if isinstance(result, (Function, Signature, Instance)) and not _hides(result):
            value = result
    return msgspec.structs.replace(value, made_of=function) if isinstance(value, Signature) else value


def _hides(value: Value) -> bool:
    """Is a decorator's result less informative than the function it was applied to?"""
    return isinstance(value, Signature) and isinstance(value.result, (Unknown, TypeVar))


def is_property(function: Function) -> bool:
    return any(makes_property(name) for name in decorator_names(function.nodes[0]))


def docstring(node: Node) -> str:
    """The first paragraph of a function's or class's docstring, on one line."""
    body = field(node, "body")
    first = next((child for child in parts_of(body) if child.type != "comment"), None) if body is not None else None
    if first is None or first.type != "expression_statement" or not parts_of(first):
        return ""
    text = string_value(parts_of(first)[0])
    return " ".join(inspect.cleandoc(text).partition("\n\n")[0].split()) if text is not None else ""


def is_generator(node: Node) -> bool:
    return table_of(node).is_generator


def parameter(ev: Evaluator, file: File, unit: Node, binding: Binding) -> Value:
    """The value of an unannotated parameter: ``self``, ``cls``, or one inferred from its default."""
    if unit.type in {"function_definition", "ERROR"} and not binding.splat:
        first = table_of(unit).parameters[0]
        owner = owner_of(file, unit)
        if first == binding and owner is not None and "staticmethod" not in decorator_names(unit):
            name = field(unit, "name")
            # Implicitly static or class methods, which get the class.
            special = name is not None and text_of(name) in {"__new__", "__init_subclass__", "__class_getitem__"}
            return owner if "classmethod" in decorator_names(unit) or special else Instance(owner)
    if binding.splat:
        return ev.builtin("tuple" if binding.splat == "*" else "dict")
    default = node_at(file.root, binding.value.shifted(unit.start_byte)) if binding.value is not None else None
    value = ev.value(file, default) if default is not None else UNKNOWN
    # A default of None tells nothing, and any other default does not exclude other types.
    return UNKNOWN if value == NONE else join((value, UNKNOWN))


def caught(ev: Evaluator, file: File, node: Node) -> Value:
    """The value bound by ``except node as name``."""
    value = ev.value(file, node)
    classes = getattr(value, "items", None) or each(value)
    found = join(Instance(cls) for cls in classes if isinstance(cls, ClassObject))
    clause = next((n for n in reversed(path_to(file.root, span_of(node))) if n.type == "except_clause"), None)
    if clause is not None and any(child.type in {"except*", "*"} for child in clause.children):
        return ev.builtin("ExceptionGroup", found)
    return found


def signature_parts(ev: Evaluator, function: Function) -> list[tuple[Node, tuple[Binding, ...]]]:
    """Each overload with its parameters, without a first one that is already bound."""
    parts = []
    for node in function.nodes:
        parameters = table_of(node).parameters
        if takes_receiver(function) and parameters and not parameters[0].splat:
            parameters = parameters[1:]
        parts.append((node, parameters))
    return parts


def takes_receiver(function: Function) -> bool:
    """Does the object that the function was accessed on fill the first parameter?"""
    names = decorator_names(function.nodes[0])
    if function.owner is None or "staticmethod" in names:
        return False
    return "classmethod" in names or isinstance(function.bound, Instance)
