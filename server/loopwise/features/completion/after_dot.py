"""Completes members: of modules, of asyncio's objects, of the user's own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.cards import escaped
from loopwise.features.completion import asked, by_use, library, named_items, scope
from loopwise.features.completion.candidates import Candidate, of_any
from loopwise.features.completion.items import Item, ItemKind, Tier
from loopwise.features.completion.place import Place
from loopwise.features.completion.receiver import fitting_members
from loopwise.features.completion.roles import FITS, of_result, of_value
from loopwise.features.completion.scores import Evidence, is_likely, score
from loopwise.features.completion.uses import RECEIVERS
from loopwise.semantics import symbols
from loopwise.semantics.bindings import Kind
from loopwise.semantics.infer import ClassObject, Function, Instance, Module, Super, Value, each, members
from loopwise.syntax import text_of


def items(place: Place, owner: Value, *, full: bool = False) -> Iterator[Item]:
    """The members that can follow ``owner.``; for the user's own objects, unless ``full``, only those that fit."""
    seen: set[str] = set()
    for member in each(owner):
        for found in _of(place, member, full=full):
            if found.label not in seen:
                seen.add(found.label)
                yield found


def _of(place: Place, owner: Value, *, full: bool) -> Iterator[Item]:
    match owner:
        case Module(name=name) if symbols.is_asyncio(name):
            yield from library.items_of_module(place, name)
        case Module(name=name):
            yield from _of_module(place, name, full=full)
        case Instance(cls=cls) if symbols.is_asyncio(cls.file.name):
            yield from of_asyncio_object(place, owner)
        case Instance() | Super():
            receiver = owner if isinstance(owner, Instance) else Instance(owner.cls)
            yield from _of_own_object(place, receiver, full=full)
        case ClassObject() if symbols.is_asyncio(owner.file.name):
            yield from of_asyncio_object(place, Instance(owner))


def of_asyncio_object(place: Place, owner: Instance) -> Iterator[Item]:
    """The public members of a task, a queue … that the target Python has."""
    cls = symbols.public(place.view.api, owner.cls.fullname)
    for name in members.names_of(place.ev, owner.cls):
        symbol = symbols.public(place.view.api, f"{cls}.{name}") if cls and not name.startswith("_") else None
        facts = place.view.api.facts(symbol) if symbol is not None else None
        if symbol is None or facts is None or not facts.available(place.view.target.ceiling):
            continue
        yield asked.likelier(place, library.item(place, symbol, facts, place.ev.attribute(owner, name), name))


def _of_own_object(place: Place, owner: Instance, *, full: bool) -> Iterator[Item]:
    if place.wants in FITS:
        evidence = Evidence.at(place)
        written = text_of(place.owner) if place.owner is not None else ""
        known: set[str] = set()
        for member, candidate, distance in fitting_members(place, owner):
            points = score(place, f"{written}.{member}", candidate, evidence, local=False) - distance
            found = list(_fitting(place, written, member, candidate, points, evidence))
            known.update(item.label for item in found)
            yield from found
        yield from used_behind(place, written, known, evidence)
    elif full:
        for member in members.names_of(place.ev, owner.cls):
            if not member.startswith("__"):
                yield plain_item(place, member, place.ev.attribute(owner, member))


def used_behind(place: Place, written: str, known: set[str], evidence: Evidence) -> Iterator[Item]:
    """Members that the file uses on the same expression in such places elsewhere: ``redis.publish`` for ``self``."""
    for name in evidence.uses.counts:
        rest = name.removeprefix(f"{written}.")
        if rest != name and rest not in known:
            yield by_use.used_item(place, name, rest, evidence)


def _fitting(
    place: Place, written: str, name: str, candidate: Candidate, points: float, evidence: Evidence
) -> Iterator[Item]:
    """The items for a member that fits, or that has fitting members."""
    found = list(scope.of_name(place, name, msgspec.structs.replace(candidate, held=(), owned=()), points))
    yield from found
    if not found and candidate.is_unknown and is_likely(place, f"{written}.{name}", evidence):
        yield named_items.unknown_item(place, name, candidate, points, likely=True)
        return
    for held in candidate.owned if not found and written in RECEIVERS else ():
        more = scope.points_of(f"{written}.{name}.{held.name}", evidence)
        if more > 0:
            # As in ``scope``: below the object's own members.
            yield named_items.held_item(place, name, held, min(points, 15.0) - 8.0 + more)
    if not found and candidate.owned:
        lead = named_items.unknown_item(place, name, candidate, points, likely=False)
        yield msgspec.structs.replace(lead, kind=ItemKind.FIELD)
    if not found and candidate.holds is not None and not candidate.is_function:
        yield Item(
            name,
            ItemKind.FIELD,
            escaped(name),
            place.typed.span,
            snippet=True,
            origin=candidate.holds,
            symbol=candidate.holds,
            tier=Tier.LEADS,
            score=points,
        )


def plain_item(place: Place, name: str, value: Value) -> Item:
    """An item that inserts only its name."""
    function = any(isinstance(member, Function) for member in each(value))
    kind = ItemKind.METHOD if function else ItemKind.FIELD
    held = symbols.held_class(place.view.api, value)
    return Item(
        name,
        kind,
        escaped(name),
        place.typed.span,
        snippet=True,
        value=None if function else value,
        symbol=held[0] if held is not None else None,
    )


def _of_module(place: Place, module: str, *, full: bool) -> Iterator[Item]:
    """The fitting functions of another module."""
    file = place.ev.modules.load(module)
    if file is None or (place.wants not in FITS and not full):
        return
    for name, bindings in file.table.by_name.items():
        if name.startswith("_") or (file.is_stub and bindings[0].kind is not Kind.FUNCTION):
            continue
        value = place.ev.module_member(module, name)
        if place.wants in FITS and (of_result(place.ev, value) | of_value(place.ev, value)) & FITS[place.wants]:
            yield named_items.called_item(place, name, of_any(place, value), 6.0)
        elif full:
            yield plain_item(place, name, value)
