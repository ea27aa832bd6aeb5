"""The results of a task group's tasks under the names that the tasks had."""

from __future__ import annotations

import msgspec

from loopwise.analysis.flow import uses
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, is_async, text_of
from loopwise.text import Edit, Span, encode


class Task(msgspec.Struct, frozen=True):
    """One argument for ``gather``, and under which name the block keeps its task, or its tasks."""

    argument: str
    name: str = ""
    several: bool = False


class Results(msgspec.Struct, frozen=True):
    """How the results are written on the left, and what changes where tasks were asked for theirs."""

    left: str = ""
    edits: tuple[Edit, ...] = ()
    refused: str = ""


def is_in(node: Node, outer: Node) -> bool:
    return outer.start_byte <= node.start_byte and node.end_byte <= outer.end_byte


def results_of(unit: Unit, statement: Node, tasks: list[Task]) -> Results:
    """The names of the tasks become those of their results."""
    if not any(task.name for task in tasks):
        return Results()
    if any(task.several for task in tasks) and len(tasks) > 1:
        return Results(refused="it keeps a list of tasks, and others beside it")
    function = unit.function(statement) or unit.file.root
    edits: list[Edit] = []
    for task in tasks:
        for use in uses(function, task.name) if task.name else ():
            if is_in(use, statement):
                if use.parent is None or use.parent.type != "assignment":
                    return Results(refused=f"{task.name} is used in the block")
                continue
            asked = _asked(use, several=task.several)
            if asked is None or use.start_byte < statement.start_byte:
                return Results(refused=f"{task.name} is used for more than its result")
            edits.append(Edit(Span(asked.start_byte, asked.end_byte), encode(task.name)))
    names = [task.name or "_" for task in tasks]
    left = f"{names[0]} = " if tasks[0].several else f"{', '.join(names)}{',' if len(names) == 1 else ''} = "
    return Results(left, tuple(edits))


def _asked(use: Node, *, several: bool) -> Node | None:
    """The expression that is a task's result, ``t.result()``, or all of theirs, ``[t.result() for t in tasks]``."""
    if several:
        clause = use.parent
        made = clause.parent if clause is not None and clause.type == "for_in_clause" else None
        body = field(made, "body") if made is not None and made.type == "list_comprehension" else None
        if clause is None or made is None or body is None or len(made.named_children) != 2:
            return None
        is_all = field(clause, "right") == use and text_of(body) == f"{text_of(field(clause, 'left') or use)}.result()"
        return made if is_all and not is_async(clause) else None
    call = use.parent.parent if use.parent is not None and use.parent.type == "attribute" else None
    return call if call is not None and text_of(call) == f"{text_of(use)}.result()" else None
