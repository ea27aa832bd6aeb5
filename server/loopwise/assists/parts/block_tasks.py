"""Turns the statements of a task group's block into arguments for ``gather``."""

from __future__ import annotations

from loopwise.analysis.asyncio import started
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.blocks import Lines
from loopwise.assists.parts.task_results import Task
from loopwise.assists.parts.written import moved
from loopwise.syntax import CLAUSES, Node, arguments_of, field, is_async, source_of, unwrap


def task_of(unit: Unit, statement: Node, group: str, indent: str) -> Task | None:
    """The task that a statement of the block starts, for a line with ``indent``; ``None`` if it does anything else."""
    if statement.type == "for_statement":
        return _of_loop(unit, statement, group, indent)
    if statement.type != "expression_statement" or len(statement.named_children) != 1:
        return None
    value, name = statement.named_children[0], ""
    if value.type == "assignment":
        left, right = field(value, "left"), field(value, "right")
        if left is None or right is None or left.type != "identifier":
            return None
        value, name = right, source_of(left)
    value = unwrap(value)
    if value.type == "list_comprehension":
        body = field(value, "body")
        coroutine = _coroutine(unit, body, group, indent) if body is not None else None
        if body is None or coroutine is None:
            return None
        clauses = " ".join(moved(unit, child, indent) for child in value.named_children if child.type in CLAUSES)
        return Task(f"*[{coroutine} {clauses}]", name, several=True)
    coroutine = _coroutine(unit, value, group, indent)
    return Task(coroutine, name) if coroutine is not None else None


def arguments_text(statement: Node, tasks: list[tuple[Node, Task]], lines: Lines) -> str:
    """The arguments of ``gather``, on lines of their own with the comments of the block if it has any."""
    comments = free_comments(statement)
    if not comments:
        return ", ".join(task.argument for _, task in tasks)
    text, last = "", statement.start_point[0]
    for node, argument in sorted(
        [*((one, "") for one in comments), *((one, made.argument) for one, made in tasks)], key=_at
    ):
        is_beside = not argument and node.start_point[0] == last
        text += f"  {source_of(node)}" if is_beside else f"{lines.newline}{lines.indent}{lines.step}"
        text += "" if is_beside else f"{argument}," if argument else source_of(node)
        last = node.end_point[0]
    return f"{text}{lines.newline}{lines.indent}"


def free_comments(statement: Node) -> list[Node]:
    """The comments of a block between its statements."""
    body = field(statement, "body")
    inner = body.named_children if body is not None else []
    return [one for one in [*statement.named_children, *inner] if one.type == "comment"]


def _at(item: tuple[Node, str]) -> int:
    return item[0].start_byte


def _of_loop(unit: Unit, loop: Node, group: str, indent: str) -> Task | None:
    left, right, body = (field(loop, name) for name in ("left", "right", "body"))
    if left is None or right is None or body is None or len(body.named_children) != 1:
        return None
    inner = task_of(unit, body.named_children[0], group, indent)
    if inner is None or inner.name or inner.several or is_async(loop) or field(loop, "alternative") is not None:
        return None
    over = moved(unit, right, indent)
    # Valid after ``in`` of a loop, but not of a comprehension.
    over = f"({over})" if right.type in {"expression_list", "lambda"} else over
    return Task(f"*[{inner.argument} for {source_of(left)} in {over}]", several=True)


def _coroutine(unit: Unit, call: Node, group: str, indent: str) -> str | None:
    """The argument for ``gather`` that replaces a call of the group's ``create_task``."""
    coroutine = started(call, group) if call.type == "call" else None
    # A comment inside the call would end up in the middle of a line.
    if coroutine is None or "#" in source_of(call):
        return None
    _, keywords, splat = arguments_of(call)
    if splat or not keywords.keys() <= {"name", "context", "coro"}:
        return None
    if keywords.keys() <= {"coro"}:
        return moved(unit, coroutine, indent)
    written = unit.imported(call, "asyncio", "create_task")
    return f"{written.text}{moved(unit, field(call, 'arguments') or call, indent)}" if not written.edits else None


__all__ = ["arguments_text", "free_comments", "task_of"]
