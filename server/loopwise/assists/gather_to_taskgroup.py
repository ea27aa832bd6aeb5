"""``await asyncio.gather(…)`` becomes an ``async with asyncio.TaskGroup()``, and its results are read from the tasks.

A task group cancels the other tasks when one fails, and waits for them; ``gather`` lets them run on.
The errors come out as a group of exceptions: an ``except ValueError`` around it becomes ``except* ValueError``.
Handlers in the functions that call this one are not looked at.

It is refused where the code would mean something else: with ``return_exceptions=True``, for a list of which it cannot
be seen what it holds, where the results are used in the middle of an expression, where a handler has a ``return``,
``break`` or ``continue``, which ``except*`` cannot have, and before Python 3.11.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.known_names import GATHER
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist
from loopwise.assists.parts import (
    Lines,
    Started,
    for_groups,
    innermost,
    is_simple,
    joined,
    line_above,
    lines_of,
    noted,
    started,
    statement_at,
    too_old,
    unmovable,
    whole,
)
from loopwise.assists.parts.gather_examples import EXAMPLES
from loopwise.rules.fixes import local_name
from loopwise.syntax import Node, arguments_of, field, source_of, unwrap
from loopwise.text import Edit, Span, decode, encode
from loopwise.writing import insert, replace

_TITLE = "Use a task group"
# Said in the title if an argument is not certainly a coroutine: a task group rejects futures.
_UNSURE = ("grouped errors", "if coroutines")
_WITH_VALUE = frozenset({"expression_statement", "return_statement"})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statement = statement_at(unit, span)
    if statement is None:
        return
    value = _value(statement) if is_simple(statement) else None
    call = _gathered(unit, value) if value is not None else None
    if value is not None and call is not None:
        yield _fix(unit, statement, value, call)
    elif (inner := innermost(unit, span, "await")) is not None and (call := _gathered(unit, inner)) is not None:
        yield _fix(unit, statement, inner, call)


def _value(statement: Node) -> Node | None:
    """The value that a statement assigns, returns or drops; ``None`` for any other statement."""
    if statement.type not in _WITH_VALUE or not statement.named_children:
        return None
    value = statement.named_children[0]
    while value.type in {"assignment", "augmented_assignment"}:
        inner = field(value, "right")
        if inner is None:
            return None
        value = inner
    return value


def _gathered(unit: Unit, value: Node) -> Node | None:
    """The ``gather`` call that an expression awaits."""
    awaited = unwrap(value)
    call = unwrap(awaited.named_children[0]) if awaited.type == "await" and awaited.named_children else None
    if call is None or call.type != "call" or callee_word(call, unit.aliases) != "gather":
        return None
    given = field(call, "arguments")
    if (
        given is None
        or not given.named_children
        or unit.runs(call) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}
    ):
        return None
    return call if unit.call_in(call, GATHER) else None


def _fix(unit: Unit, statement: Node, value: Node, call: Node) -> Fix:
    is_whole = is_simple(statement) and _value(statement) == value
    lines = lines_of(unit, [statement]) if is_whole else line_above(unit, statement)
    group = local_name(unit, call, "tg", "group")
    kept = statement.type != "expression_statement" or statement.named_children[0] != value
    refused = too_old(unit, "TaskGroup") or _refused(call) or unmovable(statement, value)
    if lines is None:
        return Fix(_TITLE, (), safe=False, refused=refused or "The statement shares its line with other code")
    tasks = started(unit, call, group, lines, kept=kept)
    handlers = for_groups(unit, statement)
    if refused := refused or tasks.refused or handlers.refused:
        return Fix(_TITLE, (), safe=False, refused=refused)
    written = unit.imported(call, "asyncio", "TaskGroup")
    block = [f"{lines.indent}async with {written.text}() as {group}:", *tasks.lines]
    if is_whole:
        edits = _in_place(unit, statement, value, tasks, lines, block, kept=kept)
    else:
        outer = value.parent if value.parent is not None and value.parent.type == "parenthesized_expression" else value
        above = "".join(f"{line}{lines.newline}" for line in block)
        edits = (insert(lines.start, above), replace(outer, whole(tasks.results)))
    title = noted(_TITLE, "grouped errors", "cancels others") if tasks.is_sure else noted(_TITLE, *_UNSURE)
    return Fix(title, joined([*written.edits, *handlers.edits, *edits]), safe=False, holes=tasks.holes)


def _in_place(
    unit: Unit, statement: Node, value: Node, tasks: Started, lines: Lines, block: list[str], *, kept: bool
) -> tuple[Edit, ...]:
    """Replace the statement by the block, followed by the statement with the results."""
    if kept:
        left = decode(unit.file.source.data[statement.start_byte : value.start_byte])
        block = [*block, f"{lines.indent}{left}{_results(statement, tasks)}"]
    return (Edit(Span(lines.start, lines.end), encode(lines.newline.join(block))),)


def _refused(call: Node) -> str:
    _, keywords, _ = arguments_of(call)
    errors = keywords.get("return_exceptions")
    if errors is not None and source_of(errors) != "False":
        return f"return_exceptions={source_of(errors)} returns errors as results; a task group raises them"
    other = next(iter(keywords.keys() - {"return_exceptions"}), None)
    arguments = field(call, "arguments")
    if arguments is not None and arguments.type == "generator_expression":
        return "gather() takes awaitables as separate arguments, or with * before them"
    return f"A task group does not accept {other}=" if other is not None else ""


def _results(statement: Node, tasks: Started) -> str:
    """The right-hand side: one result per name on the left if the numbers match, else a list of all."""
    assigned = statement.named_children[0]
    left = field(assigned, "left") if assigned.type == "assignment" else None
    right = field(assigned, "right") if assigned.type == "assignment" else None
    targets = left.named_children if left is not None and left.type in {"pattern_list", "tuple_pattern"} else []
    is_chain = right is not None and right.type == "assignment"
    is_even = len(targets) == len(tasks.results) > 1 and not any("splat" in one.type for one in targets)
    if is_even and not is_chain and not any(result.startswith("*") for result in tasks.results):
        return ", ".join(tasks.results)
    return whole(tasks.results)


ASSIST = Assist(
    name="gather-to-taskgroup",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=EXAMPLES,
)
