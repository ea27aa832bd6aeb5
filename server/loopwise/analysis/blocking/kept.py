"""Results that a function computes on the first call, and returns from then on."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.semantics.infer import decorator_names
from loopwise.syntax import ASSIGNMENTS, RETURNS, Node, field, nodes_of, outward, parts_of, text_of, unwrap

_CACHES = frozenset({"cached_property", "lru_cache", "cache"})


def is_cached(function: Node) -> bool:
    """Does a decorator store what the function returns?"""
    return not _CACHES.isdisjoint(decorator_names(function))


def runs_once(call: Node, function: Node) -> bool:
    """Is a call in ``function`` made only while a result is not yet stored?

    ``if self.context is None: self.context = make()``, ``if key not in cache: cache[key] = make()``, or everything
    after ``if self.context: return self.context``.
    """
    return _is_stored(call, function) or any(_returns_stored(one) for one in _earlier(call, function))


def _is_stored(call: Node, function: Node) -> bool:
    stores = {store for outer in outward(call, function) if outer.type in ASSIGNMENTS for store in _stores(outer)}
    inner = call
    for outer in outward(call, function):
        asked = field(outer, "condition") if outer.type == "if_statement" else None
        if asked is not None and inner != asked and any(store in text_of(asked) for store in stores):
            return True
        inner = outer
    return False


def _stores(assignment: Node) -> Iterator[str]:
    """The attribute, or the dictionary, that an assignment stores its value in."""
    left = field(assignment, "left")
    if left is not None and left.type == "attribute":
        yield text_of(left)
    elif left is not None and left.type == "subscript" and parts_of(left):
        yield text_of(parts_of(left)[0])


def _earlier(call: Node, function: Node) -> Iterator[Node]:
    """The ``if`` statements of the function's body before the call."""
    body = field(function, "body")
    for one in parts_of(body) if body is not None else ():
        if one.type == "if_statement" and one.end_byte <= call.start_byte:
            yield one


def _returns_stored(statement: Node) -> bool:
    asked = field(statement, "condition")
    if asked is None:
        return False
    values = [unwrap(parts_of(one)[0]) for one in nodes_of(statement, RETURNS) if parts_of(one)]
    return any(one.type in {"attribute", "subscript"} and text_of(one) in text_of(asked) for one in values)
