"""Evaluates expressions, one function per kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File
from loopwise.semantics.infer import calls, names, narrow, protocols, type_expressions
from loopwise.semantics.infer.values import (
    NONE,
    UNKNOWN,
    ClassObject,
    Form,
    Instance,
    Lambda,
    Special,
    Tuple,
    Unknown,
    Value,
    each,
    join,
    known,
    mapped,
)
from loopwise.syntax import Node, awaited_part, field, is_async_generator, parts_of, text_of, unwrap

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def _identifier(ev: Evaluator, file: File, node: Node) -> Value:
    return narrow.narrowed(ev, file, node, names.lookup(ev, file, node))


def _attribute(ev: Evaluator, file: File, node: Node) -> Value:
    owner, name = field(node, "object"), field(node, "attribute")
    if owner is None or name is None:
        return UNKNOWN
    found = ev.attribute(ev.value(file, owner), text_of(name))
    # ``x.y = …`` in the same function, for objects whose class does not declare the attribute.
    if owner.type == "identifier" and not known(found):
        found = _joined(found, names.set_here(ev, file, text_of(owner), text_of(name), name))
    return narrow.narrowed(ev, file, node, found)


def _joined(found: Value, set_here: Value) -> Value:
    """Combine an attribute's declared value with one assigned nearby; if the latter is unknown, it is ignored."""
    return found if isinstance(set_here, Unknown) else join((found, set_here))


def _dotted(ev: Evaluator, file: File, node: Node) -> Value:
    """The class named in a pattern."""
    value = ev.value(file, parts_of(node)[0])
    for part in parts_of(node)[1:]:
        value = ev.attribute(value, text_of(part))
    return value


def _subscript(ev: Evaluator, file: File, node: Node) -> Value:
    base = field(node, "value") or parts_of(node)[0]
    indexes = node.children_by_field_name("subscript") or parts_of(node)[1:]
    owner = ev.value(file, base)
    if isinstance(owner, (ClassObject, Special, Form)):
        return type_expressions.subscripted(ev, file, owner, indexes)
    return mapped(owner, lambda member: protocols.item(ev, file, member, indexes))


def _generic(ev: Evaluator, file: File, node: Node) -> Value:
    owner = ev.value(file, parts_of(node)[0])
    parameters = [child for child in parts_of(node) if child.type == "type_parameter"]
    indexes = [unwrap(child) for parameter in parameters for child in parts_of(parameter)]
    return type_expressions.subscripted(ev, file, owner, indexes)


def _member_type(ev: Evaluator, file: File, node: Node) -> Value:
    first, last = parts_of(node)[0], parts_of(node)[-1]
    return ev.attribute(ev.value(file, unwrap(first)), text_of(last))


def _union_type(ev: Evaluator, file: File, node: Node) -> Value:
    return Form(join(ev.annotation(file, child) for child in parts_of(node)))


def _await(ev: Evaluator, file: File, node: Node) -> Value:
    awaited = awaited_part(node)
    return ev.awaited(ev.value(file, awaited)) if awaited is not None else UNKNOWN


def _boolean(ev: Evaluator, file: File, node: Node) -> Value:
    left, right = field(node, "left"), field(node, "right")
    sides = [ev.value(file, side) for side in (left, right) if side is not None]
    if len(sides) == 2 and text_of(node.children[1]) == "or":
        # ``x or default``: None never comes out of the left side.
        sides[0] = join(member for member in each(sides[0]) if member != NONE) if sides[0] != NONE else UNKNOWN
        if isinstance(sides[0], Unknown) and left is not None and ev.value(file, left) == NONE:
            return sides[1]
    return join(sides)


def _conditional(ev: Evaluator, file: File, node: Node) -> Value:
    parts = parts_of(node)
    return join((ev.value(file, parts[0]), ev.value(file, parts[-1]))) if len(parts) >= 3 else UNKNOWN


def _binary(ev: Evaluator, file: File, node: Node) -> Value:
    left, right, operator = field(node, "left"), field(node, "right"), field(node, "operator")
    if left is None or right is None:
        return UNKNOWN
    first, second = ev.value(file, left), ev.value(file, right)
    if operator is not None and operator.type == "|" and type_expressions.is_form(first):
        return Form(join((type_expressions.instance_of(ev, first), type_expressions.instance_of(ev, second))))
    # Arithmetic on asyncio's objects does not exist; for containers the left side tells enough.
    return first if isinstance(first, (Instance, Tuple)) else UNKNOWN


def _tuple(ev: Evaluator, file: File, node: Node) -> Value:
    items = [child for child in parts_of(node) if child.type != "comment"]
    if any(item.type == "list_splat" for item in items):
        return ev.builtin("tuple", join(ev.value(file, item) for item in items if item.type != "list_splat"))
    return Tuple(tuple(ev.value(file, item) for item in items))


def _elements(ev: Evaluator, file: File, node: Node) -> Value:
    def element(item: Node) -> Value:
        if item.type == "list_splat":
            return ev.iterated(ev.value(file, parts_of(item)[0]))
        return ev.value(file, item)

    items = [child for child in parts_of(node) if child.type != "comment"]
    kind = "list" if node.type == "list" else "set"
    return ev.builtin(kind, join(element(item) for item in items))


def _dictionary(ev: Evaluator, file: File, node: Node) -> Value:
    pairs = [child for child in parts_of(node) if child.type == "pair"]

    def side(name: str) -> Value:
        parts = (field(pair, name) for pair in pairs)
        return join(ev.value(file, part) for part in parts if part is not None)

    others = [ev.value(file, parts_of(child)[0]) for child in parts_of(node) if child.type == "dictionary_splat"]
    kinds = [m for other in others for m in each(other) if isinstance(m, Instance) and len(m.cls.args) == 2]
    if not kinds:
        return ev.builtin("dict", side("key"), side("value"))
    keys, items = (join((side(name), *(m.cls.args[i] for m in kinds))) for i, name in enumerate(("key", "value")))
    return ev.builtin("dict", keys, items)


def _comprehension(ev: Evaluator, file: File, node: Node) -> Value:
    body = field(node, "body")
    if body is None:
        return UNKNOWN
    if body.type == "pair":
        key, item = field(body, "key"), field(body, "value")
        sides = [ev.value(file, side) if side is not None else UNKNOWN for side in (key, item)]
        return ev.builtin("dict", *sides)
    element = ev.value(file, body)
    if node.type == "generator_expression":
        if is_async_generator(node):
            return ev.instance("typing", "AsyncGenerator", element, UNKNOWN)
        return ev.instance("typing", "Generator", element, UNKNOWN, UNKNOWN)
    return ev.builtin("list" if node.type == "list_comprehension" else "set", element)


def _named(ev: Evaluator, file: File, node: Node) -> Value:
    value = field(node, "value")
    return ev.value(file, value) if value is not None else UNKNOWN


def _string(ev: Evaluator, file: File, node: Node) -> Value:
    prefix = text_of(node.children[0]).lower() if node.children else ""
    return ev.builtin("bytes" if "b" in prefix else "str")


def _of(name: str) -> Callable[[Evaluator, File, Node], Value]:
    return lambda ev, file, node: ev.builtin(name)


EXPRESSIONS: dict[str, Callable[[Evaluator, File, Node], Value]] = {
    "identifier": _identifier,
    "attribute": _attribute,
    "dotted_name": _dotted,
    "call": lambda ev, file, node: calls.call(ev, file, node),
    "await": _await,
    "subscript": _subscript,
    "generic_type": _generic,
    "member_type": _member_type,
    "union_type": _union_type,
    "boolean_operator": _boolean,
    "conditional_expression": _conditional,
    "binary_operator": _binary,
    "comparison_operator": _of("bool"),
    "not_operator": _of("bool"),
    "tuple": _tuple,
    "expression_list": _tuple,
    "list": _elements,
    "set": _elements,
    "dictionary": _dictionary,
    "list_comprehension": _comprehension,
    "set_comprehension": _comprehension,
    "dictionary_comprehension": _comprehension,
    "generator_expression": _comprehension,
    "named_expression": _named,
    "lambda": lambda ev, file, node: Lambda(file, node),
    "string": _string,
    "concatenated_string": _of("str"),
    "integer": _of("int"),
    "float": _of("float"),
    "true": _of("bool"),
    "false": _of("bool"),
    "none": lambda ev, file, node: NONE,
}
