"""Queues of threads and processes whose ``put()`` can wait, because they have a size."""

from __future__ import annotations

from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import ClassObject, each
from loopwise.syntax import ASSIGNMENTS, CALLS, Node, arguments_of, field, nodes_of, text_of

# SimpleQueue has no limit and its put() never blocks.
_BOUNDED = ("Queue", "LifoQueue", "PriorityQueue", "JoinableQueue")


def has_bounded_queue(unit: Unit) -> bool:
    """Does the file create a thread queue with a size?  Putting into an unbounded one never blocks."""
    return any(_is_bounded(unit, call) for call in nodes_of(unit.file.root, CALLS))


def is_unbounded(unit: Unit, call: Node) -> bool:
    """Is a queue created under that name in the file, and always without a size?"""
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None else None
    if owner is None:
        return False
    values = [
        value
        for one in nodes_of(unit.file.root, ASSIGNMENTS)
        if (left := field(one, "left")) is not None and left.text == owner.text
        if (value := field(one, "right")) is not None
    ]
    return bool(values) and all(one.type == "call" and not _is_bounded(unit, one) for one in values)


def _is_bounded(unit: Unit, call: Node) -> bool:
    callee = field(call, "function")
    if callee is None or text_of(callee).rpartition(".")[2] not in _BOUNDED:
        return False
    positional, keywords, _ = arguments_of(call)
    size = keywords.get("maxsize", positional[0] if positional else None)
    if size is None or text_of(size) in {"0", "-1"}:
        return False
    return any(
        isinstance(value, ClassObject) and value.fullname.startswith(("queue.", "multiprocessing."))
        for value in each(unit.value(callee))
    )
