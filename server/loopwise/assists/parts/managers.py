"""Context managers of the project that suppress errors."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import items
from loopwise.analysis.flow import own
from loopwise.analysis.known_names import MANAGERS
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Signature,
    Value,
    decorator_names,
    each,
    inheritance,
)
from loopwise.syntax import RETURNS, TRIES, YIELDS, Node, field, node_at, nodes_of, source_of

_EXITS = ("__aexit__", "__exit__")


def swallows(unit: Unit, statement: Node) -> str:
    """The reason why a ``with`` may handle an exception group differently from a single error; else empty."""
    for item in items(statement):
        call = item.value if item.value.type == "call" else None
        callee = unit.called(call) if call is not None else None
        found = any(map(_is_selective, each(callee))) if callee is not None else False
        if found or any(_takes(unit, one.cls) for one in each(unit.value(item.value)) if isinstance(one, Instance)):
            name = source_of(field(item.value, "function") or item.value)
            return f"{name} around the statement may suppress the error, but not an exception group"
    return ""


def _takes(unit: Unit, cls: ClassObject) -> bool:
    """Does the ``__exit__`` of a project class return anything other than ``None`` or ``False``?"""
    if cls.file.is_stub:
        return False
    methods = (node for name in _EXITS for node in defined(unit, cls, name))
    returns = (one for method in methods for one in own(field(method, "body") or method, RETURNS))
    return any(one.named_children and one.named_children[0].type not in {"none", "false"} for one in returns)


def defined(unit: Unit, cls: ClassObject, name: str) -> Iterator[Node]:
    """The functions with a name in a class and in those of its bases that belong to the project."""
    for base in inheritance.mro(unit.ev, cls):
        for binding in base.file.table_of(base.node).by_name.get(name, ()) if not base.file.is_stub else ():
            span = binding.value.shifted(base.node.start_byte) if binding.value is not None else None
            node = node_at(base.file.root, span) if span is not None else None
            if binding.kind is Kind.FUNCTION and node is not None:
                yield node


def _is_selective(callee: Value) -> bool:
    """Is it a generator-based context manager with a handler around its ``yield``?"""
    function = callee.made_of if isinstance(callee, Signature) else callee
    if not isinstance(function, Function):
        return False
    node = function.nodes[0]
    if function.file.is_stub or not MANAGERS & set(decorator_names(node)):
        return False
    return any(
        nodes_of(field(attempt, "body") or attempt, YIELDS)
        and any(child.type.startswith("except") for child in attempt.named_children)
        for attempt in nodes_of(node, TRIES)
    )


__all__ = ["defined", "swallows"]
