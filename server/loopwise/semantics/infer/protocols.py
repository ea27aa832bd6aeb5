"""The results of awaiting, iterating and indexing objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File, table_of
from loopwise.semantics.infer import inheritance
from loopwise.semantics.infer.arguments import Arguments
from loopwise.semantics.infer.values import UNKNOWN, Function, Instance, Tuple, Value, join, known, mapped
from loopwise.syntax import Node, field, text_of

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator


def awaited(ev: Evaluator, value: Value) -> Value:
    """The value of ``await value``."""
    if not isinstance(value, Instance):
        return UNKNOWN
    generator = ev.called(ev.attribute(value, "__await__"))
    # PEP 492: the result of ``await`` is the return value of the generator from ``__await__``.
    for member in known(generator):
        if isinstance(member, Instance):
            return _argument(ev, member, "Generator", -1)
    return UNKNOWN


def _argument(ev: Evaluator, value: Instance, base_name: str, index: int) -> Value:
    for base in inheritance.mro(ev, value.cls):
        if base.qualname == base_name and base.args:
            return base.args[index]
    return UNKNOWN


def iterated(ev: Evaluator, value: Value, *, asynchronous: bool = False) -> Value:
    """The items of an iteration over ``value``."""
    value = as_tuple(ev, value)
    if isinstance(value, Tuple) and not asynchronous:
        return join(value.items)
    if not isinstance(value, Instance):
        return UNKNOWN
    start, step = ("__aiter__", "__anext__") if asynchronous else ("__iter__", "__next__")
    iterator = ev.called(ev.attribute(value, start))

    def next_of(member: Value) -> Value:
        given = ev.called(ev.attribute(member, step))
        return ev.awaited(given) if asynchronous else given

    return mapped(iterator, next_of)


def as_tuple(ev: Evaluator, value: Value) -> Value:
    """An instance of a named tuple as the tuple of its fields; other values are unchanged."""
    if not isinstance(value, Instance) or value.cls.file.is_stub or not field(value.cls.node, "superclasses"):
        return value
    if not any(base.fullname == "typing.NamedTuple" for base in inheritance.bases(ev, value.cls)):
        return value
    own = table_of(value.cls.node).bindings
    fields = (binding for binding in own if binding.annotation is not None)
    return Tuple(tuple(ev.bound(value.cls.file, value.cls.node, binding) for binding in fields))


def item(ev: Evaluator, file: File, value: Value, indexes: Sequence[Node]) -> Value:
    """The value of ``value[indexes]``."""
    value = as_tuple(ev, value)
    if isinstance(value, Tuple) and len(indexes) == 1:
        number = _integer(indexes[0])
        if number is not None and -len(value.items) <= number < len(value.items):
            return value.items[number]
        return value if indexes[0].type == "slice" else join(value.items)
    getter = ev.attribute(value, "__getitem__")
    if isinstance(getter, Function):
        return ev.called(getter, Arguments.of_nodes(file, indexes))
    return UNKNOWN


def _integer(node: Node) -> int | None:
    try:
        return int(text_of(node))
    except ValueError:
        return None
