"""Members of the user's own objects, mainly of ``self``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loopwise.features.completion.candidates import Candidate, kept, of_any, of_definition
from loopwise.features.completion.place import Place
from loopwise.features.completion.promising import binding_is_promising, definition_of, function_is_promising, words
from loopwise.features.completion.scores import looks_likely
from loopwise.features.completion.uses import RECEIVERS
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.infer import ClassObject, Instance, each, inheritance, members, names
from loopwise.syntax import Node

_MOST = 150  # members that are looked into, nearest classes first


def receiver_of(place: Place) -> tuple[str, Instance] | None:
    """``self`` and the instance of its class, in a method or a function nested in one."""
    if place.owner is not None:
        return None
    for function in reversed([node for node in place.path if node.type == "function_definition"]):
        parameters = place.view.file.table_of(function).parameters
        if parameters and parameters[0].name in RECEIVERS:
            name = parameters[0].name
            value = names.at_place(place.ev, place.view.file, place.path, name, place.typed.node)
            return next(((name, m) for m in each(value) if isinstance(m, Instance) and not m.cls.file.is_stub), None)
    return None


def fitting_members(place: Place, receiver: Instance) -> Iterator[tuple[str, Candidate, float]]:
    """Members of one of the user's own objects that may fit, each with its distance in the base classes."""
    others = kept(
        place,
        ("members", receiver.cls.fullname),
        lambda: tuple(_members(place, receiver, members.names_of(place.ev, receiver.cls))),
    )
    fresh = _set_here(place)
    yield from (one for one in others if one[0] not in fresh)
    promising = kept(place, ("words",), lambda: words(place))
    file = place.view.file
    here = {
        name: receiver.cls
        for name, places in fresh.items()
        if any(binding_is_promising(file, unit, binding, promising, local=False) for unit, binding in places)
    }
    yield from _members(place, receiver, here)


def _members(
    place: Place, receiver: Instance, wanted: Mapping[str, ClassObject]
) -> Iterator[tuple[str, Candidate, float]]:
    if not wanted:
        return
    left, promising = _MOST, kept(place, ("words",), lambda: words(place))
    order = {base.fullname: index for index, base in enumerate(inheritance.mro(place.ev, receiver.cls))}
    for member, cls in wanted.items():
        dunder = member.startswith("__") and member.endswith("__")
        special = member.startswith("_") if cls.file.is_summary else dunder
        if left > 0 and _is_read(cls) and not special and _member_may_fit(place, cls, member, promising):
            left -= 1
            yield member, _of_member(place, receiver, cls, member), 0.5 * order.get(cls.fullname, 0)


def _is_read(cls: ClassObject) -> bool:
    """Is a class the user's own, or one of a library with something to await?"""
    return not cls.file.is_stub or cls.file.is_summary


def _set_here(place: Place) -> dict[str, list[tuple[Node, Binding]]]:
    """The attributes that the functions around the cursor assign, each with the function and the assignment."""
    found: dict[str, list[tuple[Node, Binding]]] = {}
    for node in (node for node in place.path if node.type == "function_definition"):
        for _, binding in place.view.file.table_of(node).attributes:
            found.setdefault(binding.name, []).append((node, binding))
    return found


def _of_member(place: Place, receiver: Instance, cls: ClassObject, member: str) -> Candidate:
    bindings = cls.file.table_of(cls.node).by_name.get(member, ())
    if bindings and all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(cls.file, cls.node, bindings)
        candidate = of_definition(place, cls.file, node, bound=True) if node is not None else None
        if candidate is not None:
            return candidate
    return of_any(place, place.ev.attribute(receiver, member))


def _member_may_fit(place: Place, cls: ClassObject, member: str, wanted: frozenset[bytes]) -> bool:
    bindings = cls.file.table_of(cls.node).by_name.get(member, ())
    if bindings and all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(cls.file, cls.node, bindings)
        return node is not None and function_is_promising(place, node)
    if looks_likely(place, member):
        return True
    places = [(cls.node, binding) for binding in bindings] + members.assigned_in(cls).get(member, [])
    return any(binding_is_promising(cls.file, unit, binding, wanted, local=False) for unit, binding in places)
