"""Plain functions of the project: those that certainly return no coroutine."""

from __future__ import annotations

from loopwise.analysis.asyncio.overriding import is_replaced, may_be_overridden
from loopwise.analysis.blocking import plain_names
from loopwise.analysis.flow import asked_about
from loopwise.analysis.known_names import TRANSPARENT_DECORATORS
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, decorator_names, each
from loopwise.syntax import NAMES, Node, field, is_async, text_of
from loopwise.text import encode


def is_plain_function(unit: Unit, node: Node) -> bool:
    """Is it a plain function of the project itself, rather than a call of one?"""
    members = each(unit.value(node)) if node.type in {"identifier", "attribute"} else ()
    return bool(members) and all(
        isinstance(member, Function)
        and not member.file.is_stub
        and all(is_plain(unit, member, one) for one in member.nodes)
        for member in members
    )


def names_plain(unit: Unit, node: Node) -> bool:
    """Is it the name of a plain function of the file or of what it imports, judged by words, and no local variable?"""
    word = text_of(field(node, "attribute") or node) if node.type in NAMES else ""
    if encode(word) not in plain_names(unit) or asked_about(unit, node):
        return False
    return node.type != "attribute" or not is_replaced(unit, node)


def is_plain(unit: Unit, function: Function, definition: Node) -> bool:
    """Is it a plain function, whatever the receiver's class, that no decorator changes?"""
    if is_async(definition) or not TRANSPARENT_DECORATORS.issuperset(decorator_names(definition)):
        return False
    name = field(definition, "name")
    return function.owner is None or name is None or not may_be_overridden(unit, function.owner, text_of(name))
