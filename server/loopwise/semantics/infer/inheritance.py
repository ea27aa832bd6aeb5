"""Classes and their bases: the method resolution order, and type parameters along it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from loopwise.semantics.infer.values import (
    UNKNOWN,
    ClassObject,
    Form,
    Instance,
    Value,
    known,
    substitute,
    type_variables,
    with_args,
)
from loopwise.syntax import Node, field, parts_of, text_of, unwrap

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

_MOST = 40  # bases that are looked at
# Bases that add no members, so an otherwise unreadable list of bases stays readable.
_EMPTY = frozenset({"Generic", "Protocol", "object"})


def mro(ev: Evaluator, cls: ClassObject) -> tuple[ClassObject, ...]:
    """A class and its bases, nearest first, with type arguments substituted; unreadable bases are left out."""
    kept = ev.stubs.orders if cls.file.is_stub and not cls.args else ev.orders
    order = kept.get(cls)
    if order is None:
        order = _mro(ev, cls)
        # What was found half-way through another evaluation may lack a base that is still being computed.
        if ev.is_idle:
            kept[cls] = order
    return order


def _mro(ev: Evaluator, cls: ClassObject) -> tuple[ClassObject, ...]:
    found = [cls]
    seen = {(cls.file.name, cls.qualname)}
    # Breadth first, unlike Python's C3: simpler, and it cannot fail because of a base that is not read.
    queue = [cls]
    while queue and len(found) < _MOST:
        current = queue.pop(0)
        by = variables(ev, current)
        for base in bases(ev, current):
            identity = (base.file.name, base.qualname)
            if identity not in seen:
                seen.add(identity)
                base = with_args(base, tuple(substitute(arg, by) for arg in base.args))
                found.append(base)
                queue.append(base)
    return tuple(found)


def bases(ev: Evaluator, cls: ClassObject) -> Iterator[ClassObject]:
    """The direct bases of a class, without unreadable ones."""
    arguments = field(cls.node, "superclasses")
    for node in parts_of(arguments) if arguments is not None else ():
        if node.type == "keyword_argument":
            continue
        for value in known(ev.value(cls.file, unwrap(node))):
            # ``class Mine(Queue[int])``: the base is a type expression.
            if isinstance(value, Form) and isinstance(value.value, Instance):
                value = value.value.cls
            if isinstance(value, ClassObject):
                yield value


def is_whole(ev: Evaluator, cls: ClassObject) -> bool:
    """Are all bases of a class known?"""
    return all(len(list(bases(ev, base))) >= len(list(_written(base))) for base in mro(ev, cls))


def is_pipeline(ev: Evaluator, cls: ClassObject) -> bool:
    """Does an object collect calls to run them later, by its name, as a pipeline of ``redis.asyncio`` does?"""
    return any(base.qualname.endswith("Pipeline") for base in mro(ev, cls))


def _written(cls: ClassObject) -> Iterator[Node]:
    """The bases that may have members, as written."""
    listed = field(cls.node, "superclasses")
    for node in parts_of(listed) if listed is not None else ():
        whole = parts_of(node)[0] if node.type == "subscript" else node
        if node.type not in {"keyword_argument", "comment"} and text_of(whole).rpartition(".")[2] not in _EMPTY:
            yield node


def parameters(ev: Evaluator, cls: ClassObject) -> tuple[str, ...]:
    """Names of a class's type parameters, in order."""
    if not cls.file.is_stub:
        return _parameters(ev, cls)
    kept = ev.stubs.parameters.get((cls.file, cls.node.id))
    if kept is None:
        kept = _parameters(ev, cls)
        if ev.is_idle:
            ev.stubs.parameters[cls.file, cls.node.id] = kept
    return kept


def _parameters(ev: Evaluator, cls: ClassObject) -> tuple[str, ...]:
    own = field(cls.node, "type_parameters")
    if own is not None:
        return tuple(text_of(child).split(":")[0].split("=")[0].strip(" *") for child in parts_of(own))
    arguments = field(cls.node, "superclasses")
    found: dict[str, None] = {}
    explicit: tuple[str, ...] = ()
    for node in parts_of(arguments) if arguments is not None else ():
        if node.type != "subscript":
            continue
        indexes = node.children_by_field_name("subscript")
        variables_here = [v for index in indexes for v in type_variables(ev.annotation(cls.file, index))]
        if text_of(parts_of(node)[0]).rpartition(".")[2] in {"Generic", "Protocol"}:
            explicit = tuple(variables_here)
        found.update(dict.fromkeys(variables_here))
    # ``Generic[...]`` fixes the order; otherwise it is that of first appearance (PEP 484).
    return explicit or tuple(found)


def variables(ev: Evaluator, cls: ClassObject) -> Mapping[str, Value]:
    """The values of a class's type parameters; a parameter without an argument is its own value."""
    if not cls.args:
        return {}
    return dict(zip(parameters(ev, cls), cls.args, strict=False))


def filled(ev: Evaluator, cls: ClassObject, by: Mapping[str, Value]) -> ClassObject:
    """A class with type arguments from ``by``, unknown if missing there."""
    wanted = parameters(ev, cls)
    return with_args(cls, tuple(by.get(name, UNKNOWN) for name in wanted)) if wanted else cls
