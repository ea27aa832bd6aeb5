"""Resolves names and attributes to public asyncio names, following re-exports in the project's modules."""

from __future__ import annotations

import msgspec

from loopwise.cards import Api
from loopwise.semantics.bindings import Binding, File, Kind, comprehension_clause, visible
from loopwise.semantics.infer import (
    UNKNOWN,
    ClassObject,
    Evaluator,
    Instance,
    Module,
    Value,
    each,
    inheritance,
    reaching,
)
from loopwise.semantics.symbols.public import is_asyncio, name_of, of_receiver, public
from loopwise.syntax import COMPREHENSIONS, Node, field, node_at, parts_of, path_to, span_of, text_of
from loopwise.text import encode


class Use(msgspec.Struct, frozen=True):
    """The meaning of an identifier where it is used."""

    name: str | None  # the public asyncio name that it means
    value: Value  # what it is, unknown if it cannot be told


def attribute(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    owner, name = field(node, "object"), field(node, "attribute")
    assert name is not None
    held = ev.value(file, owner) if owner is not None else UNKNOWN
    return _member(ev, api, held, text_of(name), ev.value(file, node))


def _member(ev: Evaluator, api: Api, held: Value, name: str, value: Value) -> Use:
    """The use of ``held.name``, given its value."""
    for member in each(held):
        if isinstance(member, Module) and is_asyncio(member.name):
            return Use(public(api, f"{member.name}.{name}"), value)
    found = name_of(api, value)
    if found is None:
        found = _data_member(ev, api, held, name)
    return Use(found, value)


def in_pattern(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    """The use of a name in the dotted name of a pattern: ``case asyncio.Task()``."""
    parts = parts_of(node.parent) if node.parent is not None else [node]
    held = ev.value(file, parts[0])
    if parts[0] == node:
        return by_name(ev, api, file, node)
    for part in parts[1:]:
        value = ev.attribute(held, text_of(part))
        if part == node:
            return _member(ev, api, held, text_of(part), value)
        held = value
    return Use(None, UNKNOWN)


def _data_member(ev: Evaluator, api: Api, held: Value, name: str) -> str | None:
    """The public name of an attribute that is not a method (``proc.stdout``, ``queue.maxsize``)."""
    for member in each(held):
        cls = member.cls if isinstance(member, Instance) else member
        if not isinstance(cls, ClassObject):
            continue
        for base in inheritance.mro(ev, cls):
            if name in base.file.table_of(base.node).by_name:
                found = public(api, f"{base.fullname}.{name}") if is_asyncio(base.file.name) else None
                return of_receiver(api, cls, name, found) if found else None
            if not base.file.is_stub and _sets(base, name):
                return None
        found = _of_other_pythons(ev, api, cls, name)
        if found is not None:
            return found
    return None


def _of_other_pythons(ev: Evaluator, api: Api, cls: ClassObject, name: str) -> str | None:
    """The public name of a member that asyncio's class has only on Pythons other than that of the stubs."""
    for base in inheritance.mro(ev, cls):
        found = public(api, f"{base.fullname}.{name}") if is_asyncio(base.file.name) else None
        facts = api.facts(found) if found is not None else None
        if facts is not None and (facts.since or facts.removed):
            return found
    return None


def _sets(cls: ClassObject, name: str) -> bool:
    return encode(f".{name}") in (cls.node.text or b"")


def by_name(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    value = ev.value(file, node)
    found = _origin(ev, file, node)
    if found is not None:
        return Use(public(api, found), value)
    return Use(name_of(api, value), value)


def _origin(ev: Evaluator, file: File, node: Node) -> str | None:
    """``asyncio.X`` for a name imported from asyncio, following re-exports in the project's modules."""
    path, name = path_to(file.root, span_of(node)), text_of(node)
    for scope, inside, flowing in visible(path, node):
        if scope.type in COMPREHENSIONS:
            if comprehension_clause(scope, name, node) is not None:
                return None
        elif inside:
            bindings = reaching.alive(ev, file.table_of(scope).by_name.get(name, ()))
            if bindings and not any(binding.kind is Kind.OUTER for binding in bindings):
                reached = reaching.reaching_bindings(bindings, scope, path, node) if flowing else bindings
                return origin(ev, file, reached) or _renamed(ev, file, scope, reached)
    return None


def _renamed(ev: Evaluator, file: File, unit: Node, bindings: tuple[Binding, ...]) -> str | None:
    """``asyncio.X`` for ``X = asyncio.X``."""
    for binding in bindings:
        if binding.kind is Kind.ASSIGN and binding.value is not None and not binding.path:
            value = node_at(file.root, binding.value.shifted(unit.start_byte))
            owner = field(value, "object") if value is not None and value.type == "attribute" else None
            module = ev.value(file, owner) if owner is not None else None
            if value is not None and isinstance(module, Module) and is_asyncio(module.name):
                return f"{module.name}.{text_of(value).rpartition('.')[2]}"
    return None


def origin(ev: Evaluator, file: File, bindings: tuple[Binding, ...], depth: int = 5) -> str | None:
    for binding in bindings:
        module = file.absolute(binding.module) if binding.kind is Kind.FROM else None
        if module is None:
            continue
        if is_asyncio(module):
            return f"{module}.{binding.member}"
        other = ev.modules.load(module)
        if other is not None and depth and not other.is_stub:
            found = origin(ev, other, other.table.by_name.get(binding.member, ()), depth - 1)
            if found is not None:
                return found
    return None
