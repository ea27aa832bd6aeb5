"""Inlay hints: where a coroutine function suspends, and what it waits for there."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.analysis.asyncio import is_group, is_timeout, items
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import aliases_of
from loopwise.analysis.unit import Unit
from loopwise.graph import is_lock
from loopwise.project import View
from loopwise.syntax import FUNCTIONS, Node, field, is_async, nodes_of
from loopwise.text import Span

# One character, because hints share the line with code.
_PAUSE = "⏸"


class Hint(msgspec.Struct, frozen=True):
    """A text to show at a byte offset; ``before`` means that the code it refers to follows."""

    offset: int
    text: str
    before: bool = False


def suspensions(view: View, within: Span) -> tuple[Hint, ...]:
    """The hints in a part of a file (byte offsets), in order."""
    unit = Unit(view, view.file.root, aliases_of(view.file.source.data))
    found: list[Hint] = []
    for function in nodes_of(view.file.root, FUNCTIONS):
        is_near = function.start_byte < within.end and within.start < function.end_byte
        body = field(function, "body") if is_near and is_async(function) else None
        for wait in waits(body) if body is not None else ():
            found += [hint for hint in _hints(unit, wait) if within.start <= hint.offset <= within.end]
    return tuple(sorted(found, key=lambda hint: hint.offset))


def _hints(unit: Unit, wait: Node) -> Iterator[Hint]:
    if wait.type == "await":
        yield Hint(wait.start_byte, _PAUSE, before=True)
    elif wait.type == "with_statement":
        yield from _of_with(unit, wait)
    elif wait.type == "for_statement":
        yield Hint(_colon(wait), f"{_PAUSE} at each item")


def _of_with(unit: Unit, statement: Node) -> Iterator[Hint]:
    """A lock suspends on entry, a task group on exit, a timeout never, any other context manager on both."""
    start, end = _colon(statement), statement.end_byte
    for item in items(statement):
        if is_lock(unit, item):
            yield Hint(start, f"{_PAUSE} waits for the lock")
        elif is_group(unit, item.value):
            yield Hint(end, f"{_PAUSE} waits for the group's tasks")
        elif not is_timeout(unit, item.value):
            yield Hint(start, f"{_PAUSE} enters")
            yield Hint(end, f"{_PAUSE} exits")


def _colon(statement: Node) -> int:
    return next((child.end_byte for child in statement.children if child.type == ":"), statement.start_byte)
