"""Stores a task: in a set until it is done, or under a name."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.asyncio import own_receiver
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding
from loopwise.semantics.infer import ClassObject, members
from loopwise.syntax import LOOPS, Node, field, is_async, nodes_of, source_of
from loopwise.text import Edit, Span, decode
from loopwise.writing import insert

_SUSPENDS = frozenset({"await", "yield", "for_statement", "with_statement", "call", "for_in_clause"})
# Calls that keep the program alive although they suspend nothing here.
_RUNS = frozenset({"run_forever", "run_until_complete", "serve_forever", "join"})
# Usual names for a set of running tasks; an existing one is reused.
_TASKS = re.compile(r"_*(?:background_|running_|pending_|bg_)?tasks")
_BARE = re.compile(rb"[ \t]*(?:#[^\r\n]*)?$")
_BLOCK = re.compile(rb"[ \t]*$")


class Line(msgspec.Struct, frozen=True):
    """A statement that has its lines to itself."""

    statement: Node
    indent: str
    newline: str
    after: int
    """The end of its last line, including a comment."""


def line_of(unit: Unit, statement: Node) -> Line | None:
    """The statement's lines; ``None`` if other code shares them."""
    source = unit.file.source
    first, last = (source.line_span(source.line_at(at)) for at in (statement.start_byte, statement.end_byte))
    before = source.data[first.start : statement.start_byte]
    if not _BLOCK.match(before) or not _BARE.match(source.data[statement.end_byte : last.end]):
        return None
    return Line(statement, decode(before), newline_of(unit), last.end)


def newline_of(unit: Unit) -> str:
    """The line end of the file's first line."""
    source = unit.file.source
    ends = source.data[source.line_span(0).end : source.starts[1]] if len(source.starts) > 1 else b"\n"
    return decode(ends)


def free_name(unit: Unit, *wanted: str) -> str:
    """The first of the names that is unused in the file, else the last with a number."""
    data = decode(unit.file.source.data)
    tries = (*wanted, *(f"{wanted[-1]}_{number}" for number in range(2, 100)))
    return next(name for name in tries if not re.search(rf"\b{re.escape(name)}\b", data))


def local_name(unit: Unit, node: Node, *wanted: str) -> str:
    """The first of the names that is unused in the function around ``node``, else the last with a number."""
    text = source_of(unit.function(node) or unit.file.root)
    tries = (*wanted, *(f"{wanted[-1]}_{number}" for number in range(2, 100)))
    return next(name for name in tries if not re.search(rf"(?<![\w.]){re.escape(name)}\b", text))


def in_set(unit: Unit, line: Line, name: str | None, edits: tuple[Edit, ...] = ()) -> Fix:
    """Store the task in a set until it is done; ``name`` is the one that the statement already assigns.

    ``edits`` turn the statement's expression into the task.
    """
    holder, made = task_set(unit, line.statement)
    task = name if name is not None else local_name(unit, line.statement, "task", "new_task")
    start = () if name is not None else (insert(line.statement.start_byte, f"{task} = "),)
    lines = (f"{holder}.add({task})", f"{task}.add_done_callback({holder}.discard)")
    after = insert(line.after, "".join(f"{line.newline}{line.indent}{text}" for text in lines))
    title = f"Store the task in {holder} until done"
    return Fix(title, (*made, *_merged((*start, *edits)), after), safe=False, holes=(task, holder))


def _merged(edits: tuple[Edit, ...]) -> tuple[Edit, ...]:
    """Merge insertions at the same offset, in their order."""
    found: dict[Span, Edit] = {}
    for edit in edits:
        before = found.get(edit.span)
        found[edit.span] = Edit(edit.span, before.text + edit.text) if before is not None else edit
    return tuple(found.values())


def task_set(unit: Unit, statement: Node) -> tuple[str, tuple[Edit, ...]]:
    """A set for tasks: an existing one, or a new one before the first definition, with the edits that create it."""
    known = next(_known_sets(unit, statement), None)
    if known is not None:
        return known, ()
    name = free_name(unit, "background_tasks", "_background_tasks")
    top = statement
    while top.parent is not None and top.parent.type != "module":
        top = top.parent
    top = first_definition(unit, top)
    gap = newline_of(unit) * (3 if top.type.endswith("_definition") else 1)
    while top.prev_sibling is not None and is_comment_of(top.prev_sibling, top):
        top = top.prev_sibling
    return name, (insert(unit.file.source.starts[top.start_point[0]], f"{name} = set(){gap}"),)


def first_definition(unit: Unit, top: Node) -> Node:
    """The module's first definition below its imports; in a notebook, or if there is none before ``top``, ``top``."""
    if unit.file.cells:
        return top
    definitions = (one for one in unit.file.root.named_children if one.type.endswith("_definition"))
    return next((one for one in definitions if one.start_byte <= top.start_byte), top)


def is_comment_of(comment: Node, below: Node) -> bool:
    """Is a comment at the start of a line directly above a statement?"""
    return comment.type == "comment" and comment.end_point[0] + 1 == below.start_point[0] and not comment.start_point[1]


def _known_sets(unit: Unit, node: Node) -> Iterator[str]:
    function = unit.function(node)
    owner = unit.owner(function) if function is not None else None
    if function is not None and owner is not None:
        yield from _own_sets(unit, function, owner)
    for binding in unit.file.table.bindings:
        if _TASKS.fullmatch(binding.name) and _is_set(unit, unit.file.root, binding):
            yield binding.name


def _own_sets(unit: Unit, function: Node, owner: ClassObject) -> Iterator[str]:
    receiver = own_receiver(unit, function)
    for name, assigned in members.assigned_in(owner).items():
        if receiver and _TASKS.fullmatch(name) and all(_is_set(unit, one, binding) for one, binding in assigned):
            yield f"{receiver}.{name}"


def _is_set(unit: Unit, scope: Node, binding: Binding) -> bool:
    spans = (binding.value, binding.annotation)
    texts = [_text(unit, span.shifted(scope.start_byte)) if span is not None else "" for span in spans]
    return texts[0] == "set()" and (not texts[1] or "Task" in texts[1])


def _text(unit: Unit, span: Span) -> str:
    return decode(unit.file.source.data[span.start : span.end])


def is_last_wait(unit: Unit, node: Node) -> bool:
    """Does the function end without waiting for anything after ``node``, and without reaching it again?"""
    function = unit.function(node)
    if function is None:
        return False
    if any(outer.type in LOOPS for outer in unit.around(node)):
        return True
    return unit.per_edit.get(("last wait", function.id), lambda: _last_wait(unit, function)) < node.end_byte


def _last_wait(unit: Unit, function: Node) -> int:
    """The start offset of the last thing that the function waits for; -1 if it waits for nothing."""
    waits = (one for one in reversed(nodes_of(function, _SUSPENDS)) if _waits(one) and unit.function(one) == function)
    return next((one.start_byte for one in waits), -1)


def _waits(node: Node) -> bool:
    if node.type == "call":
        callee = field(node, "function")
        return callee is not None and source_of(field(callee, "attribute") or callee) in _RUNS
    return node.type in {"await", "yield"} or is_async(node)


def under_name(unit: Unit, call: Node) -> Fix | None:
    """Store the task under a name that lives long enough: an attribute, or a local if the function waits for more."""
    function = unit.function(call)
    receiver = own_receiver(unit, function) if function is not None else ""
    if function is None:
        return None
    if receiver and not any(outer.type in LOOPS for outer in unit.around(call)):
        name = f"{receiver}._task"
        if not re.search(rf"\b{re.escape(name)}\b", decode(unit.file.source.data)):
            return Fix(
                f"Store the task as {name}", (insert(call.start_byte, f"{name} = "),), safe=False, holes=("_task",)
            )
    if is_last_wait(unit, call):
        return None
    name = local_name(unit, call, "task", "new_task")
    return Fix("Assign the task to a variable", (insert(call.start_byte, f"{name} = "),), safe=False, holes=(name,))
