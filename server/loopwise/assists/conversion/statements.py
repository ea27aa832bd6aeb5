"""The statement that uses the result of a call, which becomes ``async for`` or ``async with``."""

from __future__ import annotations

from typing import Literal

from loopwise.analysis.asyncio import items
from loopwise.syntax import Node, field, unwrap

Use = Literal["call", "for", "with"]
"""The use of a function's result: unchanged, as a generator, as a context manager."""


def turned(call: Node, use: Use) -> tuple[Node | None, str]:
    """The ``for`` or ``with`` that becomes async; ``None`` with the reason if the call is not in one."""
    return _loop(call) if use == "for" else _entering(call)


def _loop(call: Node) -> tuple[Node | None, str]:
    loop = call.parent
    if loop is None or loop.type not in {"for_statement", "for_in_clause"} or field(loop, "right") != call:
        return None, "takes its items without a 'for' loop"
    if loop.parent is not None and loop.parent.type == "generator_expression":
        return None, "iterates over it in a generator expression"
    return loop, ""


def _entering(call: Node) -> tuple[Node | None, str]:
    statement = call.parent
    while statement is not None and statement.type in {"as_pattern", "parenthesized_expression", "with_item"}:
        statement = statement.parent
    statement = statement.parent if statement is not None and statement.type == "with_clause" else None
    if statement is None or unwrap(call) not in [item.value for item in items(statement)]:
        return None, "enters it otherwise than by 'with'"
    if len(items(statement)) > 1:
        return None, "enters it together with others, which may not be async"
    return statement, ""
