"""Type expressions: annotations, subscripted classes, the special forms of typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Foreign,
    Form,
    Instance,
    Literal,
    NoneValue,
    Signature,
    Special,
    Tuple,
    TypeVar,
    Union,
    Value,
    foreign,
    join,
    substitute,
    type_variables,
    with_args,
)
from loopwise.syntax import Node, parts_of, string_value, text_of, unwrap
from loopwise.text import Source

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

SPECIAL = frozenset(
    "Optional Union Callable Literal Annotated ClassVar Final Type Tuple Self Any Generic Protocol Concatenate"
    " TypeAlias Required NotRequired ReadOnly Unpack NoReturn Never TypeGuard TypeIs LiteralString".split()
)
TYPING = frozenset({"typing", "typing_extensions"})
# PEP 593, 526, 655 and 705: a wrapped type means its first argument.
_TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly"})


def form(ev: Evaluator, file: File, node: Node) -> Value:
    """The class-like value of a type expression."""
    node = unwrap(node)
    text = string_value(node)
    if text is not None:
        # Once, as a name may be annotated with itself in quotes: `registry: "registry"`.
        return ev.once(file, ("quoted", node.id), lambda: _quoted(ev, file, node, text))
    return ev.value(file, node)


def _quoted(ev: Evaluator, file: File, node: Node, text: str) -> Value:
    """A quoted annotation, parsed in place: names are looked up from the string's position."""
    # Stripped, as leading spaces would be an indentation error.
    quoted = File(file.name, file.key, Source.of(text.strip()), outer=(file, node))
    statements = [child for child in parts_of(quoted.root) if child.type == "expression_statement"]
    if not statements or quoted.root.has_error:
        return UNKNOWN
    return ev.value(quoted, statements[0])


def is_form(value: Value) -> bool:
    """Can the value occur in an annotation?"""
    return isinstance(value, (ClassObject, Foreign, Form, Special, TypeVar, NoneValue))


def instance_of(ev: Evaluator, value: Value) -> Value:
    """An instance of a type expression: of the class, or the content of the form."""
    match value:
        case ClassObject():
            # Nothing is known of the attributes of either.
            if value.fullname in {"typing.Any", "builtins.object"}:
                return UNKNOWN
            if value.fullname == "types.NoneType":
                return NONE
            return Instance(value)
        case Form(value=inner):
            return inner
        case Union(members=choices):
            return join(instance_of(ev, choice) for choice in choices)
        case TypeVar() | NoneValue():
            return value
        case Special(name="Self"):
            return TypeVar("Self")
        case Special(name="LiteralString"):
            return ev.builtin("str")
        case Special(name="Tuple"):
            return ev.builtin("tuple")
        case Foreign(name=name):
            return foreign(f"{name}()")
        case Special(name="Callable"):
            return Signature(None, UNKNOWN)
    return UNKNOWN


def subscripted(ev: Evaluator, file: File, owner: Value, indexes: Sequence[Node]) -> Value:
    """``owner[indexes]`` where ``owner`` is a class or form."""
    if len(indexes) == 1 and indexes[0].type in {"tuple", "expression_list"}:
        indexes = parts_of(indexes[0])
    match owner:
        case Special(name=name):
            return _special(ev, file, name, indexes)
        case ClassObject() if owner.fullname == "builtins.tuple":
            return _tuple(ev, file, indexes)
        case ClassObject() if owner.fullname == "builtins.type":
            return _class_of(form(ev, file, indexes[0])) if indexes else UNKNOWN
        case ClassObject() | Form() if variables := type_variables(owner):  # a generic alias
            given = (ev.annotation(file, index) for index in indexes)
            return substitute(owner, dict(zip(variables, given, strict=False)))
        case ClassObject():
            return with_args(owner, tuple(ev.annotation(file, index) for index in indexes))
    return UNKNOWN


def _special(ev: Evaluator, file: File, name: str, indexes: Sequence[Node]) -> Value:
    if not indexes:
        return UNKNOWN
    if name == "Optional":
        return Form(join((ev.annotation(file, indexes[0]), NONE)))
    if name == "Union":
        return Form(join(ev.annotation(file, index) for index in indexes))
    if name in _TRANSPARENT:
        return form(ev, file, indexes[0])
    if name == "Callable":
        return Form(_callable(ev, file, indexes))
    if name == "Tuple":
        return _tuple(ev, file, indexes)
    if name == "Type":
        return _class_of(form(ev, file, indexes[0]))
    if name == "Literal":
        return Form(Literal(tuple(text_of(index) for index in indexes)))
    return UNKNOWN


def _class_of(inner: Value) -> Value:
    """The form ``type[inner]``, whose instances are classes."""
    return Form(inner if isinstance(inner, (ClassObject, Form)) else Form(inner))


def _callable(ev: Evaluator, file: File, indexes: Sequence[Node]) -> Value:
    result = ev.annotation(file, indexes[-1]) if len(indexes) > 1 else UNKNOWN
    first = unwrap(indexes[0])
    if first.type == "list":
        return Signature(tuple(ev.annotation(file, item) for item in parts_of(first)), result)
    return Signature(None, result)


def _tuple(ev: Evaluator, file: File, indexes: Sequence[Node]) -> Value:
    if len(indexes) == 2 and text_of(indexes[1]) == "...":
        return Form(ev.builtin("tuple", ev.annotation(file, indexes[0])))
    return Form(Tuple(tuple(ev.annotation(file, index) for index in indexes)))
