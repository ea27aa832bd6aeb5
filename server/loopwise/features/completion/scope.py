"""Completes names visible at the cursor: locals, the file's functions and classes, members of ``self``."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import msgspec

from loopwise.features.completion import by_use
from loopwise.features.completion.by_use import is_later
from loopwise.features.completion.candidates import (
    Candidate,
    is_listed_elsewhere,
    kept,
    kept_import,
    of_any,
    of_definition,
)
from loopwise.features.completion.items import Item, ItemKind, Tier
from loopwise.features.completion.named_items import called_item, held_item, plain_item, unknown_item
from loopwise.features.completion.parameters import accepted
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.promising import binding_is_promising, definition_of, function_is_promising, words
from loopwise.features.completion.receiver import fitting_members, receiver_of
from loopwise.features.completion.roles import FITS
from loopwise.features.completion.scores import Evidence, is_likely, score, taken
from loopwise.features.completion.uses import RECEIVERS
from loopwise.semantics.bindings import Binding, Kind, visible
from loopwise.semantics.index import is_handler
from loopwise.semantics.infer import Instance, names, reaching
from loopwise.syntax import COMPREHENSIONS, Node

_MOST = 150  # names that are looked into, nearest scopes first
_NEEDED = frozenset({Wants.AWAITABLE, Wants.COROUTINE, Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE, Wants.FUNCTION})


def items(place: Place) -> Iterator[Item]:
    """The fitting names in scope; empty where any name would fit, because a general server lists those."""
    if place.wants not in _NEEDED:
        return
    evidence = Evidence.at(place)
    found = list(_known(place, evidence))
    yield from found
    yield from by_use.items(place, evidence, {item.label for item in found})


def _known(place: Place, evidence: Evidence) -> Iterator[Item]:
    """Names that certainly or probably fit."""
    for name, candidate, local in _in_scope(place, evidence):
        if (candidate.is_handler and not evidence.uses[name]) or _is_entered(place, candidate, local=local):
            continue
        points = score(place, name, candidate, evidence, local=local)
        yield from of_name(place, name, candidate, points, evidence)
        if local and candidate.is_unknown:
            yield unknown_item(place, name, candidate, points, likely=is_likely(place, name, evidence))
    receiver = receiver_of(place)
    if receiver is not None:
        yield from _of_receiver(place, *receiver, evidence)


def _is_entered(place: Place, candidate: Candidate, *, local: bool) -> bool:
    """Is it a parameter with a task group or timeout, which its creator has already entered?"""
    return local and place.wants is Wants.ASYNC_CONTEXT and candidate.holds in {"asyncio.TaskGroup", "asyncio.Timeout"}


def _in_scope(place: Place, evidence: Evidence) -> Iterator[tuple[str, Candidate, bool]]:
    """Names in scope that may fit, with their candidates, and whether the current function binds them."""
    seen: set[str] = set()
    for scope, inside, flowing in visible(place.path, place.typed.node):
        if not inside or scope.type in COMPREHENSIONS or scope.type == "lambda":
            continue
        make = partial(_in_unit, place, scope, evidence, flowing=flowing)
        found = kept(place, ("names",), make) if scope.type == "module" and not flowing else make()
        local = scope.type == "function_definition" and flowing
        yield from ((name, candidate, local) for name, candidate in found if name not in seen)
        seen.update(place.view.file.table_of(scope).by_name)


def _in_unit(place: Place, unit: Node, evidence: Evidence, *, flowing: bool) -> tuple[tuple[str, Candidate], ...]:
    """The names of one unit that may fit, the latest first."""
    found: list[tuple[str, Candidate]] = []
    wanted = kept(place, ("words",), lambda: words(place))
    local = flowing and unit.type == "function_definition"
    for name, every in reversed(list(place.view.file.table_of(unit).by_name.items())):
        bindings = reaching.alive(place.ev, every)
        late = flowing and all(is_later(place, unit, binding) for binding in bindings)
        if local and name in RECEIVERS:
            continue  # its members are offered, and the general server has the name
        likely = local and (is_likely(place, name, evidence) or _is_fresh(place, unit, bindings))
        if late or len(found) >= _MOST or not (likely or _may_fit(place, unit, bindings, wanted, local=local)):
            continue
        make = partial(_of_binding, place, unit, name, bindings)
        imported = len(bindings) == 1 and bindings[0].kind is Kind.FROM
        candidate = kept_import(place, bindings[0], make) if imported else make()
        if candidate is not None:
            found.append((name, candidate))
    return tuple(found)


def _is_fresh(place: Place, unit: Node, bindings: tuple[Binding, ...]) -> bool:
    """Has the function bound a name of unknown type, where something to enter or iterate is needed?"""
    return place.wants in {Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE} and bindings[-1].kind is not Kind.IMPORT


def _of_binding(place: Place, unit: Node, name: str, bindings: tuple[Binding, ...]) -> Candidate | None:
    if all(binding.kind is Kind.FUNCTION for binding in bindings):
        node = definition_of(place.view.file, unit, bindings)
        candidate = of_definition(place, place.view.file, node, bound=False) if node is not None else None
        if candidate is not None:
            return candidate
        if node is not None and is_handler(node):
            value = names.at_place(place.ev, place.view.file, place.path, name, place.typed.node)
            return msgspec.structs.replace(of_any(place, value), is_handler=True)
    value = names.at_place(place.ev, place.view.file, place.path, name, place.typed.node)
    is_renamed = any(binding.kind is Kind.FROM and binding.member != name for binding in bindings)
    return of_any(place, value) if is_renamed or not is_listed_elsewhere(value) else None


def _may_fit(place: Place, unit: Node, bindings: tuple[Binding, ...], wanted: frozenset[bytes], *, local: bool) -> bool:
    """Can one of these bindings be what is needed, judged by their text?"""
    if bindings[0].name.startswith("__") or bindings[0].kind is Kind.IMPORT:
        return False
    file, kinds = place.view.file, {binding.kind for binding in bindings}
    if kinds <= {Kind.FUNCTION}:
        node = definition_of(file, unit, bindings)
        return node is not None and function_is_promising(place, node)
    if kinds <= {Kind.CLASS}:
        return place.wants in {Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE}
    return any(binding_is_promising(file, unit, binding, wanted, local=local) for binding in bindings)


def of_name(
    place: Place, name: str, candidate: Candidate, points: float, evidence: Evidence | None = None
) -> Iterator[Item]:
    """The items of one name: itself, its call, and the fitting members of an asyncio object."""
    wanted = FITS[place.wants]
    if candidate.itself & wanted and taken(place, candidate):
        yield plain_item(place, name, candidate, points)
    elif candidate.result & wanted and taken(place, candidate):
        yield called_item(place, name, candidate, points)
    elif place.wants is Wants.FUNCTION and candidate.is_set:
        label = f"{name}.discard"
        yield Item(label, ItemKind.METHOD, label, place.typed.span, filter=label, tier=Tier.FITS, score=8.0)
    else:
        for rank, held in enumerate(candidate.held):
            if taken(place, candidate):
                # Below the file's own functions, be the object a local or not.
                more = points_of(f"{name}.{held.name}", evidence)
                # Below local names of the same likeness, see ``scores``; each rank costs as much as one use earns.
                yield held_item(place, name, held, min(points, 15.0) - 7.0 - 3.0 * rank + more)
        for held in candidate.owned:
            if place.wants is not Wants.COROUTINE or "coroutine" in accepted(place.view, place.parameters):
                more = points_of(f"{name}.{held.name}", evidence)
                yield held_item(place, name, held, min(points, 17.0) - 8.0 + more + _of_outsider(held.name))


# What is done with most objects: in the code that the scores were chosen beside every fifth await of an own object.
_LIFE = frozenset("start connect run open close stop initialize setup shutdown disconnect".split())


def _of_outsider(name: str) -> float:
    """Points for a method's name: how likely other code is to call it."""
    return -6.0 if name.startswith("_") else 4.0 if name in _LIFE else 0.0


def points_of(name: str, evidence: Evidence | None) -> float:
    """Points for a member of an object, in addition to those of the object."""
    if evidence is None:
        return 0.0
    return 3.0 * min(evidence.uses[name], 6) + evidence.likeness.points(name)


def _of_receiver(place: Place, name: str, receiver: Instance, evidence: Evidence) -> Iterator[Item]:
    for member, candidate, distance in fitting_members(place, receiver):
        label = f"{name}.{member}"
        points = score(place, label, candidate, evidence, local=False) - distance
        yield from of_name(place, label, candidate, points, evidence)
        if candidate.is_unknown and (evidence.uses[label] or is_likely(place, label, evidence)):
            yield unknown_item(place, label, candidate, points, likely=True)
