"""Calls of a function or method: their receivers, and whether these are known."""

from __future__ import annotations

import re

from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Foreign, Function, Signature, Unknown, Value, each
from loopwise.syntax import Node, field, is_async, source_of

# What is handed a coroutine, or starts it.
_STARTS = frozenset(
    "create_task ensure_future gather run run_until_complete wait_for shield as_completed"
    " run_coroutine_threadsafe".split()
)


def mixed(unit: Unit, use: Node, functions: tuple[Node, ...]) -> str:
    """The reason why a call cannot be awaited: it may reach another method, which stays plain; else empty."""
    expression = expression_of(use)
    if expression == use:
        return ""
    members = each(unit.value(expression))
    others = [one for one in members if isinstance(one, Function) and not is_made_of(one, functions)]
    plain = next((one for one in others if not any(is_async(node) for node in one.nodes)), None)
    if plain is None or (len(others) == len(members) and not _may_be_another(unit, plain, functions)):
        return ""
    return f"{line_of_code(use).capitalize()} may also call {plain.qualname}(), which does not change"


def _may_be_another(unit: Unit, method: Function, functions: tuple[Node, ...]) -> bool:
    """Is it a method of a protocol that the functions may implement?"""
    listed = field(method.owner.node, "superclasses") if method.owner is not None else None
    return listed is not None and "Protocol" in source_of(listed)


def is_unknown(unit: Unit, use: Node) -> bool:
    """Is it a call of a method, not awaited, on a receiver of unknown type?"""
    expression, call = expression_of(use), called(use)
    if expression == use or call is None or unit.is_awaited(call) or is_started(unit, call):
        return False
    return all(
        isinstance(member, Unknown) and not isinstance(member, Foreign) for member in each(unit.value(expression))
    )


# A lookup by a name, as a string, cannot be followed to the calls of its result.
LOOKED_UP = (
    r"(?:\b(?:getattr|methodcaller|attrgetter)\([^()]*(?:\([^()]*\))?[^()]*|\b(?:globals|locals|vars)\(\w*\)(?:\[|\.get\())"
    r"(['\"])%s\1"
)


def looked_up(unit: Unit, function: Node) -> str:
    """The reason for a refusal if the file looks the name up as a string, with the line; else empty."""
    name = re.escape(source_of(field(function, "name") or function))
    found = re.search(LOOKED_UP % name, unit.file.source.text)
    line = unit.file.source.text.count("\n", 0, found.start()) + 1 if found is not None else 0
    return f"Line {line} looks the name up as a string" if found is not None else ""


def called(use: Node) -> Node | None:
    """The call of a name or method; ``*f()`` at the start of a list is parsed as a call of ``*f``."""
    callee = expression_of(use)
    outer = callee.parent
    if outer is not None and outer.type == "list_splat":
        callee, outer = outer, outer.parent
    return outer if outer is not None and outer.type == "call" and field(outer, "function") == callee else None


def expression_of(use: Node) -> Node:
    """The name including the receiver before its dot."""
    outer = use.parent
    return outer if outer is not None and outer.type == "attribute" and field(outer, "attribute") == use else use


def is_made_of(member: Value, functions: tuple[Node, ...]) -> bool:
    made = member.made_of if isinstance(member, Signature) else member
    return isinstance(made, Function) and any(function in made.nodes for function in functions)


def is_started(unit: Unit, call: Node) -> bool:
    listed = call.parent
    taker = listed.parent if listed is not None and listed.type == "argument_list" else None
    return taker is not None and taker.type == "call" and callee_word(taker, unit.aliases) in _STARTS


def line_of_code(node: Node) -> str:
    return f"line {node.start_point[0] + 1}"


__all__ = [
    "LOOKED_UP",
    "called",
    "expression_of",
    "is_made_of",
    "is_started",
    "is_unknown",
    "line_of_code",
    "looked_up",
    "mixed",
]
