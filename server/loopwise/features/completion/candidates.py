"""The possible uses of a name in scope, in a form that can be kept from one keystroke to the next.

A :class:`Candidate` holds no tree and no value: a class in a real project has a hundred members, each of which takes
0.1 to 1 ms to evaluate, and nothing outside the function being edited changes between keystrokes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from loopwise.cards import load_usage
from loopwise.features.completion.parameters import takes_arguments
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.results import result_detail, target_name
from loopwise.features.completion.roles import FITS, Role, Roles, is_callable, of_result, of_value
from loopwise.semantics import symbols
from loopwise.semantics.bindings import Binding, File, Kind, table_of
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Signature,
    Unknown,
    Value,
    each,
    inheritance,
    is_generator,
    members,
)
from loopwise.syntax import Node, decorators_of, field, is_async, node_at, text_of

# For each object, so that its methods do not crowd out the file's own names.
_MOST_MEMBERS = 2
_MOST_OWNED = 40  # methods of one object of the user's own classes
_LONGEST = 40
_RUN = rb"\b(?:asyncio\.run|run_until_complete)\(\s*"
# Their classes appear in annotations only.
_ABSTRACT = frozenset({"typing", "collections.abc", "typing_extensions", "_collections_abc"})


class Held(msgspec.Struct, frozen=True):
    """A fitting member of an asyncio object: ``get`` of a queue."""

    name: str
    symbol: str | None
    takes: bool
    detail: str


class Candidate(msgspec.Struct, frozen=True):
    """The facts about a name, for one kind of place."""

    itself: Roles = Role.NONE
    result: Roles = Role.NONE
    """The uses of a call's result."""
    coroutine: bool = False
    """Is the awaitable a coroutine rather than a future?"""
    takes: bool = False
    """Does a call take arguments?"""
    is_function: bool = False
    is_class: bool = False
    detail: str = ""
    target: str = ""
    """A name for the target of ``async with``."""
    holds: str | None = None
    """The asyncio class that it is an instance of."""
    held: tuple[Held, ...] = ()
    owned: tuple[Held, ...] = ()
    """Fitting methods of an instance of one of the user's own classes."""
    is_set: bool = False
    is_unknown: bool = False
    arity: tuple[int, int] | None = None
    """The minimum and maximum number of a function's positional arguments."""
    lonely: bool = False
    """Is it named nowhere except where it is defined?"""
    is_passed: bool = False
    """Is it named but never called, and so presumably passed on?"""
    is_handler: bool = False
    """Does a framework call it, like a route's function?"""
    runs_program: bool = False
    """Is it passed to ``asyncio.run``, or named as if it were?"""
    at: int | None = None
    """The approximate byte offset of its definition in its file."""

    def fits(self, wanted: Roles) -> bool:
        return bool(self.itself & wanted or self.result & wanted)


def of_definition(place: Place, file: File, node: Node, *, bound: bool) -> Candidate | None:
    """The candidate of an undecorated function, read off its definition; ``None`` if it has to be evaluated."""
    if decorators_of(node) or (not is_async(node) and place.wants is not Wants.FUNCTION):
        return None
    table = table_of(node)
    takes = len(table.parameters) > int(bound)
    arity = _arity(table.parameters[int(bound) :])
    name = (field(node, "name") or node).text or b""
    named = len(re.findall(rb"\b" + re.escape(name) + rb"\b", file.source.data))
    known = Candidate(
        itself=Role.FUNCTION,
        takes=takes,
        is_function=True,
        arity=arity,
        lonely=named == 1,
        is_passed=named > 1 and file.source.data.count(name + b"(") == 1,
        runs_program=not bound and _runs_program(file, name),
        at=node.start_byte,
    )
    if not is_async(node):
        return known
    if is_generator(node):
        return None
    detail = _written_result(node) if place.wants is not Wants.FUNCTION else ""
    return msgspec.structs.replace(
        known, itself=Role.COROUTINE_FUNCTION, result=Role.AWAITABLE, coroutine=True, detail=detail
    )


def _arity(parameters: Sequence[Binding]) -> tuple[int, int]:
    by_position = [p for p in parameters if not p.keyword_only and not p.splat]
    most = 99 if any(p.splat == "*" for p in parameters) else len(by_position)
    return sum(p.value is None for p in by_position), most


def _written_result(node: Node) -> str:
    result = field(node, "return_type")
    text = " ".join(text_of(result).split()).strip("'\"") if result is not None else ""
    return f" → {text}" if text and len(text) <= _LONGEST else ""


def of_any(place: Place, value: Value) -> Candidate:
    """The candidate of any other value."""
    callable_ = is_callable(value)
    itself = of_value(place.ev, value)
    result = of_result(place.ev, value) if callable_ and place.wants is not Wants.FUNCTION else Role.NONE
    fits = bool((itself | result) & FITS[place.wants])
    held = symbols.held_class(place.view.api, value)
    return Candidate(
        itself=itself,
        result=result,
        coroutine=fits and _is_coroutine(place, value, called=callable_),
        takes=callable_ and any(takes_arguments(place.view, member) for member in each(value)),
        is_function=any(isinstance(member, (Function, Signature)) for member in each(value)),
        is_class=any(isinstance(member, ClassObject) for member in each(value)),
        detail=result_detail(place, value) if fits else "",
        target=target_name(place, value) if fits else "",
        holds=held[0] if held is not None else None,
        held=tuple(_held(place, held[0], held[1])) if held is not None and not fits else (),
        owned=tuple(_owned(place, value)) if not fits else (),
        is_unknown=any(isinstance(member, Unknown) for member in each(value)) and not fits,
        is_set=any(isinstance(m, Instance) and m.cls.fullname == "builtins.set" for m in each(value)),
    )


def _is_coroutine(place: Place, value: Value, *, called: bool) -> bool:
    given = place.ev.called(value) if called else value
    return any(isinstance(m, Instance) and m.cls.fullname == "typing.Coroutine" for m in each(given))


def _owned(place: Place, value: Value) -> Iterator[Held]:
    """The fitting methods of an instance of one of the user's own classes, judged by their definitions."""
    wanted = FITS[place.wants]
    for owner in (m for m in each(value) if isinstance(m, Instance) and not m.cls.file.is_stub):
        left = _MOST_OWNED
        for name, cls in members.names_of(place.ev, owner.cls).items():
            bindings = cls.file.table_of(cls.node).by_name.get(name, ())
            if cls.file.is_stub or not bindings or bindings[-1].kind is not Kind.FUNCTION or name.startswith("__"):
                continue
            node = node_at(cls.file.root, (bindings[-1].value or bindings[-1].at).shifted(cls.node.start_byte))
            found = _method(place, owner, cls, name, node) if node is not None else None
            if found is not None and found.result & wanted and left > 0:
                left -= 1
                yield Held(name, None, found.takes, found.detail)


def _method(place: Place, owner: Instance, cls: ClassObject, name: str, node: Node) -> Candidate | None:
    """The candidate of a method; evaluated only if its decorators or its body may matter besides ``async def``."""
    if place.wants is Wants.FUNCTION or (not is_async(node) and not decorators_of(node)):
        return None
    is_plain = not decorators_of(node) and not is_generator(node)
    if is_plain and place.wants in {Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE}:
        return None
    plain = of_definition(place, cls.file, node, bound=True)
    if plain is not None:
        return plain
    value = place.ev.attribute(owner, name)
    return Candidate(
        result=of_result(place.ev, value),
        takes=any(takes_arguments(place.view, member) for member in each(value)),
        detail=result_detail(place, value),
    )


def _held(place: Place, cls: str, owner: Instance) -> Iterator[Held]:
    """The most used of an asyncio object's fitting members."""
    found: list[tuple[float, str, str]] = []
    for base in inheritance.mro(place.ev, owner.cls):
        for name in base.file.table_of(base.node).by_name:
            symbol = symbols.public(place.view.api, f"{cls}.{name}") if not name.startswith("_") else None
            weight = load_usage().weight(symbol, place.wants.value) if symbol is not None else 0.0
            facts = place.view.api.facts(symbol) if symbol is not None and weight else None
            if symbol is not None and facts is not None and facts.available(place.view.target.ceiling):
                found.append((-weight, name, symbol))
    for _, name, symbol in sorted(set(found))[:_MOST_MEMBERS]:
        value = place.ev.attribute(owner, name)
        if of_result(place.ev, value) & FITS[place.wants]:
            takes = any(takes_arguments(place.view, member) for member in each(value))
            yield Held(name, symbol, takes, result_detail(place, value))


Kept = TypeVar("Kept")


def kept(place: Place, what: tuple[object, ...], make: Callable[[], Kept]) -> Kept:
    """The result of ``make``, which depends on text outside the current function, cached while that is unchanged."""
    if place.outside is None:
        return make()
    return _kept(place, (place.outside, place.view.file.key, *what), make)


def kept_import(place: Place, binding: Binding, make: Callable[[], Kept]) -> Kept:
    """The items for a name of another module, computed once while only this one changes."""
    source = place.view.file.absolute(binding.module)
    if source is None or source == place.view.file.name:
        return make()
    return _kept(place, (source, binding.member), make)


def _kept(place: Place, what: tuple[object, ...], make: Callable[[], Kept]) -> Kept:
    return place.ev.per_version.get((place.wants.value, place.ev.version, *what), make)


def is_listed_elsewhere(value: Value) -> bool:
    """Is the value one of asyncio's functions or classes, which are offered in the file's own spelling?

    Or is it an abstract class of ``typing``, which is never instantiated?
    """
    return any(
        isinstance(m, (Function, ClassObject)) and (symbols.is_asyncio(m.file.name) or m.file.name in _ABSTRACT)
        for m in each(value)
    )


def _runs_program(file: File, name: bytes) -> bool:
    """Is a function passed to ``asyncio.run``, or named as if it were?"""
    return name == b"main" or re.search(_RUN + re.escape(name) + rb"\b", file.source.data) is not None
