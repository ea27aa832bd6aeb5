"""Task groups and timeouts: the context managers of a ``with``, their names, and the code in its block."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.analysis.prefilter import names
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, is_async, parts_of, text_of, unwrap

GROUP = names("asyncio.TaskGroup")
# async-timeout is the backport for Python 3.10, with the same behavior.
TIMEOUT = names("asyncio.timeout asyncio.timeout_at async_timeout.timeout async_timeout.timeout_at")


class Item(msgspec.Struct, frozen=True):
    """One of the context managers of a ``with``."""

    node: Node
    value: Node
    """The expression of the context manager."""
    target: Node | None
    """The target after ``as``."""

    @property
    def name(self) -> str | None:
        """The target, if it is a plain name."""
        return text_of(self.target) if self.target is not None and self.target.type == "identifier" else None


def items(statement: Node) -> tuple[Item, ...]:
    """The context managers of a ``with`` statement, in order."""
    clause = next((child for child in parts_of(statement) if child.type == "with_clause"), None)
    found = (child for child in (parts_of(clause) if clause is not None else ()) if child.type == "with_item")
    return tuple(item for item in map(_item, found) if item is not None)


def entered(statement: Node) -> list[Node]:
    """The expressions of the context managers that a ``with`` statement enters, in order."""
    return [item.value for item in items(statement)]


def _item(node: Node) -> Item | None:
    value = field(node, "value")
    if value is None:
        return None
    if value.type != "as_pattern":
        return Item(node, unwrap(value), None)
    alias = field(value, "alias")
    target = parts_of(alias)[0] if alias is not None and parts_of(alias) else alias
    return Item(node, unwrap(parts_of(value)[0]), target)


def is_group(unit: Unit, value: Node) -> bool:
    """Does an ``async with`` certainly enter a task group with this expression?"""
    if value.type == "call":
        return unit.call_in(value, GROUP) is not None
    return value.type in {"identifier", "attribute"} and unit.is_instance(unit.value(value), "asyncio.TaskGroup")


def is_timeout(unit: Unit, value: Node) -> bool:
    """Does an ``async with`` certainly enter a timeout with this expression?"""
    return value.type == "call" and unit.call_in(value, TIMEOUT) is not None


def group_of(unit: Unit, statement: Node) -> tuple[Item, str] | None:
    """The item of an ``async with`` that is a task group, and the expression for the group in its block."""
    if not is_async(statement):
        return None
    for item in items(statement):
        reached = item.name or (text_of(item.value) if item.value.type in {"identifier", "attribute"} else None)
        if reached is not None and is_group(unit, item.value):
            return item, reached
    return None


def groups_around(unit: Unit, node: Node) -> Iterator[tuple[Node, Item, str]]:
    """The ``async with`` statements of task groups around a node of the same function, innermost first."""
    inner = node
    for outer in unit.around(node):
        if outer.type == "with_statement" and inner == field(outer, "body"):
            found = group_of(unit, outer)
            if found is not None:
                yield outer, *found
        inner = outer


def started(call: Node, group: str) -> Node | None:
    """The coroutine that a call of the group's ``create_task`` starts; ``None`` for any other call."""
    callee = field(call, "function")
    if callee is None or text_of(callee) != f"{group}.create_task":
        return None
    listed = field(call, "arguments")
    given = [one for one in (parts_of(listed) if listed is not None else ()) if one.type != "comment"]
    if given and given[0].type == "keyword_argument" and text_of(field(given[0], "name") or given[0]) == "coro":
        return field(given[0], "value")
    return given[0] if given and not given[0].type.endswith(("_splat", "_argument")) else None


def block_of(node: Node) -> Node | None:
    """The block that contains a statement."""
    return node.parent if node.parent is not None and node.parent.type in {"block", "module"} else None


def sole_statement(body: Node | None) -> Node | None:
    """The only statement of a block, apart from comments; ``None`` if there are several."""
    found = [child for child in parts_of(body) if child.type != "comment"] if body is not None else []
    return found[0] if len(found) == 1 else None
