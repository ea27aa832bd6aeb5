"""The results of functions: annotated, or inferred from what they return and yield."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopwise.semantics.bindings import File, table_of
from loopwise.semantics.infer.definitions import is_generator
from loopwise.semantics.infer.values import NONE, UNKNOWN, Function, Instance, Unknown, Value, each, join
from loopwise.syntax import Node, field, is_async, node_at, unwrap

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

# The modules whose abstract classes a generator can be annotated with.
_ITERATORS = frozenset({"typing", "collections.abc", "_typeshed", "types"})


def result_of(ev: Evaluator, function: Function, node: Node) -> Value:
    """The result of calling one overload, before its type variables are replaced."""
    annotation = field(node, "return_type")
    if annotation is None or not ev.believes(function.file):
        # A stub has no body to infer from.
        unread = function.file.is_stub and not function.file.is_summary
        return UNKNOWN if unread else _inferred(ev, function.file, node)
    result = ev.annotation(function.file, annotation)
    if is_generator(node):
        return result if _may_be_generator(ev, result, node) else _inferred(ev, function.file, node)
    return coroutine(ev, result) if is_async(node) else result


def _may_be_generator(ev: Evaluator, result: Value, node: Node) -> bool:
    """Is the annotation compatible with a generator?  The ``yield`` takes precedence over it."""
    method = "__aiter__" if is_async(node) else "__iter__"
    return all(
        isinstance(member, Unknown) or (isinstance(member, Instance) and _is_iterable(ev, member, method))
        for member in each(result)
    )


def _is_iterable(ev: Evaluator, value: Instance, method: str) -> bool:
    return value.cls.file.is_stub and value.cls.file.name in _ITERATORS and ev.attribute(value, method) != UNKNOWN


def coroutine(ev: Evaluator, result: Value) -> Value:
    return ev.instance("typing", "Coroutine", UNKNOWN, UNKNOWN, result)


def _inferred(ev: Evaluator, file: File, node: Node) -> Value:
    table, base = table_of(node), node.start_byte
    if table.is_generator and is_async(node):
        return ev.instance("typing", "AsyncGenerator", join(_yielded(ev, file, node)), UNKNOWN)
    nodes = (node_at(file.root, span.shifted(base)) for span in table.returns)
    found = [ev.value(file, unwrap(expression)) for expression in nodes if expression is not None]
    # Without any ``return`` with a value a function returns None.
    result = join(found) if found else NONE
    if table.is_generator:
        return ev.instance("typing", "Generator", join(_yielded(ev, file, node)), UNKNOWN, result)
    return coroutine(ev, result) if is_async(node) else result


def _yielded(ev: Evaluator, file: File, node: Node) -> list[Value]:
    found = []
    for span, delegates in table_of(node).yields:
        expression = node_at(file.root, span.shifted(node.start_byte))
        if expression is not None:
            value = ev.value(file, expression)
            found.append(ev.iterated(value) if delegates else value)
    return found
