"""Starts a task in a task group: in an enclosing one, or in a new one around the rest of the block."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import GROUP
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes.task_keeping import Line, is_last_wait, line_of, local_name
from loopwise.syntax import LOOPS, STRINGS, TRIES, Node, arguments_of, field, is_async, nodes_of, source_of
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import insert, replace

# Errors come out of a group as an exception group, which other handlers take.


def group_at_hand(unit: Unit, node: Node) -> str | None:
    """The name of the task group whose ``async with`` contains a node."""
    for outer in unit.around(node):
        body = field(outer, "body")
        if outer.type != "with_statement" or not is_async(outer) or body is None or node.start_byte < body.start_byte:
            continue
        for pattern in nodes_of(outer, frozenset({"as_pattern"})):
            alias = field(pattern, "alias")
            if pattern.end_byte < body.start_byte and alias is not None and _is_group(unit, pattern.named_children[0]):
                return source_of(alias)
    return None


def _is_group(unit: Unit, node: Node) -> bool:
    return node.type == "call" and unit.call_in(node, GROUP) is not None


def in_new_group(unit: Unit, call: Node, line: Line) -> Fix | None:
    """Move the rest of the block, and of the loops around it, into a task group in which the task is started.

    ``None`` if the group would only wait for that task, or would be in a ``try``.
    """
    if unit.target.floor < (3, 11) or unit.runs(call) is not ExecutionContext.ASYNC:
        return None
    loops = [outer for outer in unit.around(call) if outer.type in LOOPS]
    first = loops[-1] if loops else line.statement
    if (not loops and is_last_wait(unit, call)) or any(outer.type in TRIES for outer in unit.around(first)):
        return None
    block, whole = first.parent, line_of(unit, first)
    last = block.named_children[-1] if block is not None and block.type == "block" else None
    if block is None or whole is None or last is None or _yields(unit, first, last):
        return None
    step = _step(unit, block, whole.indent)
    if step is None:
        return None
    group = local_name(unit, call, "tg", "group")
    written = unit.imported(call, "asyncio", "TaskGroup")
    head = f"{whole.indent}async with {written.text}() as {group}:{line.newline}"
    start = unit.file.source.starts[first.start_point[0]]
    indented = list(_indented(unit, first, last, step))
    edits = (*written.edits, Edit(Span(start, start), encode(head) + indented[0].text), *indented[1:])
    return Fix(
        "Start the task in a group that waits for it", (*edits, _started_in(call, group)), safe=False, holes=(group,)
    )


def _started_in(call: Node, group: str) -> Edit:
    callee = field(call, "function") or call
    return replace(callee, f"{group}.create_task")


def started_in(call: Node, group: str) -> Fix:
    """Replace a ``create_task`` call by one of the enclosing group's."""
    return Fix(f"Start the task in {group}", (_started_in(call, group),), safe=False)


def fits_group(call: Node) -> bool:
    """Can a group's ``create_task`` take the same arguments?"""
    positional, keywords, starred = arguments_of(call)
    return len(positional) == 1 and not starred and keywords.keys() <= {"name", "context"}


def _yields(unit: Unit, first: Node, last: Node) -> bool:
    function = unit.function(first)
    found = nodes_of(function, frozenset({"yield"})) if function is not None else []
    inside = (node for node in found if first.start_byte <= node.start_byte < last.end_byte)
    return any(unit.function(node) == function for node in inside)


def _step(unit: Unit, block: Node, indent: str) -> str | None:
    """A block's indentation relative to its statement; ``None`` if it is on the same line."""
    outer = block.parent
    if outer is None or outer.start_point[0] == block.start_point[0]:
        return None
    span = unit.file.source.line_span(outer.start_point[0])
    line = decode(unit.file.source.data[span.start : span.end])
    lead = line[: len(line) - len(line.lstrip())]
    return indent[len(lead) :] if indent.startswith(lead) and indent != lead else "    "


def _indented(unit: Unit, first: Node, last: Node, step: str) -> Iterator[Edit]:
    """Indent each line from one statement to another by one step, except for those that start in a string."""
    source = unit.file.source
    strings = [
        (string.start_point[0], string.end_point[0])
        for string in nodes_of(unit.file.root, STRINGS)
        if first.start_byte <= string.start_byte < last.end_byte
    ]
    for line in range(first.start_point[0], last.end_point[0] + 1):
        span = source.line_span(line)
        if source.data[span.start : span.end].strip() and not any(start < line <= end for start, end in strings):
            yield insert(span.start, step)
