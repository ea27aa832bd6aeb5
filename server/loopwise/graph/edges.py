"""Finds the edges of one function: each call in its own code, and how it is made."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import items
from loopwise.analysis.blocking import blocking, takes_long
from loopwise.analysis.flow import dropped
from loopwise.analysis.unit import Unit
from loopwise.graph.around import Around, is_lock
from loopwise.graph.spawners import spawned
from loopwise.graph.starters import Given, assigned_values, given, shortened
from loopwise.graph.targets import Target, method, targets
from loopwise.graph.values import CONCURRENT, Edge, Held, Kind
from loopwise.semantics.infer import each
from loopwise.syntax import (
    AWAITS,
    CALLS,
    CLASSES_AND_FUNCTIONS,
    WITHS,
    Node,
    arguments_of,
    awaited_part,
    decorators_of,
    field,
    is_async,
    parts_of,
    text_of,
    unwrap,
    walk,
)

_OF_OPEN_FILES = "blocking-file-method"  # where the file is opened is said already
# Builtins that call nothing of the project's; most calls are of these.
_BUILTINS = frozenset(
    "abs all any bool bytearray bytes callable chr dict dir enumerate filter float format frozenset getattr hasattr"
    " hash hex id int isinstance issubclass iter len list locals max memoryview min next object oct ord pow print range"
    " repr reversed round set setattr slice sorted str sum super tuple type vars zip".split()
)
# Methods of texts, lists and dictionaries; where an attribute of that name is the project's own, it is another call.
_OF_TEXTS = frozenset("append capitalize casefold encode decode endswith extend format items join lower lstrip rstrip"
    " setdefault split splitlines startswith strip title upper".split())  # fmt: skip


class Own:
    """The calls in one function's own code, and what runs each of them."""

    def __init__(self, unit: Unit, body: Node, properties: frozenset[str]) -> None:
        self.unit = unit
        self.nodes = list(walk(body, skip=CLASSES_AND_FUNCTIONS))
        self.properties = properties
        self._given: dict[int, Given] = {}
        """By the ID of a call's node: what runs the coroutine that the call creates."""
        self._references: list[tuple[Node, Given]] = []
        self._starters: set[int] = set()
        self.within = Around(unit).within

    def edges(self) -> Iterator[Edge | None]:
        """The edges in source order; ``None`` after each call, so that the work can be done in steps."""
        # First all starters and waits: a call's kind depends on nodes that come later in the source.
        for call in (node for node in self.nodes if node.type == "call"):
            self._look_at_starter(call)
            yield None
        for wait in (node for node in self.nodes if node.type in AWAITS):
            self._look_at_wait(wait)
        for node in self.nodes:
            if node.type == "call":
                yield from self._of_call(node)
                yield None
            elif node.type == "attribute" and self.properties:
                yield from self._of_property(node)
            elif node.type in {"for_statement", "for_in_clause", "with_item"}:
                yield from self._of_protocol(node)

    def locks(self) -> Iterator[Held]:
        for statement in (node for node in self.nodes if node.type in WITHS):
            for item in items(statement):
                if is_lock(self.unit, item):
                    line = statement.start_point[0]
                    yield Held(shortened(item.value), statement.start_byte, statement.end_byte, line)

    def _look_at_starter(self, call: Node) -> None:
        found = given(self.unit, call)
        if found is None:
            return
        self._starters.add(call.id)
        for one in found:
            # The task was started elsewhere and has its edge there.
            if one.node.type == "call" and self._is_started(one.node):
                continue
            if one.node.type == "lambda":
                self._given.update((inner.id, one) for inner in walk(one.node))
            elif one.node.type == "call" and one.kind not in {"callback", "process", "thread"}:
                self._given.setdefault(one.node.id, one)
            else:
                self._references.append((call, one))

    def _is_started(self, call: Node) -> bool:
        """Does a call already create a task, which ``gather`` and the like only wait for?"""
        return self.unit.is_instance(self.unit.value(call), "asyncio.Task", "asyncio.Future")

    def _look_at_wait(self, wait: Node) -> None:
        """Mark the call in ``job = fetch()``, with a later ``await job``, as awaited."""
        awaited = awaited_part(wait)
        if awaited is not None and unwrap(awaited).type == "identifier":
            for value in assigned_values(self.unit, unwrap(awaited)):
                if unwrap(value).type == "call":
                    self._given.setdefault(unwrap(value).id, Given("awaits", unwrap(value)))

    def _of_call(self, call: Node) -> Iterator[Edge]:
        # The starter itself is asyncio's; the edges are those of its arguments.
        if call.id in self._starters:
            for starter, handed in self._references:
                if starter.id == call.id:
                    yield from self._handed(call, handed)
            return
        callee = field(call, "function")
        if callee is None or _is_plain(callee):
            return
        kind = self._kind(call)
        one = self._given.get(call.id)
        if one is None and kind == "calls":
            one = spawned(self.unit, call)
        within = (*self.within(call), *(one.within if one is not None else ()))
        reached = targets(self.unit, callee)
        for target in reached:
            yield self._edge(one.kind if one is not None else kind, call, callee, target, within)
        # A call that leads into the project is followed instead.
        if not reached and kind == "calls" and one is None:
            yield from self._blocking(call, within)

    def _handed(self, call: Node, one: Given) -> Iterator[Edge]:
        """The edges to a function that is passed to something that runs it."""
        within = (*self.within(call), *one.within)
        for target in targets(self.unit, one.node):
            yield self._edge(one.kind, call, _written(one.node), target, within)

    def _edge(self, kind: Kind, call: Node, callee: Node, target: Target, within: tuple[str, ...]) -> Edge:
        lost = self._is_lost(call, kind)
        place = call.start_byte, call.end_byte, call.start_point[0]
        return Edge(kind, shortened(callee), *place, target.ref, target.receiver, within, lost)

    def _kind(self, call: Node) -> Kind:
        if self.unit.is_awaited(call) or _is_entered_or_iterated(call):
            return "awaits"
        return "calls"

    def _is_lost(self, call: Node, kind: Kind) -> bool:
        """Is the started task discarded?  Awaitables that are never awaited are left to the rules."""
        if kind not in CONCURRENT - {"group"}:
            return False
        outer = call.parent
        while outer is not None and outer.type != "call":
            if outer.type.endswith("_statement"):
                return False
            outer = outer.parent
        if outer is None or outer.id not in self._starters:
            return False
        return any(one.id == outer.id for one in dropped(self.unit.statement(outer)))

    def _blocking(self, call: Node, within: tuple[str, ...]) -> Iterator[Edge]:
        if any(outer.type == "lambda" for outer in self.unit.around(call)) or self.unit.runs(call).name == "LAMBDA":
            return
        found = blocking(self.unit, call)
        if found is not None and found.rule != _OF_OPEN_FILES:
            place = call.start_byte, call.end_byte, call.start_point[0]
            lasting = takes_long(found.name, found.long, found.rule)
            yield Edge("blocks", found.name, *place, within=within, lasting=lasting)

    def _of_property(self, node: Node) -> Iterator[Edge]:
        name, held = field(node, "attribute"), field(node, "object")
        if name is None or held is None or text_of(name) not in self.properties:
            return
        for value in each(self.unit.value(held)):
            target = method(self.unit, value, text_of(name))
            if target is not None:
                yield self._edge("calls", node, node, target, self.within(node))

    def _of_protocol(self, node: Node) -> Iterator[Edge]:
        """The edges to the methods that ``async with`` and ``async for`` await."""
        value = field(node, "value" if node.type == "with_item" else "right")
        if value is None or not _is_entered_or_iterated(value):
            return
        if value.type == "as_pattern" and parts_of(value):
            value = parts_of(value)[0]
        name = "__aenter__" if node.type == "with_item" else "__anext__"
        for one in each(self.unit.value(value)):
            target = method(self.unit, one, name)
            if target is not None:
                yield self._edge("awaits", value, value, target, self.within(node))


def decorators(function: Node) -> tuple[str, ...]:
    """The decorators as written, each on one line."""
    return tuple(shortened(one, 60) for one in decorators_of(function))


def _written(node: Node) -> Node:
    positional, _, _ = arguments_of(node) if node.type in CALLS else ([], {}, False)
    return positional[0] if positional else node


def _is_plain(callee: Node) -> bool:
    if callee.type == "identifier":
        return text_of(callee) in _BUILTINS
    name = field(callee, "attribute") if callee.type == "attribute" else None
    held = field(callee, "object") if name is not None else None
    return name is not None and held is not None and held.type == "string" and text_of(name) in _OF_TEXTS


def _is_entered_or_iterated(node: Node) -> bool:
    """Is an expression entered by ``async with`` or iterated by ``async for``?"""
    outer = node.parent
    while outer is not None and outer.type in {"as_pattern", "parenthesized_expression", "with_clause", "with_item"}:
        node, outer = outer, outer.parent
    if outer is None or not is_async(outer):
        return False
    if outer.type == "with_statement":
        return node != field(outer, "body")
    return outer.type in {"for_statement", "for_in_clause"} and field(outer, "right") == node
