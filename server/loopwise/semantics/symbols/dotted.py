"""Dotted names of things outside asyncio: those their users know, and those of the defining modules."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.semantics.bindings import File
from loopwise.semantics.infer import (
    ClassObject,
    Evaluator,
    Foreign,
    Function,
    Instance,
    Module,
    Value,
    each,
    inheritance,
)
from loopwise.syntax import Node, field, text_of


def dotted_names(ev: Evaluator, file: File, node: Node, value: Value) -> Iterator[str]:
    """The names of what ``node`` means, given its value, best known first.

    ``acme.Client.fetch`` for ``client.fetch`` of an ``acme.Client``, even if a base class or another module defines it.
    """
    parent = node.parent
    owner = field(parent, "object") if parent is not None and parent.type == "attribute" else None
    if owner is not None and parent is not None and field(parent, "attribute") == node:
        yield from _of_member(ev, ev.value(file, owner), text_of(node))
    yield from names_of_value(ev, value)


def names_of_value(ev: Evaluator, value: Value) -> Iterator[str]:
    """The names of a value's functions, classes and modules."""
    for member in each(value):
        match member:
            case Module(name=name):
                yield name
            case Foreign(name=name) if not name.endswith(")"):
                yield name.replace("()", "")
            case Function(bound=Instance(cls=cls)):
                yield from _of_class(ev, cls, member.qualname.rpartition(".")[2])
            case Function(file=file, qualname=qualname) | ClassObject(file=file, qualname=qualname):
                yield from public_names(ev, file, qualname)


def _of_member(ev: Evaluator, held: Value, name: str) -> Iterator[str]:
    for member in each(held):
        match member:
            case Module(name=module):
                yield f"{module}.{name}"
            case Instance(cls=cls):
                yield from _of_class(ev, cls, name)
            case ClassObject():
                yield from _of_class(ev, member, name)
            case Foreign(name=origin):
                yield f"{origin}.{name}".replace("()", "")


def _of_class(ev: Evaluator, cls: ClassObject, name: str) -> Iterator[str]:
    """The names of a class's member, under the class and its bases."""
    for base in inheritance.mro(ev, cls):
        yield from (f"{found}.{name}" for found in public_names(ev, base.file, base.qualname))


def public_names(ev: Evaluator, file: File, qualname: str) -> Iterator[str]:
    """``aiohttp.ClientSession``, then ``aiohttp.client.ClientSession``: a package that exports it goes first."""
    parts = file.name.split(".")
    first, _, rest = qualname.partition(".")
    for end in range(1, len(parts)):
        package = ".".join(parts[:end])
        found = ev.module_member(package, first)
        if isinstance(found, (ClassObject, Function)) and found.file is file and found.qualname == first:
            yield f"{package}.{qualname}"
    yield f"{file.name}.{first}" + (f".{rest}" if rest else "")
