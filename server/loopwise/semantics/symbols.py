"""Which public asyncio name a place means, if any."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.knowledge import Api
from loopwise.semantics import imported, inheritance, reaching
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.files import File
from loopwise.semantics.infer import Evaluator
from loopwise.semantics.values import UNKNOWN, ClassObject, Function, Instance, Module, Value, each
from loopwise.semantics.visible import comprehension_clause, visible
from loopwise.syntax import COMPREHENSIONS, Node, field, node_at, path_to, span_of, text_of
from loopwise.text import encode

_MODULES = ("asyncio", "_asyncio")
_LOOPS = frozenset({"AbstractEventLoop", "BaseEventLoop", "SelectorEventLoop", "ProactorEventLoop", "EventLoop"})


class Use(msgspec.Struct, frozen=True):
    """What an identifier is used as."""

    name: str | None  # the public asyncio name that it means
    value: Value  # what it is, unknown if it cannot be told


def is_asyncio(module: str) -> bool:
    return module.partition(".")[0] in _MODULES


def use_of(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    """What the identifier ``node`` means where it stands: in an import, as an attribute, as a name."""
    parent = node.parent
    inside = parent.parent if parent is not None and parent.type == "ERROR" else parent
    if inside is not None and inside.type in {"dotted_name", "aliased_import", "import_from_statement"}:
        return imported.use_in_import(ev, api, file, node)
    before = node.prev_sibling
    if parent is not None and parent.type == "ERROR" and before is not None and before.type in {"from", "import"}:
        return Use(public(api, text_of(node)) if is_asyncio(text_of(node)) else None, Module(text_of(node)))
    if parent is not None and parent.type == "keyword_pattern" and parent.named_children[0] == node:
        return Use(None, UNKNOWN)
    if parent is not None and parent.type == "attribute" and parent.child_by_field_name("attribute") == node:
        return _attribute(ev, api, file, parent)
    if parent is not None and parent.type == "keyword_argument" and field(parent, "name") == node:
        return Use(None, UNKNOWN)
    return by_name(ev, api, file, node)


def _attribute(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    owner, name = field(node, "object"), field(node, "attribute")
    assert name is not None
    held = ev.value(file, owner) if owner is not None else UNKNOWN
    return _member(ev, api, held, text_of(name), ev.value(file, node))


def _member(ev: Evaluator, api: Api, held: Value, name: str, value: Value) -> Use:
    """What ``held.name`` is, given its value."""
    for member in each(held):
        if isinstance(member, Module) and is_asyncio(member.name):
            return Use(public(api, f"{member.name}.{name}"), value)
    found = name_of(api, value)
    if found is None:
        found = _data_member(ev, api, held, name)
    return Use(found, value)


def in_pattern(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    """A name in the dotted name of a pattern: ``case asyncio.Task()``."""
    parts = node.parent.named_children if node.parent is not None else [node]
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
    """The public name of an attribute that is no method (``proc.stdout``, ``queue.maxsize``)."""
    for member in each(held):
        cls = member.cls if isinstance(member, Instance) else member
        if not isinstance(cls, ClassObject):
            continue
        for base in inheritance.mro(ev, cls):
            if name in base.file.table_of(base.node).by_name:
                found = public(api, f"{base.fullname}.{name}") if is_asyncio(base.file.name) else None
                return _of_receiver(api, cls, name, found) if found else None
            if not base.file.is_stub and _sets(base, name):
                return None
    return None


def _sets(cls: ClassObject, name: str) -> bool:
    return encode(f".{name}") in (cls.node.text or b"")


def by_name(ev: Evaluator, api: Api, file: File, node: Node) -> Use:
    value = ev.value(file, node)
    origin = _origin(ev, file, node)
    if origin is not None:
        return Use(public(api, origin), value)
    return Use(name_of(api, value), value)


def _origin(ev: Evaluator, file: File, node: Node) -> str | None:
    """``asyncio.X`` where a name was imported from asyncio, also through modules of the project."""
    path, name = path_to(file.root, span_of(node)), text_of(node)
    for scope, inside, flowing in visible(path, node):
        if scope.type in COMPREHENSIONS:
            if comprehension_clause(scope, name, node) is not None:
                return None
        elif inside:
            bindings = reaching.alive(ev, file.table_of(scope).by_name.get(name, ()))
            if bindings and not any(binding.kind is Kind.OUTER for binding in bindings):
                reached = reaching.reaching(bindings, scope, path, node) if flowing else bindings
                return imported.origin(ev, file, reached) or _renamed(ev, file, scope, reached)
    return None


def _renamed(ev: Evaluator, file: File, unit: Node, bindings: tuple[Binding, ...]) -> str | None:
    """``asyncio.X`` of ``X = asyncio.X``."""
    for binding in bindings:
        if binding.kind is Kind.ASSIGN and binding.value is not None and not binding.path:
            value = node_at(file.root, binding.value.shifted(unit.start_byte))
            owner = field(value, "object") if value is not None and value.type == "attribute" else None
            module = ev.value(file, owner) if owner is not None else None
            if value is not None and isinstance(module, Module) and is_asyncio(module.name):
                return f"{module.name}.{text_of(value).rpartition('.')[2]}"
    return None


def name_of(api: Api, value: Value) -> str | None:
    """The public asyncio name of a function, class or module; of a union's first member that has one."""
    return next(_names_of(api, value), None)


def _names_of(api: Api, value: Value) -> Iterator[str]:
    for member in each(value):
        found: str | None = None
        if isinstance(member, Module) and is_asyncio(member.name):
            found = public(api, member.name)
        elif isinstance(member, (Function, ClassObject)) and is_asyncio(member.file.name):
            found = public(api, member.fullname)
            if isinstance(member, Function) and isinstance(member.bound, Instance):
                found = _of_receiver(api, member.bound.cls, member.qualname.rpartition(".")[2], found)
        if found is not None:
            yield found


def _of_receiver(api: Api, cls: ClassObject, name: str, found: str | None) -> str | None:
    """The name under the receiver's class, where that class has a member of its own of that name."""
    if is_asyncio(cls.file.name):
        own = public(api, f"{cls.fullname}.{name}")
        if own is not None:
            return own
    return found


def public(api: Api, name: str) -> str | None:
    """``asyncio.tasks.Task.cancel`` -> ``asyncio.Task.cancel``; ``None`` for what is not public."""
    if name in {"asyncio", "asyncio.subprocess", "asyncio.trsock"}:
        return name
    found = api.canonical(name) or api.canonical(
        name.replace("._", ".", 1)
    )  # stubs hide what is deprecated behind a "_"
    if found is None:
        return None
    owner, _, member = found.rpartition(".")
    if owner.removeprefix("asyncio.") in _LOOPS and f"asyncio.loop.{member}" in api.symbols:
        return f"asyncio.loop.{member}"
    return found


def held_class(api: Api, value: Value) -> tuple[str, Instance] | None:
    """The asyncio class of which ``value`` is an instance, and the instance."""
    for member in each(value):
        if isinstance(member, Instance) and is_asyncio(member.cls.file.name):
            name = public(api, member.cls.fullname)
            if name is not None:
                return name, member
    return None


__all__ = ["Use", "held_class", "is_asyncio", "name_of", "public", "use_of"]
