"""Binds the results of a task group's tasks to the names that the tasks had."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.analysis.flow import uses
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.names_read import is_read_after
from loopwise.rules.fixes import line_of, local_name
from loopwise.syntax import COMPREHENSIONS, LOOPS, UNPACKED, Node, arguments_of, field, is_async, source_of
from loopwise.text import Edit, Span, encode

# What runs once and as a whole, as far as its first block is concerned.
_STRAIGHT = frozenset({"expression_statement", "block", "with_statement"})


class Task(msgspec.Struct, frozen=True):
    """One argument for ``gather``, and the name of its task, or tasks, in the block."""

    argument: str
    name: str = ""
    several: bool = False


class Results(msgspec.Struct, frozen=True):
    """The left-hand side for the results, and the edits where tasks were asked for them."""

    left: str = ""
    edits: tuple[Edit, ...] = ()
    refused: str = ""


def is_in(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def results_of(unit: Unit, statement: Node, tasks: list[Task]) -> Results:
    """Replace the tasks' names by names for their results."""
    if not any(task.name for task in tasks):
        return Results()
    if any(task.several for task in tasks) and len(tasks) > 1:
        return Results(refused="The block starts a list of tasks and other tasks besides")
    edits: list[Edit] = []
    for name in dict.fromkeys(task.name for task in tasks if task.name):
        found = _changed(unit, statement, name, several=tasks[0].several)
        if found.refused:
            return found
        edits += [edit for edit in found.edits if edit not in edits]
    # Edits inside deleted statements are dropped.
    gone = [edit.span for edit in edits if not edit.text]
    left = (one for one in edits if not any(g != one.span and g.start <= one.span.start < g.end for g in gone))
    return Results(_left(unit, statement, tasks), tuple(left))


def _left(unit: Unit, statement: Node, tasks: list[Task]) -> str:
    """The left-hand side for the results; a task whose name is bound again by a later one is ignored."""
    if tasks[0].several:
        return f"{tasks[0].name} = "
    last = {task.name: index for index, task in enumerate(tasks)}
    # ``_`` may be gettext's function in this file.
    has_one = any(True for _ in uses(unit.file.root, "_"))
    unused = local_name(unit, statement, "unused", "not_used") if has_one else "_"
    names = [task.name if task.name and last[task.name] == index else unused for index, task in enumerate(tasks)]
    return f"{', '.join(names)}{',' if len(names) == 1 else ''} = "


def _changed(unit: Unit, statement: Node, name: str, *, several: bool) -> Results:
    """The edits to the uses of a name."""
    edits: list[Edit] = []
    end = None  # of the statement that makes the name its result's
    for use in uses(unit.function(statement) or unit.file.root, name):
        if is_in(use, statement):
            if use.parent is None or use.parent.type != "assignment":
                return Results(refused=f"{name} is used in the block")
            continue
        if (end is not None and use.start_byte >= end) or _is_earlier(unit, statement, use):
            continue
        if _binds_again(statement, use):
            end = use.start_byte
            continue
        if not several and (unpacks := _unpacks(unit, statement, use)) is not None:
            edits.append(_without(unit, unpacks))
            end = unpacks.end_byte
            continue
        found = _of_list(unit, use) if several else _of_task(use)
        if found is None or use.start_byte < statement.start_byte:
            return Results(refused=f"{name} is used for more than its result{'s' if several else ''}")
        edits += found
    return Results(edits=tuple(edits))


def _is_earlier(unit: Unit, statement: Node, use: Node) -> bool:
    """Does a use before the block always mean a value from before it?"""
    if use.start_byte >= statement.start_byte or unit.function(use) != unit.function(statement):
        return False
    return not any(outer.type in LOOPS and is_in(statement, outer) for outer in unit.around(use))


def _binds_again(statement: Node, use: Node) -> bool:
    """Is the name bound to something else from here on, as by the block of a later group?"""
    assignment = use.parent
    if assignment is None or assignment.type != "assignment" or field(assignment, "left") != use:
        return False
    right, outer = field(assignment, "right"), assignment.parent
    if right is None or any(True for _ in uses(right, source_of(use))) or use.start_byte < statement.end_byte:
        return False
    while outer is not None and outer.parent != statement.parent and outer.type in _STRAIGHT:
        outer = outer.parent
    return outer is not None and outer.parent == statement.parent and outer.type in _STRAIGHT


def _unpacks(unit: Unit, statement: Node, use: Node) -> Node | None:
    """The statement after the block that contains a name, if it is ``a = a.result()``, or that of several tasks."""
    assignment = use.parent
    while assignment is not None and assignment.type in UNPACKED:
        assignment = assignment.parent
    left, right = (field(assignment, side) if assignment is not None else None for side in ("left", "right"))
    outer = assignment.parent if assignment is not None else None
    if left is None or right is None or outer is None or not is_in(use, left) or outer.parent != statement.parent:
        return None
    names = left.named_children if left.type in UNPACKED else [left]
    values = right.named_children if right.type in {"expression_list", "tuple"} else [right]
    pairs = [f"{source_of(name)}.result()" for name in names]
    return outer if pairs == [source_of(value) for value in values] and line_of(unit, outer) is not None else None


def _without(unit: Unit, statement: Node) -> Edit:
    """Delete the lines of a statement."""
    source = unit.file.source
    start = source.starts[source.line_at(statement.start_byte)]
    last = source.line_at(statement.end_byte)
    return Edit(Span(start, source.starts[last + 1] if last + 1 < len(source.starts) else len(source.data)), b"")


def _plain(call: Node, value: Node) -> Edit:
    """Replace ``….result()`` or ``await …`` by the result."""
    return Edit(Span(call.start_byte, call.end_byte), value.text or b"")


def _asked(value: Node) -> Node | None:
    """The call of ``result()`` on an expression, or its ``await``: the tasks are done."""
    if value.parent is not None and value.parent.type == "await":
        return value.parent
    attribute = value.parent if value.parent is not None and value.parent.type == "attribute" else None
    call = attribute.parent if attribute is not None else None
    return call if call is not None and source_of(call) == f"{source_of(value)}.result()" else None


def _of_task(use: Node) -> list[Edit] | None:
    call = _asked(use)
    return [_plain(call, use)] if call is not None else None


def _of_list(unit: Unit, use: Node) -> list[Edit] | None:
    """The edits where a list of tasks is iterated, indexed or measured; ``None`` for any other use."""
    outer = use.parent
    if outer is None:
        return None
    if outer.type == "subscript" and field(outer, "value") == use:
        call = _asked(outer)
        return [_plain(call, outer)] if call is not None else None
    listed = outer if outer.type == "argument_list" else None
    taker = (
        source_of(field(listed.parent, "function") or use) if listed is not None and listed.parent is not None else ""
    )
    if taker == "len":
        return []
    clause, place = _gone_through(use, taker)
    item = _item(field(clause, "left"), place) if clause is not None else None
    if clause is None or item is None or is_async(clause):
        return None
    made = clause.parent if clause.type == "for_in_clause" else None
    if made is not None and made.type == "list_comprehension" and len(made.named_children) == 2:
        body = source_of(field(made, "body") or made)
        if body in {f"{source_of(item)}.result()", f"await {source_of(item)}"} and field(clause, "right") == use:
            return [Edit(Span(made.start_byte, made.end_byte), encode(source_of(use)))]
    return _of_items(unit, clause, made, item)


def _gone_through(use: Node, taker: str) -> tuple[Node | None, int | None]:
    """The loop or clause that iterates over a list, and the index of its target that holds the item."""
    whole, place = use, None
    if taker in {"enumerate", "reversed", "zip"} and use.parent is not None and use.parent.parent is not None:
        whole = use.parent.parent
        positional, _, _ = arguments_of(whole)
        place = {"enumerate": 1, "reversed": None}.get(taker, positional.index(use) if use in positional else None)
    clause = whole.parent
    is_one = clause is not None and clause.type in {"for_statement", "for_in_clause"}
    return (clause, place) if clause is not None and is_one and field(clause, "right") == whole else (None, None)


def _item(left: Node | None, place: int | None) -> Node | None:
    if left is None or place is None:
        return left if left is not None and left.type == "identifier" else None
    names = left.named_children if left.type in UNPACKED else []
    return names[place] if place < len(names) and names[place].type == "identifier" else None


def _of_items(unit: Unit, clause: Node, made: Node | None, item: Node) -> list[Edit] | None:
    """The edits to the uses of the items; ``None`` if they are asked for more than their results."""
    is_comprehension = made is not None and made.type in COMPREHENSIONS
    scope = made if is_comprehension and made is not None else clause
    if scope is clause and is_read_after(unit, clause, source_of(item)):
        return None
    edits: list[Edit] = []
    for use in _uses_besides(scope, item):
        call = _asked(use)
        if call is None:
            return None
        edits.append(_plain(call, use))
    return edits


def _uses_besides(scope: Node, item: Node) -> Iterator[Node]:
    return (use for use in uses(scope, source_of(item)) if use != item)


__all__ = ["Results", "Task", "is_in", "results_of"]
