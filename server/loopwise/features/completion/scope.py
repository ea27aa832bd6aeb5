"""Names that can be seen at the cursor: locals, the file's functions and classes, members of ``self``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import msgspec

from loopwise.cards import escaped
from loopwise.features.completion.candidates import (
    Candidate,
    Held,
    is_listed_elsewhere,
    kept,
    kept_import,
    of_any,
    of_definition,
)
from loopwise.features.completion.items import Item, ItemKind, Tier, block_text, call_text
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.promising import binding_is_promising, definition_of, function_is_promising, words
from loopwise.features.completion.receiver import fitting_members, receiver_of
from loopwise.features.completion.roles import FITS
from loopwise.features.completion.scores import RECEIVERS, is_likely, score, taken, used_names
from loopwise.semantics.bindings import Binding, Kind, visible
from loopwise.semantics.infer import Instance, names, reaching
from loopwise.syntax import COMPREHENSIONS, Node

_MOST = 150  # names that are looked into, nearest scopes first
_NEEDED = frozenset({Wants.AWAITABLE, Wants.COROUTINE, Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE, Wants.FUNCTION})


def items(place: Place) -> Iterator[Item]:
    """What fits among the names in scope; nothing where any name would do, as the general server lists those."""
    if place.wants not in _NEEDED:
        return
    uses = used_names(place)
    for name, candidate, local in _in_scope(place, uses):
        points = score(place, name, candidate, uses, local=local)
        yield from of_name(place, name, candidate, points)
        if local and candidate.is_unknown:
            yield _unknown_item(place, name, candidate, points, likely=is_likely(place, name, uses))
    receiver = receiver_of(place)
    if receiver is not None:
        yield from _of_receiver(place, *receiver, uses)


def _in_scope(place: Place, uses: Counter[str]) -> Iterator[tuple[str, Candidate, bool]]:
    """Names in scope that may fit, with what they are, and whether the function at hand binds them."""
    seen: set[str] = set()
    for scope, inside, flowing in visible(place.path, place.typed.node):
        if not inside or scope.type in COMPREHENSIONS or scope.type == "lambda":
            continue
        make = partial(_in_unit, place, scope, uses, flowing=flowing)
        found = kept(place, ("names",), make) if scope.type == "module" and not flowing else make()
        local = scope.type == "function_definition" and flowing
        yield from ((name, candidate, local) for name, candidate in found if name not in seen)
        seen.update(place.view.file.table_of(scope).by_name)


def _in_unit(place: Place, unit: Node, uses: Counter[str], *, flowing: bool) -> tuple[tuple[str, Candidate], ...]:
    """The names of one unit that may fit, the latest first."""
    found: list[tuple[str, Candidate]] = []
    wanted = kept(place, ("words",), lambda: words(place))
    local = flowing and unit.type == "function_definition"
    for name, every in reversed(list(place.view.file.table_of(unit).by_name.items())):
        bindings = reaching.alive(place.ev, every)
        late = flowing and all(_is_later(place, unit, binding) for binding in bindings)
        if local and name in RECEIVERS:
            continue  # its members are offered, and the general server has the name
        likely = local and is_likely(place, name, uses)
        if late or len(found) >= _MOST or not (likely or _may_fit(place, unit, bindings, wanted, local=local)):
            continue
        make = partial(_of_binding, place, unit, name, bindings)
        imported = len(bindings) == 1 and bindings[0].kind is Kind.FROM
        candidate = kept_import(place, bindings[0], make) if imported else make()
        if candidate is not None:
            found.append((name, candidate))
    return tuple(found)


def _is_later(place: Place, unit: Node, binding: Binding) -> bool:
    """Is the name bound only behind the cursor, or by the very statement that the cursor is in?"""
    at, base = place.typed.span.start, unit.start_byte
    value = binding.value
    own = value is not None and value.start + base <= at <= value.end + base and binding.kind is not Kind.WITH
    return binding.at.start + base >= at or (own and binding.kind is not Kind.FUNCTION)


def _of_binding(place: Place, unit: Node, name: str, bindings: tuple[Binding, ...]) -> Candidate | None:
    if all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(place.view.file, unit, bindings)
        candidate = of_definition(place, place.view.file, node, bound=False) if node is not None else None
        if candidate is not None:
            return candidate
    value = names.at_place(place.ev, place.view.file, place.path, name, place.typed.node)
    return of_any(place, value) if not is_listed_elsewhere(value) else None


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


def of_name(place: Place, name: str, candidate: Candidate, points: float) -> Iterator[Item]:
    """The items of one name: itself, its call, and the members of an asyncio object that fit."""
    wanted = FITS[place.wants]
    if candidate.itself & wanted and taken(place, candidate):
        yield _plain_item(place, name, candidate, points)
    elif candidate.result & wanted and taken(place, candidate):
        yield called_item(place, name, candidate, points)
    elif place.wants is Wants.FUNCTION and candidate.is_set:
        label = f"{name}.discard"
        yield Item(label, ItemKind.METHOD, label, place.typed.span, filter=label, tier=Tier.FITS, score=8.0)
    else:
        for rank, held in enumerate(candidate.held):
            if taken(place, candidate):
                # Below the file's own functions, be the object a local or not.
                yield _held_item(place, name, held, min(points, 15.0) - 7.0 - 3.0 * rank)


def _plain_item(place: Place, name: str, candidate: Candidate, points: float) -> Item:
    function = ItemKind.METHOD if "." in name else ItemKind.FUNCTION
    return Item(
        name,
        function if candidate.is_function else ItemKind.VARIABLE,
        block_text(place, escaped(name)),
        place.typed.span,
        snippet=True,
        detail=candidate.detail,
        filter=name,
        symbol=candidate.holds,
        tier=Tier.FITS,
        score=points,
    )


def _unknown_item(place: Place, name: str, candidate: Candidate, points: float, *, likely: bool) -> Item:
    """A name of which nothing is known: it may fit, and stands above what fits only if it looks like it."""
    item = _plain_item(place, name, candidate, points)
    return item if likely else msgspec.structs.replace(item, tier=Tier.LEADS)


def called_item(place: Place, name: str, candidate: Candidate, points: float) -> Item:
    """An item that calls ``name``."""
    kind = ItemKind.CLASS if candidate.is_class else ItemKind.METHOD if "." in name else ItemKind.FUNCTION
    return Item(
        name,
        kind,
        block_text(place, call_text(place, name, parameters=candidate.takes), candidate.target),
        place.typed.span,
        snippet=True,
        detail=candidate.detail,
        filter=name,
        tier=Tier.FITS,
        score=points,
    )


def _held_item(place: Place, name: str, held: Held, points: float) -> Item:
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
        score=points,
    )


def _of_receiver(place: Place, name: str, receiver: Instance, uses: Counter[str]) -> Iterator[Item]:
    for member, candidate, distance in fitting_members(place, receiver):
        label = f"{name}.{member}"
        points = score(place, label, candidate, uses, local=False) - distance
        yield from of_name(place, label, candidate, points)
        if candidate.is_unknown and uses[label]:
            yield _unknown_item(place, label, candidate, points, likely=True)
