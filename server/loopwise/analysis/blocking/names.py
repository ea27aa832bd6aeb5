"""The names under which the table may list a callee."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.unit import Unit
from loopwise.semantics import symbols
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import ClassObject, Foreign, Function, Instance, Unknown, Value, each, inheritance
from loopwise.syntax import Node, field, parts_of, text_of, unwrap

_DEEP = 8  # calls and attributes in a row


def names_of(unit: Unit, call: Node, value: Value) -> Iterator[str]:
    """Full names of one possible callee in the standard library or in an unread library.

    A method has one name for each class that the receiver derives from, nearest first.
    """
    match value:
        case Foreign(name=name):
            if not name.endswith(")"):
                yield name.replace("()", "")
        case Function(file=file) | ClassObject(file=file) if file.is_summary:
            yield from symbols.names_of_value(unit.ev, value)
            callee = field(call, "function")
            if callee is not None:
                yield from _written_names(unit, callee, _DEEP)
        case Function(file=file, bound=Instance(cls=cls)) if file.is_stub:
            yield from (f"{base}.{value.qualname.rpartition('.')[2]}" for base in _library_classes(unit, cls))
        case Function(file=file) if file.is_stub:
            yield value.fullname
        case ClassObject(file=file) if file.is_stub:
            yield from _library_classes(unit, value)
        case Instance(cls=cls) if cls.file.is_stub:
            yield cls.fullname
        case Unknown():
            callee = field(call, "function")
            if callee is not None:
                yield from _inherited(unit, callee, _DEEP)


def _written_names(unit: Unit, node: Node, deep: int) -> Iterator[str]:
    """The names of a chain of calls and attributes: ``acme.Client.rows.all`` for ``Client().rows().all``."""
    node = unwrap(node)
    if node.type == "call" and deep:
        callee = field(node, "function")
        yield from _written_names(unit, callee, deep - 1) if callee is not None else ()
    elif node.type == "attribute" and deep:
        owner, name = field(node, "object"), field(node, "attribute")
        if owner is not None and name is not None:
            yield from (f"{base}.{text_of(name)}" for base in _written_names(unit, owner, deep - 1))
    if node.type != "call":
        values = (one.cls if isinstance(one, Instance) else one for one in each(unit.value(node)))
        yield from (name for one in values for name in symbols.names_of_value(unit.ev, one))


def full_name(unit: Unit, value: Value) -> str | None:
    """The name of one callee, including the project's own; ``None`` if it has none."""
    match value:
        case Foreign(name=name):
            return None if name.endswith(")") else name.replace("()", "")
        case Function(file=file, bound=Instance()) if file.is_summary:
            return next(symbols.names_of_value(unit.ev, value))
        case Function(bound=Instance(cls=cls)):
            own = next((base for base in inheritance.mro(unit.ev, cls) if base.file is value.file), cls)
            return f"{own.fullname}.{value.qualname.rpartition('.')[2]}"
        case Function() | ClassObject():
            return next(symbols.public_names(unit.ev, value.file, value.qualname))
    return None


def _library_classes(unit: Unit, cls: ClassObject) -> Iterator[str]:
    return (base.fullname for base in inheritance.mro(unit.ev, cls) if base.file.is_stub)


def _inherited(unit: Unit, node: Node, deep: int) -> Iterator[str]:
    """Names of a member that a project class inherits from an unread class, and of the member's result.

    ``django.db.models.Model.objects.filter.first`` for ``User.objects.filter(…).first``.
    """
    node = unwrap(node)
    if not deep or node.type not in {"attribute", "call"}:
        return
    if node.type == "call":
        callee = field(node, "function")
        if callee is not None:
            yield from _inherited(unit, callee, deep - 1)
        return
    owner, name = field(node, "object"), field(node, "attribute")
    if owner is None or name is None:
        return
    classes = [
        member.cls if isinstance(member, Instance) else member
        for member in each(unit.value(owner))
        if isinstance(member, (Instance, ClassObject))
    ]
    if classes:
        yield from (f"{base}.{text_of(name)}" for cls in classes for base in _unread_bases(unit, cls))
        return
    yield from (f"{base}.{text_of(name)}" for base in _inherited(unit, owner, deep - 1))


def _unread_bases(unit: Unit, cls: ClassObject) -> Iterator[str]:
    """The unread bases that may provide a member: of other libraries, or newer than the stubs."""
    for base in inheritance.mro(unit.ev, cls):
        if base.file.is_stub:
            yield from symbols.public_names(unit.ev, base.file, base.qualname)
        else:
            yield from _written(unit, base.file, base.node)


def _written(unit: Unit, file: File, cls: Node) -> Iterator[str]:
    listed = field(cls, "superclasses")
    for node in parts_of(listed) if listed is not None else ():
        if node.type in {"identifier", "attribute"}:
            for value in each(unit.ev.value(file, node)):
                if isinstance(value, Foreign):
                    yield value.name.replace("()", "")
