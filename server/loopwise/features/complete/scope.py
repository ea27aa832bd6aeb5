"""Names that can be seen at the cursor: locals, the file's functions and classes, members of ``self``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial

from loopwise.features.complete.candidates import (
    Candidate,
    Held,
    is_asyncio,
    kept,
    kept_import,
    of_any,
    of_definition,
)
from loopwise.features.complete.items import Item, ItemKind, Tier, block_text, call_text
from loopwise.features.complete.parameters import accepted, calls_coroutine_function
from loopwise.features.complete.place import Place, Wants
from loopwise.features.complete.promising import binding_is_promising, definition_of, function_is_promising, words
from loopwise.features.complete.roles import FITS, Role
from loopwise.semantics import inheritance, members, names, reaching
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.values import ClassObject, Instance, each
from loopwise.semantics.visible import visible
from loopwise.snippet_text import escaped
from loopwise.syntax import COMPREHENSIONS, Node, field, text_of

_MOST = 150  # names that are looked into, nearest scopes first
_WINDOW = 64 * 1024  # bytes around the cursor in which uses are counted
_USED = re.compile(rb"\b(?:await|async[ \t]+with|in|asyncio\.\w+\()[ \t]*((?:\w+\.)*\w+)")
_RECEIVERS = frozenset({"self", "cls", "this"})
_NEEDED = frozenset({Wants.AWAITABLE, Wants.COROUTINE, Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE, Wants.FUNCTION})


def items(place: Place) -> Iterator[Item]:
    """What fits among the names in scope; nothing where any name would do, as the general server lists those."""
    if place.wants not in _NEEDED:
        return
    uses = used_names(place)
    for name, candidate, local in _in_scope(place):
        yield from of_name(place, name, candidate, _score(name, uses, local=local))
    receiver = receiver_of(place)
    if receiver is not None:
        yield from _of_receiver(place, *receiver, uses)


def used_names(place: Place) -> Counter[str]:
    """How often each dotted name is awaited, entered, iterated over or handed to asyncio near the cursor."""
    data, at = place.view.file.source.data, place.typed.span.start
    unit = next((node for node in place.path if node.type == "function_definition"), None)
    start, end = (unit.start_byte, unit.end_byte) if unit is not None else (at, at)
    found = Counter(_used(data, start, end))
    found.update(kept(place, ("uses",), lambda: Counter(_used(data, start - _WINDOW, start, end, end + _WINDOW))))
    return found


def _used(data: bytes, *bounds: int) -> Iterator[str]:
    for start, end in zip(bounds[::2], bounds[1::2], strict=True):
        for match in _USED.finditer(data, max(start, 0), min(end, len(data))):
            yield match[1].decode("utf-8", "replace")


def _score(name: str, uses: Counter[str], *, local: bool) -> float:
    base = 0.0 if name in _RECEIVERS else 9.0
    return base + 2.5 * min(uses[name], 8) + (20.0 if local and base else 0.0)


def _in_scope(place: Place) -> Iterator[tuple[str, Candidate, bool]]:
    """Names in scope that may fit, with what they are, and whether the function at hand binds them."""
    seen: set[str] = set()
    for scope, inside, flowing in visible(place.path, place.typed.node):
        if not inside or scope.type in COMPREHENSIONS or scope.type == "lambda":
            continue
        make = partial(_in_unit, place, scope, flowing=flowing)
        found = kept(place, ("names",), make) if scope.type == "module" and not flowing else make()
        local = scope.type == "function_definition" and flowing
        yield from ((name, candidate, local) for name, candidate in found if name not in seen)
        seen.update(place.view.file.table_of(scope).by_name)


def _in_unit(place: Place, unit: Node, *, flowing: bool) -> tuple[tuple[str, Candidate], ...]:
    """The names of one unit that may fit, the latest first."""
    found: list[tuple[str, Candidate]] = []
    wanted, local = words(place), flowing and unit.type == "function_definition"
    for name, every in reversed(list(place.view.file.table_of(unit).by_name.items())):
        bindings = reaching.alive(place.ev, every)
        late = flowing and all(b.at.start + unit.start_byte >= place.typed.span.start for b in bindings)
        if late or len(found) >= _MOST or not _may_fit(place, unit, bindings, wanted, local=local):
            continue
        make = partial(_of_binding, place, unit, name, bindings)
        imported = len(bindings) == 1 and bindings[0].kind is Kind.FROM
        candidate = kept_import(place, bindings[0], make) if imported else make()
        if candidate is not None:
            found.append((name, candidate))
    return tuple(found)


def _of_binding(place: Place, unit: Node, name: str, bindings: tuple[Binding, ...]) -> Candidate | None:
    if all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(place.view.file, unit, bindings)
        candidate = of_definition(place, node, bound=False) if node is not None else None
        if candidate is not None:
            return candidate
    value = names.at_place(place.ev, place.view.file, place.path, name, place.typed.node)
    return of_any(place, value) if not is_asyncio(value) else None


def _may_fit(place: Place, unit: Node, bindings: tuple[Binding, ...], wanted: frozenset[bytes], *, local: bool) -> bool:
    """Without looking far: can one of these bindings be what is wanted?"""
    if bindings[0].name.startswith("__") or bindings[0].kind is Kind.IMPORT:
        return False
    file, kinds = place.view.file, {binding.kind for binding in bindings}
    if kinds <= {Kind.FUNCTION}:
        node = definition_of(file, unit, bindings)
        return node is not None and function_is_promising(place, node)
    if kinds <= {Kind.CLASS}:
        return place.wants in {Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE}
    return any(binding_is_promising(file, unit, binding, wanted, local=local) for binding in bindings)


def of_name(place: Place, name: str, candidate: Candidate, score: float) -> Iterator[Item]:
    """The items of one name: itself, its call, and the members of an asyncio object that fit."""
    wanted = FITS[place.wants]
    if candidate.itself & wanted and taken(place, candidate):
        bonus = 10.0 if place.wants is Wants.FUNCTION and _suits(place, candidate) else 0.0
        yield _plain_item(place, name, candidate, score + bonus)
    elif candidate.result & wanted and taken(place, candidate):
        yield called_item(place, name, candidate, score)
    elif place.wants is Wants.FUNCTION and candidate.is_set:
        label = f"{name}.discard"
        yield Item(label, ItemKind.METHOD, label, place.typed.span, filter=label, tier=Tier.FITS, score=8.0)
    else:
        for rank, held in enumerate(candidate.held):
            if taken(place, candidate):
                yield _held_item(place, name, held, score - 4.0 - 3.0 * rank)


def taken(place: Place, candidate: Candidate) -> bool:
    """Does the parameter take this awaitable: a coroutine where one is wanted, a future where that is?"""
    if place.wants is not Wants.COROUTINE:
        return True
    kinds = accepted(place.view, place.parameters)
    return ("coroutine" if candidate.coroutine or candidate.held else "future") in kinds


def _suits(place: Place, candidate: Candidate) -> bool:
    """Coroutine functions where the callback may be one, plain functions elsewhere."""
    wants_coroutine_function = any(calls_coroutine_function(place.view, p) for p in place.parameters)
    return bool(candidate.itself & Role.COROUTINE_FUNCTION) is wants_coroutine_function


def _plain_item(place: Place, name: str, candidate: Candidate, score: float) -> Item:
    function = ItemKind.METHOD if "." in name else ItemKind.FUNCTION
    return Item(
        name,
        function if candidate.is_function else ItemKind.VARIABLE,
        block_text(place, escaped(name)),
        place.typed.span,
        snippet=True,
        detail=candidate.detail,
        filter=name.rpartition(".")[2],
        symbol=candidate.holds,
        tier=Tier.FITS,
        score=score,
    )


def called_item(place: Place, name: str, candidate: Candidate, score: float) -> Item:
    """An item that calls ``name``."""
    kind = ItemKind.CLASS if candidate.is_class else ItemKind.METHOD if "." in name else ItemKind.FUNCTION
    return Item(
        name,
        kind,
        block_text(place, call_text(place, name, parameters=candidate.takes), candidate.target),
        place.typed.span,
        snippet=True,
        detail=candidate.detail,
        filter=name.rpartition(".")[2],
        tier=Tier.FITS,
        score=score,
    )


def _held_item(place: Place, name: str, held: Held, score: float) -> Item:
    """``queue.get()`` of a queue."""
    label = f"{name}.{held.name}"
    return Item(
        label,
        ItemKind.METHOD,
        block_text(place, call_text(place, label, parameters=held.takes)),
        place.typed.span,
        snippet=True,
        detail=held.detail,
        filter=label,
        symbol=held.symbol,
        tier=Tier.FITS,
        score=score,
    )


def receiver_of(place: Place) -> tuple[str, Instance] | None:
    """The name of the first parameter and the instance of its class, in a method."""
    if place.function is None:
        return None
    table = place.view.file.table_of(place.function)
    first = table.parameters[0].name if table.parameters else None
    if first is None or first not in _RECEIVERS or place.owner is not None:
        return None
    value = names.at_place(place.ev, place.view.file, place.path, first, place.typed.node)
    return next(((first, m) for m in each(value) if isinstance(m, Instance) and not m.cls.file.is_stub), None)


def _of_receiver(place: Place, name: str, receiver: Instance, uses: Counter[str]) -> Iterator[Item]:
    current = field(place.function, "name") if place.function is not None else None
    for member, candidate, distance in fitting_members(place, receiver):
        if current is not None and member == text_of(current):
            continue  # a method that awaits itself is rare
        score = _score(f"{name}.{member}", uses, local=False) - distance
        yield from of_name(place, f"{name}.{member}", candidate, score)


def fitting_members(place: Place, receiver: Instance) -> Iterator[tuple[str, Candidate, float]]:
    """Members of one of the user's own objects that may fit, with how far up in its bases they stand."""
    fresh = _set_here(place)
    others = kept(
        place,
        ("members", receiver.cls.fullname),
        lambda: tuple(_members(place, receiver, members.names_of(place.ev, receiver.cls))),
    )
    yield from (one for one in others if one[0] not in fresh)
    if fresh:
        here = {name: cls for name, cls in members.names_of(place.ev, receiver.cls).items() if name in fresh}
        yield from _members(place, receiver, here)


def _members(
    place: Place, receiver: Instance, wanted: Mapping[str, ClassObject]
) -> Iterator[tuple[str, Candidate, float]]:
    left, promising = _MOST, words(place)
    order = {base.fullname: index for index, base in enumerate(inheritance.mro(place.ev, receiver.cls))}
    for member, cls in wanted.items():
        special = member.startswith("__") and member.endswith("__")
        if left > 0 and not cls.file.is_stub and not special and _member_may_fit(place, cls, member, promising):
            left -= 1
            yield member, _of_member(place, receiver, cls, member), 0.5 * order.get(cls.fullname, 0)


def _set_here(place: Place) -> frozenset[str]:
    """The attributes that the functions around the cursor assign."""
    around = (node for node in place.path if node.type == "function_definition")
    return frozenset(b.name for node in around for _, b in place.view.file.table_of(node).attributes)


def _of_member(place: Place, receiver: Instance, cls: ClassObject, member: str) -> Candidate:
    bindings = cls.file.table_of(cls.node).by_name.get(member, ())
    if bindings and all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(cls.file, cls.node, bindings)
        candidate = of_definition(place, node, bound=True) if node is not None else None
        if candidate is not None:
            return candidate
    return of_any(place, place.ev.attribute(receiver, member))


def _member_may_fit(place: Place, cls: ClassObject, member: str, wanted: frozenset[bytes]) -> bool:
    bindings = cls.file.table_of(cls.node).by_name.get(member, ())
    if bindings and all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(cls.file, cls.node, bindings)
        return node is not None and function_is_promising(place, node)
    places = [(cls.node, binding) for binding in bindings] + members.assigned_in(cls).get(member, [])
    return any(binding_is_promising(cls.file, unit, binding, wanted, local=False) for unit, binding in places)
