"""Decides whether calls that are awaited one after another can run concurrently."""

from __future__ import annotations

import re

import msgspec

from loopwise.analysis.flow import changes_state, functions_of, waits, waits_for_part
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.names_read import is_read_by_nested
from loopwise.semantics.infer import Foreign, Instance, Module, Unknown, each
from loopwise.syntax import IDENTIFIERS, PLACES, Node, arguments_of, field, nodes_of, source_of, unwrap

# Objects whose result depends on the order of the calls, or which allow one reader at a time.
_STREAMS = (
    "asyncio.StreamReader",
    "asyncio.StreamWriter",
    "asyncio.Queue",
    "typing.AsyncGenerator",
    "typing.AsyncIterator",
)
# Clients that are made for many requests at once.
_AT_ONCE = frozenset({"httpx.AsyncClient", "aiohttp.ClientSession", "aiohttp.client.ClientSession"})


class Step(msgspec.Struct, frozen=True):
    """``left = await call``, or ``await call``."""

    statement: Node
    wait: Node
    call: Node
    left: Node | None

    @property
    def inner(self) -> Node:
        """The call that does the work: for a ``wait_for``, its argument."""
        if source_of(field(self.call, "function") or self.call).rpartition(".")[2] == "wait_for":
            positional, _, _ = arguments_of(self.call)
            first = unwrap(positional[0]) if positional else self.call
            return first if first.type == "call" else self.call
        return self.call

    @property
    def targets(self) -> list[Node]:
        """The targets that it assigns: names, attributes, items."""
        if self.left is None:
            return []
        is_one = self.left.type in {"identifier", *PLACES}
        found = [self.left] if is_one else [one for one in self.left.named_children if one.type != "comment"]
        return [one.named_children[0] if "splat" in one.type else one for one in found]

    @property
    def bound(self) -> frozenset[str]:
        return frozenset(" ".join(source_of(one).split()) for one in self.targets)

    @property
    def read(self) -> frozenset[str]:
        """The names, attributes and items that it reads."""
        nodes = [self.call, *(one for one in self.targets if one.type in PLACES)]
        names = {source_of(one) for node in nodes for one in nodes_of(node, IDENTIFIERS)}
        return frozenset(names | {" ".join(source_of(one).split()) for one in nodes_of(self.call, PLACES)})


def step_of(statement: Node) -> Step | None:
    """The step of a statement; ``None`` if it is not one."""
    if statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    value, left = statement.named_children[0], None
    if value.type == "assignment":
        left, value = field(value, "left"), field(value, "right") or value
    wait = unwrap(value)
    call = unwrap(wait.named_children[0]) if wait.type == "await" and wait.named_children else None
    if call is None or call.type != "call" or len(list(waits(statement))) != 1:
        return None
    return Step(statement, wait, call, left)


def needed(unit: Unit, steps: list[Step]) -> str:
    """The reason why the steps cannot run concurrently: one needs what another returns, uses or changes."""
    for index, step in enumerate(steps):
        for other in steps[:index]:
            if refused := _between(unit, other, step):
                return refused
    for target in (target for step in steps for target in step.targets if target.type == "attribute"):
        if re.search(rf"@{source_of(field(target, 'attribute') or target)}\.setter\b", unit.file.source.text):
            return f"Setting {source_of(target)} runs code, which another call may need"
    for step in steps:
        if state := changes_state(unit, step.inner):
            return f"{_name(step)}() changes or holds {state}, which another call may use"
    function = unit.function(steps[0].statement)
    for step in steps if function is not None else ():
        for name in step.bound:
            if function is not None and is_read_by_nested(function, name):
                return f"A nested function reads {name} and would see its previous value"
    return ""


def _name(step: Step) -> str:
    callee = field(step.inner, "function")
    return source_of((field(callee, "attribute") if callee is not None else None) or callee or step.inner)


def _between(unit: Unit, first: Step, second: Step) -> str:
    """The reason why the second step cannot run concurrently with the first; empty if it can."""
    both = first.bound & (second.read | second.bound)
    given = next(iter(sorted(both)), None) or next((one for one in first.targets if _may_read(unit, second, one)), None)
    if given is not None:
        shown = given if isinstance(given, str) else source_of(given)
        return f"One of the calls needs {shown}, which another one provides"
    receiver = _receiver(first)
    if receiver is not None and receiver == _receiver(second) and not _allows(unit, first, second):
        return f"Both calls use {receiver}, which may not allow two calls at once"
    for one, other in ((first, second), (second, first)):
        owner = _receiver(one)
        if owner is not None and owner in _passed(other) and not _allows(unit, one):
            return f"Both calls use {owner}, which may not allow two calls at once"
    for name in _arguments(first) & _arguments(second):
        node = next(n for n in nodes_of(first.inner, IDENTIFIERS) if source_of(n) == name)
        if unit.is_instance(unit.value(node), *_STREAMS):
            return f"Both calls use {name}, which does not allow two calls at once"
    return ""


def _may_read(unit: Unit, step: Step, target: Node) -> bool:
    """May a call read an attribute or item that was set, because it gets the object or is a method of it?"""
    if target.type not in PLACES:
        return False
    owner = source_of(field(target, "object") or field(target, "value") or target)
    word = source_of(field(target, "attribute") or target)
    for name in nodes_of(step.call, IDENTIFIERS):
        outer = name.parent
        if source_of(name) != owner or outer is None:
            continue
        if outer.type not in PLACES:
            return True
        callee = field(step.inner, "function")
        if callee == outer:
            functions = functions_of(unit, step.inner)
            texts = [source_of(node) for one in functions for node in one.nodes]
            return not texts or any(re.search(rf"\b{re.escape(word)}\b", text) for text in texts)
    return False


def _receiver(step: Step) -> str | None:
    callee = field(step.inner, "function")
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    return source_of(owner) if owner is not None else None


def _passed(step: Step) -> frozenset[str]:
    """The names and attributes that are passed to a call."""
    positional, keywords, _ = arguments_of(step.inner)
    return frozenset(" ".join(source_of(one).split()) for one in (*positional, *keywords.values()))


def _arguments(step: Step) -> frozenset[str]:
    positional, keywords, _ = arguments_of(step.inner)
    return frozenset(source_of(one) for one in (*positional, *keywords.values()) if one.type == "identifier")


def _allows(unit: Unit, *steps: Step) -> bool:
    """Is the receiver of the calls known to allow several at once?"""
    for step in steps:
        callee = field(step.inner, "function")
        owner = field(callee, "object") if callee is not None else None
        members = each(unit.value(owner)) if owner is not None else ()
        if all(isinstance(one, Module) or _is_client(one) for one in members) and members:
            continue
        if not functions_of(unit, step.inner) or not all(isinstance(one, Instance) for one in members):
            return False
        # The part may serve one caller at a time.
        if waits_for_part(unit, step.inner):
            return False
    return True


def _is_client(value: object) -> bool:
    if isinstance(value, Instance):
        return value.cls.fullname in _AT_ONCE
    return isinstance(value, Foreign) and value.name.removesuffix("()") in _AT_ONCE | {value.name.partition("(")[0]}


def gives_coroutine(unit: Unit, step: Step, *, surely: bool) -> bool:
    """Does the step await a coroutine or, unless ``surely``, something not known to be anything else?"""
    members = each(unit.value(step.call))
    return all(unit.is_coroutine(one) or (not surely and isinstance(one, Unknown)) for one in members)


__all__ = ["Step", "gives_coroutine", "needed", "step_of"]
