"""Finds what a plain function blocks on, directly or through the plain functions it calls, in any file of the project.

Functions that are passed on to run elsewhere (``to_thread(f)``, ``partial(f)``, lambdas, nested functions) do not
count. A generator does nothing until it is iterated.  An unknown function is assumed not to block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.blocking.calls import Blocks, blocking
from loopwise.analysis.blocking.kept import is_cached, runs_once
from loopwise.analysis.blocking.sync_functions import direct, may_be_one, may_block, takes_long
from loopwise.analysis.flow import contradicts, needed, own, parameters_of, turns
from loopwise.analysis.known_names import OUTCOMES
from loopwise.analysis.prefilter import aliases_of
from loopwise.analysis.unit import Unit
from loopwise.memo import Memo
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import (
    UNKNOWN,
    ClassObject,
    Function,
    Instance,
    Signature,
    Value,
    decorator_names,
    definitions,
    each,
    members,
)
from loopwise.syntax import CALLS, Node, field, is_async, span_of, text_of
from loopwise.text import Span

_DEEPEST = 8  # functions on the way
_MOST = 6  # ways out of one function
_TURNS = 2  # what has to come together
# Some ten milliseconds, which matter only if they come again and again.
_BRIEF = "blocking-tls-context"
# Decorators that leave it to the caller's thread when and whether the function runs.
_PLAIN = frozenset(
    "staticmethod classmethod property cached_property lru_cache cache override final abstractmethod wraps deprecated"
    " contextmanager".split()
)
# A function that mentions these chooses at run time between a blocking and an asynchronous path, so the text of its
# blocking path proves nothing.
_MARK = re.compile(
    rb"\b(?:get_running_loop|get_event_loop|_get_running_loop|is_running|current_thread|get_ident|in_async\w*"
    rb"|sniffio|is_async\w*|run_until_complete|current_async_library|iscoroutine\w*|isawaitable)\b"
)
_ACQUIRES = re.compile(r"acquire|lock|__enter__")
# Functions that return an existing result, if they are called at the right time.
_ITERATED = frozenset("list tuple set dict sorted sum any all max min next frozenset deque join extend update".split())


class Hop(msgspec.Struct, frozen=True):
    """One call on the way to the blocking one."""

    name: str
    """The callee's known name: ``Client.fetch``, ``time.sleep``."""
    file: File
    span: Span


class Way(msgspec.Struct, frozen=True):
    """A chain of calls from a function's body to a blocking call, which comes last."""

    sink: Blocks
    hops: tuple[Hop, ...]
    needs: tuple[tuple[str, bool], ...] = ()
    """Parameters of the function that must be true, or false."""
    turns: int = 0
    """The number of conditions that have to coincide for all hops to be made; see
    :func:`~loopwise.analysis.flow.conditions.turns`."""


class Reached(msgspec.Struct, frozen=True):
    """A blocking call that a call leads to."""

    function: Function
    way: Way


def reached(unit: Unit, node: Node) -> Reached | None:
    """The chain from a call, or from an attribute that is a property, to a certain blocking call; else ``None``."""
    found = [_reached(unit, node, function, _Trail(())) for function in _functions(unit, node)]
    sure = [one for one in found if one is not None]
    return sure[0] if sure and len(sure) == len(found) else None


class _Trail(msgspec.Struct, frozen=True):
    """The functions being examined, outermost first."""

    functions: tuple[tuple[str, int], ...]


def _reached(unit: Unit, node: Node, function: Function, trail: _Trail) -> Reached | None:
    if not _runs_here(function, node):
        return None
    for way in sorted(_ways(unit, function, trail), key=lambda way: (way.turns, len(way.hops))):
        if way.sink.rule == _BRIEF and is_cached(function.nodes[0]):
            continue
        if not any(contradicts(node, function, name, wanted=wanted) for name, wanted in way.needs):
            return Reached(function, way)
    return None


def _functions(unit: Unit, node: Node) -> tuple[Function, ...]:
    """The project's functions that a call reaches; empty if it may reach anything else."""
    names = may_block(unit)
    if node.type == "call":
        if not may_be_one(unit, node, names.called):
            return ()
        values = _called(unit, node)
    else:
        name, owner = field(node, "attribute"), field(node, "object")
        if name is None or owner is None or (name.text or b"") not in names.read:
            return ()
        found = (_method(unit, member, text_of(name)) for member in each(unit.value(owner)))
        values = tuple(one if one is not None and definitions.is_property(one) else UNKNOWN for one in found)
    functions = [_function(unit, value) for value in values]
    return tuple(one for one in functions if one is not None) if None not in functions else ()


def _called(unit: Unit, call: Node) -> tuple[Value, ...]:
    """The possible callees; for a method changed by a decorator, the method itself."""
    values, callee = each(unit.called(call)), field(call, "function")
    name = field(callee, "attribute") if callee is not None and callee.type == "attribute" else None
    owner = field(callee, "object") if callee is not None else None
    if name is None or owner is None or not any(isinstance(value, Signature) for value in values):
        return values
    return tuple(_method(unit, member, text_of(name)) or UNKNOWN for member in each(unit.value(owner)))


def _function(unit: Unit, value: Value) -> Function | None:
    """A function of the project; for a class, the one that constructs its instances."""
    if isinstance(value, ClassObject) and not value.file.is_stub:
        made = _member(unit, value, "__init__") or _member(unit, value, "__post_init__")
        return msgspec.structs.replace(made, bound=Instance(value)) if made is not None else None
    value = value.made_of if isinstance(value, Signature) and value.made_of is not None else value
    return value if isinstance(value, Function) and not value.file.is_stub and len(value.nodes) == 1 else None


def _method(unit: Unit, owner: Value, name: str) -> Function | None:
    return _member(unit, owner.cls, name) if isinstance(owner, Instance) and not owner.cls.file.is_stub else None


def _member(unit: Unit, cls: ClassObject, name: str) -> Function | None:
    base, bindings = next(members.found_in(unit.ev, cls, name), (None, ()))
    if base is None or base.file.is_stub:
        return None
    found = definitions.function(unit.ev, base.file, base.node, bindings)
    return found if isinstance(found, Function) else None


def _runs_here(function: Function, node: Node) -> bool:
    """Does a call run the function's body then and there?"""
    definition = function.nodes[0]
    decorators, name = decorator_names(definition), field(definition, "name")
    if is_async(definition) or not _PLAIN.issuperset(decorators) or (name is not None and text_of(name) in OUTCOMES):
        return False
    if not definitions.is_generator(definition):
        return True
    return _is_entered(node) if "contextmanager" in decorators else _is_iterated(node)


def _is_entered(node: Node) -> bool:
    outer = node.parent
    while outer is not None and outer.type in {"as_pattern", "with_item", "with_clause"}:
        outer = outer.parent
    return outer is not None and outer.type == "with_statement"


def _is_iterated(node: Node) -> bool:
    outer = node.parent
    if outer is not None and outer.type in {"for_statement", "for_in_clause"}:
        return field(outer, "right") == node and not is_async(outer)
    call = outer.parent if outer is not None and outer.type == "argument_list" else None
    callee = field(call, "function") if call is not None and call.type == "call" else None
    return callee is not None and text_of(callee).rpartition(".")[2] in _ITERATED


def _ways(unit: Unit, function: Function, trail: _Trail) -> tuple[Way, ...]:
    """The ways in which a function comes to block; cached until something they depend on may have changed."""
    file, node = function.file, function.nodes[0]
    key = (file.key, node.start_byte)
    if key in trail.functions or len(trail.functions) >= _DEEPEST:
        return ()

    def find() -> tuple[Way, ...]:
        return tuple(_found(_unit_of(unit, file), node, _Trail((*trail.functions, key))))

    def lasts(ways: tuple[Way, ...]) -> bool:
        """Do no ways lead back into the file being edited?"""
        back = any(hop.file is unit.file for way in ways for hop in way.hops)
        return not (back and trail.functions and file is not unit.file)

    memo = unit.per_edit if file is unit.file else unit.ev.per_version
    return memo.get(("ways", *key), find, lasts)


def _unit_of(unit: Unit, file: File) -> Unit:
    """The unit in which code of another file is examined."""
    if file is unit.file:
        return unit
    units: dict[str, Unit] = unit.per_edit.get("units", dict)
    if file.key not in units:
        view, memo = msgspec.structs.replace(unit.view, file=file), Memo()
        memo.get("units", lambda: units)
        units[file.key] = Unit(view, file.root, aliases_of(file.source.data), unit.coroutines, memo)
    return units[file.key]


def _found(unit: Unit, function: Node, trail: _Trail) -> Iterator[Way]:
    body = field(function, "body")
    if body is None or _MARK.search(function.text or b""):
        return
    candidates = direct(unit) | may_block(unit).called
    parameters = parameters_of(function)
    count = 0
    for call in own(body, CALLS):
        if not may_be_one(unit, call, candidates):
            continue
        way = _way(unit, call, trail)
        if way is not None and way.sink.rule == _BRIEF and runs_once(call, function):
            continue
        weight = way.turns + turns(call, function, parameters) if way is not None else 0
        if way is not None and weight <= _TURNS:
            yield msgspec.structs.replace(way, needs=tuple(needed(call, function, parameters)), turns=weight)
            count += 1
            if count == _MOST:
                return


def _way(unit: Unit, call: Node, trail: _Trail) -> Way | None:
    sink = blocking(unit, call)
    if sink is not None and sink.name.startswith("threading.Condition.") and _is_of_lock(unit, call):
        return None
    if sink is not None:
        hop = Hop(sink.name, unit.file, span_of(call))
        return Way(sink, (hop,)) if takes_long(sink.name, sink.long, sink.rule) else None
    found = [_reached(unit, call, function, trail) for function in _functions(unit, call)]
    if not found or None in found or found[0] is None:
        return None
    hop = Hop(found[0].function.qualname, unit.file, span_of(call))
    return Way(found[0].way.sink, (hop, *found[0].way.hops), turns=found[0].way.turns)


def _is_of_lock(unit: Unit, call: Node) -> bool:
    """Is a call in a method that acquires a lock, which others hold for as short a time as they do that of ``with``?"""
    function = unit.function(call)
    name = field(function, "name") if function is not None else None
    return name is not None and _ACQUIRES.search(text_of(name)) is not None
