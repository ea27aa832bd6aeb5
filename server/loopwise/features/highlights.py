"""Related places of the name or keyword at the cursor: suspension points, a group's tasks, where a lock is held."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from loopwise.analysis.asyncio import is_group, items
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import aliases_of
from loopwise.analysis.unit import Unit
from loopwise.graph import is_lock
from loopwise.project import View
from loopwise.syntax import CALLS, IDENTIFIERS, WITHS, Node, field, is_async, nodes_of, span_of, text_of
from loopwise.text import Span

_DEFINED = "function_definition"
_LOCKS = ("asyncio.Condition", "asyncio.Lock", "asyncio.Semaphore")


class Highlight(msgspec.Struct, frozen=True):
    """A span related to the name or keyword at the cursor; ``write`` means that it assigns the name."""

    span: Span
    kind: Literal["text", "read", "write"] = "text"


def highlights(view: View, offset: int) -> tuple[Highlight, ...]:
    """The spans to highlight for a cursor at a byte offset; empty if it is not on an asyncio name or keyword."""
    node = _leaf(view.file.root, offset)
    if node is None:
        return ()
    if node.type in {"async", "await"}:
        return tuple(Highlight(span) for span in _suspensions(node))
    if node.type not in IDENTIFIERS:
        return ()
    unit = Unit(view, view.file.root, aliases_of(view.file.source.data))
    return tuple(_of_group(unit, node)) or tuple(_of_lock(unit, node))


def _leaf(root: Node, offset: int) -> Node | None:
    """The keyword or name that the cursor touches, on either edge."""
    for at in (offset, offset - 1):
        node = root.descendant_for_byte_range(at, at + 1) if at >= 0 else None
        if node is not None and node.type in {"async", "await", "identifier"} and node.start_byte <= offset:
            keyword = node.children[0] if node.type == "await" and node.child_count else node
            if offset <= keyword.end_byte:
                return node
    return None


def _suspensions(keyword: Node) -> Iterator[Span]:
    """The function's ``async``, and each keyword at which the function can suspend."""
    function: Node | None = keyword
    while function is not None and not (function.type == _DEFINED and is_async(function)):
        if function.type == "lambda" or (function.type == _DEFINED and keyword.parent != function):
            return
        function = function.parent
    body = field(function, "body") if function is not None else None
    if function is None or body is None:
        return
    yield span_of(function.children[0])
    for wait in waits(body):
        yield span_of(wait.children[0])


def _of_group(unit: Unit, name: Node) -> Iterator[Highlight]:
    """The uses of a task group's variable in its function, and the calls that start its tasks."""
    function = unit.function(name)
    if function is None or b"%s.create_task" % (name.text or b"") not in (function.text or b""):
        return
    if not unit.is_instance(unit.value(name), "asyncio.TaskGroup"):
        return
    spelled = text_of(name)
    groups = (i.target for w in nodes_of(function, WITHS) for i in items(w) if is_async(w) and is_group(unit, i.value))
    bound = {target.start_byte for target in groups if target is not None}
    for one in nodes_of(function, IDENTIFIERS):
        if text_of(one) == spelled and not _is_attribute(one):
            yield Highlight(span_of(one), "write" if one.start_byte in bound else "read")
    for call in nodes_of(function, CALLS):
        callee = field(call, "function")
        if callee is not None and text_of(callee) == f"{spelled}.create_task":
            given = field(call, "arguments")
            yield Highlight(span_of(given) if given is not None else span_of(call))


def _of_lock(unit: Unit, name: Node) -> Iterator[Highlight]:
    """The ``with`` statements of the file that hold a lock."""
    whole = name.parent if _is_attribute(name) and name.parent is not None else name
    spelled = text_of(whole)
    held = [
        (statement, item.value)
        for statement in nodes_of(unit.file.root, WITHS)
        for item in items(statement)
        if text_of(item.value) == spelled and is_lock(unit, item)
    ]
    if not held or not unit.is_instance(unit.value(whole), *_LOCKS):
        return
    for statement, value in held:
        keywords = [one for one in statement.children if one.type in {"async", "with"}]
        yield Highlight(Span(keywords[0].start_byte, keywords[-1].end_byte))
        yield Highlight(span_of(value), "read")
    inside = {value.start_byte for _, value in held}
    for one in nodes_of(unit.file.root, frozenset({whole.type})):
        if text_of(one) == spelled and one.start_byte not in inside:
            yield Highlight(span_of(one), "read")


def _is_attribute(name: Node) -> bool:
    return name.parent is not None and name.parent.type == "attribute" and field(name.parent, "attribute") == name
