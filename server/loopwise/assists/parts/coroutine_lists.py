"""Finds lists that contain only coroutines, judged by the items put into them where they are created."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.flow import functions_of, own, uses
from loopwise.analysis.unit import Unit
from loopwise.syntax import COMPREHENSIONS, CONDITIONS, RETURNS, Node, arguments_of, field, parts_of, source_of, unwrap

_LITERALS = frozenset({"list", "tuple"})
_DICTIONARIES = frozenset({"dictionary", "dictionary_comprehension"})
_PUTS = frozenset({"append", "insert"})
# Functions that look at a list without awaiting or changing its items.
_READS = frozenset({"len", "print", "enumerate"})
# Functions that take the keys of a dictionary.
_ITERATES = ("len(", "list(", "zip(", "sorted(", "enumerate(")


def holds_coroutines(unit: Unit, made: Node) -> bool:
    """Does a starred argument contain only coroutines, assuming that calls of unknown functions return them?"""
    if made.type == "call" and source_of(field(made, "function") or made) == "map":
        positional, _, _ = arguments_of(made)
        return bool(positional) and _makes_coroutines(unit, positional[0])
    if made.type == "call":
        return _is_values(unit, made) or _is_returned(unit, made)
    if made.type in _LITERALS or made.type in COMPREHENSIONS:
        return all(_is_coroutine(unit, one) for one in _items(made))
    if made.type != "identifier":
        return False
    function = unit.function(made)
    found = list(uses(function, source_of(made))) if function is not None else []
    is_made = any(_assigned(one) is not None for one in found)
    return is_made and all(_keeps(unit, one, made) for one in found)


def _is_values(unit: Unit, call: Node) -> bool:
    """Is it the ``values()`` of a dictionary that is only read, and that was made with coroutines?"""
    callee, function = field(call, "function"), unit.function(call)
    name = field(callee, "object") if callee is not None else None
    if callee is None or function is None or name is None or name.type != "identifier":
        return False
    found = [one.parent for one in uses(function, source_of(name)) if one != name and one.parent is not None]
    made = [field(one, "right") or one for one in found if one.type == "assignment"]
    others = [one for one in found if one.type != "assignment"]
    values = [item for one in made for item in _values(one)]
    is_read = all(one.type == "argument_list" and source_of(one.parent or one).startswith(_ITERATES) for one in others)
    is_plain = source_of(field(callee, "attribute") or callee) == "values" and len(made) == 1
    return is_plain and is_read and bool(values) and all(_is_coroutine(unit, one) for one in values)


def _values(made: Node) -> list[Node]:
    """The values of a dictionary; for anything else, the node itself."""
    pairs = [one for one in made.named_children if one.type == "pair"] if made.type in _DICTIONARIES else []
    is_whole = len(pairs) == 1 or len(pairs) == len(made.named_children)
    return [field(one, "value") or one for one in pairs] if pairs and is_whole else [made]


def _is_returned(unit: Unit, call: Node) -> bool:
    """Is it a function of the file that returns a new list of coroutines?"""
    nodes = [node for one in functions_of(unit, call) if one.file is unit.file for node in one.nodes]
    returned = [one for node in nodes for one in own(field(node, "body") or node, RETURNS)]
    found = [parts_of(one)[0] for one in returned if parts_of(one)]
    is_list = all(one.type in _LITERALS | {"list_comprehension"} for one in found) and len(found) == len(returned)
    return bool(found) and is_list and all(holds_coroutines(unit, one) for one in found)


def _makes_coroutines(unit: Unit, function: Node) -> bool:
    body = field(function, "body") if function.type == "lambda" else None
    return _is_coroutine(unit, body) if body is not None else unit.is_coroutine_function(unit.value(function))


def _items(made: Node) -> list[Node]:
    body = field(made, "body")
    return [body] if body is not None else [one for one in made.named_children if one.type != "comment"]


def _is_coroutine(unit: Unit, item: Node) -> bool:
    """Is it certainly a coroutine?  Merely not being known as a task is not enough."""
    value = unwrap(item)
    return value.type == "call" and unit.is_coroutine(unit.value(value))


def _assigned(use: Node) -> Node | None:
    """The value assigned to a name; ``None`` if the name is not the target of an assignment."""
    outer = use.parent
    if outer is None or outer.type != "assignment" or field(outer, "left") != use:
        return None
    return field(outer, "right")


def _keeps(unit: Unit, use: Node, made: Node) -> bool:
    """Does this use of the list leave it one of coroutines only?"""
    outer = use.parent
    value = _assigned(use)
    if value is not None:
        # {"list_comprehension"} and holds_coroutines(unit, value) | A generator would be used up by the first loop over
        # it.
        return value.type in _LITERALS | {"list_comprehension"} and holds_coroutines(unit, value)
    if use == made or outer is None or outer.type in CONDITIONS:
        return use == made or outer is not None
    if outer.type == "augmented_assignment":
        added = field(outer, "right")
        return added is not None and added.type in _LITERALS and holds_coroutines(unit, added)
    if outer.type == "attribute" and field(outer, "object") == use:
        return all(_is_coroutine(unit, one) for one in _put(outer))
    callee = outer.parent if outer.type == "argument_list" else None
    return callee is not None and source_of(field(callee, "function") or callee) in _READS


def _put(attribute: Node) -> Iterator[Node]:
    """The items that a method of the list adds; for any other method the attribute itself, which is not a coroutine."""
    call, name = attribute.parent, source_of(field(attribute, "attribute") or attribute)
    if call is None or call.type != "call" or name not in {*_PUTS, "extend"}:
        yield attribute
        return
    listed = field(call, "arguments")
    positional = [listed] if listed is not None and listed.type in COMPREHENSIONS else arguments_of(call)[0]
    for one in positional[-1:]:
        yield from _items(one) if name == "extend" and one.type in COMPREHENSIONS | _LITERALS else [one]


__all__ = ["holds_coroutines"]
