"""Decides whether a call that is awaited has an effect that the calls after it wait for."""

from __future__ import annotations

import re

from loopwise.analysis.flow import functions_of, root_of, seen
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.steps import Step
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import Function
from loopwise.syntax import AWAITS, Node, arguments_of, field, nodes_of, parts_of, text_of, unwrap

# Functions that are awaited so that what follows comes later.
_DELAYS = re.compile(r"(?:async_)?sleep(?:_\w+)?|wait|wait_(?!for\b)\w+|wait_for_\w+|join|acquire|drain")
# Verbs of functions that change something: the first word of the name, after underscores.
_EFFECTS = re.compile(
    r"_*(?:async_|a)?(?:set|add|append|put|post|patch|insert|create|make|delete|remove|drop|clear|reset|update|upsert"
    r"|write|save|store|commit|rollback|begin|send|publish|emit|notify|register|unregister|subscribe|unsubscribe"
    r"|connect|disconnect|reconnect|login|logout|authenticate|auth|open|close|start|stop|restart|run|setup|init"
    r"|initialize|teardown|shutdown|cleanup|cancel|kill|terminate|abort|enable|disable|lock|unlock|release|flush"
    r"|install|upload|move|rename|exit|enter|leave|pair|unpair|execute|apply|change|turn|toggle)(?:_\w*|)",
)
# What answers differently in another task, and clocks in what a function returns.
_MOMENT = re.compile(
    r"\bcurrent_task\(|\breturn\b.*(?:\b(?:monotonic|perf_counter)(?:_ns)?|\.(?:time|time_ns|now|utcnow|today))\("
)
_WORD = re.compile(r"\w+")
_NOTHING = frozenset({"pass_statement", "ellipsis", "raise_statement", "string"})


def effect_of(unit: Unit, step: Step) -> str:
    """The reason why the calls after a step may have to wait for it; empty if none is seen."""
    callee = field(step.inner, "function")
    word = text_of((field(callee, "attribute") or callee) if callee is not None else step.inner)
    functions = [one for one in functions_of(unit, step.inner) if _is_written(one)]
    if _DELAYS.fullmatch(word) and not functions:
        return f"{word}() is awaited so that what follows comes later"
    is_seen, is_named = bool(functions), _EFFECTS.fullmatch(word) is not None
    if (step.left is None and not is_seen) or (is_named and (step.left is None or not is_seen)):
        return f"{word}() is awaited for its effect, which another call may need"
    if found := seen(unit, step.inner, _moment):
        return f"{word}() calls {found}, which depends on the task or on the time"
    return ""


def _moment(function: Node, _: File) -> str:
    """The call whose answer depends on when, or in which task, a function runs."""
    found = _MOMENT.search(text_of(field(function, "body") or function))
    return f"{re.findall(_WORD, found[0])[-1]}()" if found is not None else ""


def awaits_given(unit: Unit, call: Node, name: str) -> bool:
    """Does a called function await methods, which cannot be seen, of what is passed to it under a name?"""
    positional, keywords, _ = arguments_of(call)
    place = next((at for at, one in enumerate(positional) if text_of(one) == name), None)
    words = {word for word, one in keywords.items() if text_of(one) == name}
    for function in functions_of(unit, call):
        for node in function.nodes:
            names = [one.name for one in function.file.table_of(node).parameters if one.name not in {"self", "cls"}]
            given = words | ({names[place]} if place is not None and place < len(names) else set())
            if any(_is_hidden(unit, wait, given, function.file) for wait in nodes_of(node, AWAITS)):
                return True
    return False


def _is_hidden(unit: Unit, wait: Node, given: set[str], file: File) -> bool:
    """Does an ``await`` wait for a method of one of the names, and its code is not seen?"""
    call = unwrap(parts_of(wait)[0]) if parts_of(wait) else wait
    callee = field(call, "function") if call.type == "call" else None
    is_method = callee is not None and callee.type == "attribute" and root_of(callee) in given
    return is_method and not functions_of(unit, call, file)


def _is_written(function: Function) -> bool:
    """Has a function a body, unlike an abstract one?"""
    return any(not _is_nothing(field(node, "body") or node) for node in function.nodes)


def _is_nothing(body: Node) -> bool:
    """Does a body only document, pass or raise?"""
    statements = parts_of(body)
    inner = [parts_of(one)[:1] if one.type == "expression_statement" else [one] for one in statements]
    return all(one.type in _NOTHING for found in inner for one in found)


__all__ = ["awaits_given", "effect_of"]
