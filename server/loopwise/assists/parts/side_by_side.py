"""Decides whether calls that are awaited one after another can run concurrently."""

from __future__ import annotations

import re

from loopwise.analysis.flow import changes_state, functions_of, own_names, seen, state_changed, waits_for_part
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.effects import awaits_given, effect_of
from loopwise.assists.parts.names_read import is_read_by_nested
from loopwise.assists.parts.steps import Step
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import Foreign, Instance, Module, Unknown, each
from loopwise.syntax import (
    CLASSES,
    FUNCTIONS,
    IDENTIFIERS,
    PLACES,
    Node,
    arguments_of,
    decorators_of,
    field,
    nodes_of,
    source_of,
)

# Objects whose result depends on the order of the calls, or which allow one reader at a time.
_STREAMS = (
    "asyncio.StreamReader",
    "asyncio.StreamWriter",
    "asyncio.Queue",
    "typing.AsyncGenerator",
    "typing.AsyncIterator",
)
_MAKES = frozenset({"__init__", "__new__", "__post_init__"})
# Clients that are made for many requests at once.
_AT_ONCE = frozenset({"httpx.AsyncClient", "aiohttp.ClientSession", "aiohttp.client.ClientSession"})


def needed(unit: Unit, steps: list[Step]) -> str:
    """The reason why the steps cannot run concurrently: one needs what another returns, uses or changes."""
    for index, step in enumerate(steps):
        for other in steps[:index]:
            if refused := _between(unit, other, step):
                return refused
    for target in (target for step in steps for target in step.targets if target.type == "attribute"):
        if re.search(rf"@{source_of(field(target, 'attribute') or target)}\.setter\b", unit.file.source.text):
            return f"Setting {source_of(target)} runs code, which another call may need"
    if effect := next(filter(None, (effect_of(unit, step) for step in steps)), ""):
        return effect
    for step in steps:
        if overriding := _override(unit, step):
            return f"{_name(step)}() may be that of {overriding}, which may need the calls in order"
    for step in steps:
        state = changes_state(unit, step.inner)
        if state := state or seen(unit, step.inner, lambda function, file: _hooked(unit, function, file)):
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
        if owner is not None and _is_part(_receiver(other), owner) and _may_use_parts(unit, one):
            return f"Both calls use {owner}, which may not allow two calls at once"
        if owner is not None and owner in _passed(other) and not _allows(unit, one):
            return f"Both calls use {owner}, which may not allow two calls at once"
    part = waits_for_part(unit, first.inner) if receiver is not None else ""
    if part and part == waits_for_part(unit, second.inner) and receiver != _receiver(second):
        return f"Both calls use {part}, which may be one object that does not allow two calls at once"
    for name in _arguments(first) & _arguments(second):
        node = next(n for n in nodes_of(first.inner, IDENTIFIERS) if source_of(n) == name)
        if unit.is_instance(unit.value(node), *_STREAMS):
            return f"Both calls use {name}, which does not allow two calls at once"
        if hook := next(filter(None, map(_hook, each(unit.value(node)))), ""):
            return f"Both calls use {name}, whose {hook}() may depend on the order of the calls"
        if all(awaits_given(unit, one.inner, name) for one in (first, second)) and not _is_client(unit.value(node)):
            return f"Both calls use {name}, which may not allow two calls at once"
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


def _is_part(receiver: str | None, owner: str) -> bool:
    """Is a receiver an attribute or item of another one?"""
    return receiver is not None and receiver.startswith((f"{owner}.", f"{owner}["))


def _may_use_parts(unit: Unit, step: Step) -> bool:
    """May a method use attributes of its object: is its code not seen, or does it name some?"""
    texts = [source_of(node) for one in functions_of(unit, step.inner) for node in one.nodes]
    return not texts or any(re.search(r"\b(?:self|cls)\.", text) for text in texts)


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


def _override(unit: Unit, step: Step) -> str:
    """The class of the file that overrides a called method of its base class."""
    for function in functions_of(unit, step.inner):
        base = function.owner.node if function.owner is not None else None
        owner = source_of(field(base, "name") or base) if base is not None else ""
        name = function.qualname.rpartition(".")[2]
        for cls in nodes_of(unit.file.root, CLASSES) if owner else ():
            bases, body = field(cls, "superclasses"), field(cls, "body")
            made = (
                [field(one, "name") for one in body.named_children if one.type in FUNCTIONS] if body is not None else []
            )
            if bases is not None and any(source_of(one) == owner for one in nodes_of(bases, IDENTIFIERS)):
                if any(one is not None and source_of(one) == name for one in made):
                    return source_of(field(cls, "name") or cls)
    return ""


def _hook(value: object) -> str:
    """The method of a project's object that operators, loops and reads call, and that changes something."""
    cls = value.cls if isinstance(value, Instance) and not value.cls.file.is_stub else None
    for method in nodes_of(cls.node, FUNCTIONS) if cls is not None else ():
        name = source_of(field(method, "name") or method)
        is_special = name.startswith("__") and name not in _MAKES
        is_special = is_special or any(source_of(mark) == "property" for mark in decorators_of(method))
        if cls is not None and is_special and state_changed(method, cls.file):
            return name
    return ""


def _hooked(unit: Unit, function: Node, file: File) -> str:
    """An object that a function uses without owning it, and whose operators or properties change something."""
    own = own_names(function, file)
    for name in nodes_of(field(function, "body") or function, IDENTIFIERS):
        if source_of(name) not in own and any(map(_hook, each(unit.ev.value(file, name)))):
            return source_of(name)
    return ""


def _is_client(value: object) -> bool:
    if isinstance(value, Instance):
        return value.cls.fullname in _AT_ONCE
    return isinstance(value, Foreign) and value.name.removesuffix("()") in _AT_ONCE | {value.name.partition("(")[0]}


def gives_coroutine(unit: Unit, step: Step, *, surely: bool) -> bool:
    """Does the step await a coroutine or, unless ``surely``, something not known to be anything else?"""
    members = each(unit.value(step.call))
    return all(unit.is_coroutine(one) or (not surely and isinstance(one, Unknown)) for one in members)


__all__ = ["gives_coroutine", "needed"]
