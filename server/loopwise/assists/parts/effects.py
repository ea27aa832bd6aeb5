"""Decides whether a call that is awaited has an effect that the calls after it wait for."""

from __future__ import annotations

import re

from loopwise.analysis.flow import functions_of
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.steps import Step
from loopwise.semantics.infer import Function
from loopwise.syntax import Node, field, parts_of, text_of

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
    return ""


def _is_written(function: Function) -> bool:
    """Has a function a body, unlike an abstract one?"""
    return any(not _is_nothing(field(node, "body") or node) for node in function.nodes)


def _is_nothing(body: Node) -> bool:
    """Does a body only document, pass or raise?"""
    statements = parts_of(body)
    inner = [parts_of(one)[:1] if one.type == "expression_statement" else [one] for one in statements]
    return all(one.type in _NOTHING for found in inner for one in found)


__all__ = ["effect_of"]
