"""Containers that are created empty: infers their item types from the items added later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loopwise.semantics.bindings import Binding, File
from loopwise.semantics.infer.values import UNKNOWN, Value, join
from loopwise.syntax import Node, arguments_of, field, node_at, parts_of, path_to, span_of, text_of
from loopwise.text import Span, encode

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

_LITERALS = {"list": ("builtins", "list"), "dictionary": ("builtins", "dict")}
_CALLS = {
    "list": ("builtins", "list"),
    "set": ("builtins", "set"),
    "dict": ("builtins", "dict"),
    "deque": ("collections", "deque"),
}
_ITEM = {"append": 0, "appendleft": 0, "add": 0, "insert": 1}  # the argument that is put in
_MOST = 10  # places looked at


def filled(ev: Evaluator, file: File, unit: Node, binding: Binding, made: Node) -> Value | None:
    """The container that ``made`` creates for a binding of ``unit``; ``None`` if it creates no empty one."""
    kind = _empty(made)
    if kind is None:
        return None

    def container(*pairs: tuple[Value, Value]) -> Value:
        keys, items = (join(side) if side else UNKNOWN for side in ([k for k, _ in pairs], [v for _, v in pairs]))
        return ev.instance(*kind, keys, items) if kind[1] == "dict" else ev.instance(*kind, items)

    def evaluate() -> Value:
        return container(*(_put(ev, file, node) for node in _uses(file, unit, binding)))

    # ``xs.append(xs[0])`` asks for itself; until the end it sees an empty container.
    return ev.once(file, ("filled", made.id), evaluate, meanwhile=container())


def _empty(made: Node) -> tuple[str, str] | None:
    if made.type in _LITERALS and not parts_of(made):
        return _LITERALS[made.type]
    function = field(made, "function") if made.type == "call" else None
    if function is None or any((*arguments_of(made)[:2], arguments_of(made)[2])):
        return None
    return _CALLS.get(text_of(function).removeprefix("collections."))


def _uses(file: File, unit: Node, binding: Binding) -> Iterator[Node]:
    """Calls and assignments that add to the container: ``x.append(…)``, ``x[…] = …``."""
    around, before = unit, rb"(?<![\w.])"
    name = node_at(file.root, binding.at.shifted(unit.start_byte))
    if unit.type == "class_definition" or (
        name is not None and name.parent is not None and name.parent.type == "attribute"
    ):
        classes = [node for node in path_to(file.root, span_of(unit)) if node.type == "class_definition"]
        around, before = (classes[-1], rb"\.") if classes else (unit, before)
    methods = "|".join((*_ITEM, "extend", "update", "setdefault")).encode()
    pattern = before + b"(" + re.escape(encode(binding.name)) + rb")(?:\.(?:" + methods + rb")\(|\[)"
    data = file.source.data
    found = 0
    for match in re.compile(pattern).finditer(data, around.start_byte, around.end_byte):
        node = node_at(file.root, Span(*match.span(1)))
        putting = _putting(node) if node is not None else None
        if putting is not None:
            found += 1
            yield putting
        if found >= _MOST:
            return


def _putting(name: Node) -> Node | None:
    parent = name.parent
    if parent is not None and parent.type == "attribute" and field(parent, "attribute") == name:
        name, parent = parent, parent.parent  # `self.x`
    if parent is None or parent.parent is None:
        return None
    if parent.type == "attribute" and parent.parent.type == "call":
        return parent.parent
    assigned = (
        parent.type == "subscript" and parent.parent.type == "assignment" and field(parent.parent, "left") == parent
    )
    return parent.parent if assigned and field(parent, "value") == name else None


def _put(ev: Evaluator, file: File, node: Node) -> tuple[Value, Value]:
    """The key and item that a call or assignment adds."""
    if node.type == "assignment":
        left, right = field(node, "left"), field(node, "right")
        key = left.child_by_field_name("subscript") if left is not None else None
        return (ev.value(file, key) if key else UNKNOWN), (ev.value(file, right) if right else UNKNOWN)
    function = field(node, "function")
    method = text_of(function).rpartition(".")[2] if function is not None else ""
    values = [ev.value(file, argument) for argument in arguments_of(node)[0]]
    if method in _ITEM and len(values) > _ITEM[method]:
        return UNKNOWN, values[_ITEM[method]]
    if method == "setdefault" and len(values) > 1:
        return values[0], values[1]
    return UNKNOWN, ev.iterated(values[0]) if method in {"extend", "update"} and values else UNKNOWN
