"""``loop.run_in_executor(None, f, a)`` becomes ``asyncio.to_thread(f, a)``.

``to_thread`` needs no loop, takes keyword arguments and hands the context variables on.
It is a coroutine function: where nothing awaits it at once it is started as a task, and the function is called at the
next ``await``; where that task may be cancelled before, it is refused.

Where the rule ``prefer-to-thread`` finds the call, its fix is the one to use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import seen, uses
from loopwise.analysis.known_names import RUN_IN_EXECUTOR
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import innermost, joined, noted, tasks_listed
from loopwise.rules.fixes import in_set, line_of, to_thread_edits
from loopwise.rules.newer import prefer_to_thread
from loopwise.semantics.infer import Unknown, each
from loopwise.syntax import COMPREHENSIONS, Node, arguments_of, field, nodes_of, source_of
from loopwise.text import Span
from loopwise.writing import insert

_TITLE = "Use asyncio.to_thread()"
# What takes a coroutine in the place of a future.
_TAKERS = frozenset("gather wait_for shield create_task ensure_future as_completed".split())


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    call = innermost(unit, span, "call")
    while call is not None and callee_word(call, unit.aliases) != "run_in_executor":
        call = next((outer for outer in unit.around(call) if outer.type == "call"), None)
    if call is None or not _runs_on_loop(unit, call):
        return
    given = _given(call)
    if given is None or not _is_one(unit, call) or next(iter(prefer_to_thread.check(call, unit)), None) is not None:
        return
    refused = "A comment in the call would be lost" if "#" in source_of(call) else _cancelled(unit, call)
    if not refused and not _is_taken(unit, call):
        refused = tasks_listed(unit)
    if refused:
        yield Fix(_TITLE, (), safe=False, refused=refused)
    else:
        yield _fix(unit, call, given)


def _runs_on_loop(unit: Unit, call: Node) -> bool:
    """Is it in a coroutine function, or in a generator that is unpacked there?"""
    generator = call.parent if call.parent is not None and call.parent.type == "generator_expression" else None
    is_unpacked = generator is not None and generator.parent is not None and generator.parent.type == "list_splat"
    place = generator if generator is not None and is_unpacked else call
    return unit.runs(place) in {ExecutionContext.ASYNC, ExecutionContext.CELL}


def _given(call: Node) -> list[Node] | None:
    """The function and its arguments, if the call uses the default executor."""
    positional, keywords, _starred = arguments_of(call)
    executor = positional[0] if positional else keywords.get("executor")
    given = [*positional[1:], *([keywords["func"]] if "func" in keywords else [])]
    is_default = executor is not None and executor.type == "none"
    return given if is_default and given and keywords.keys() <= {"executor", "func"} else None


def _cancelled(unit: Unit, call: Node) -> str:
    """The reason if the call's stored result is cancelled: a cancelled task may never start it, a thread runs on."""
    left = field(call.parent, "left") if call.parent is not None and call.parent.type == "assignment" else None
    name = source_of(left) if left is not None else ""
    if name and re.search(rf"(?<![\w.]){re.escape(name)}\.cancel\(", source_of(unit.root)):
        return f"{name}.cancel() would prevent the function from being called, which it does not do now"
    if name and _given_to_canceller(unit, call, name):
        return f"{name} is passed to code that cancels it, which would prevent the function from being called"
    if (loop := _cancelling_loop(unit, call)) is not None:
        return f"Line {loop.start_point[0] + 1} cancels them, which would prevent the function from being called"
    word = name.rpartition(".")[2]
    if name != word and re.search(rf"\.{re.escape(word)}\.cancel\(", unit.file.source.text):
        return f"{name} is cancelled elsewhere, which would prevent the function from being called"
    return ""


def _given_to_canceller(unit: Unit, call: Node, name: str) -> bool:
    """Is a name passed to a function of the project that cancels something?"""
    function = unit.function(call) or unit.file.root
    for use in uses(function, name):
        taker = use.parent.parent if use.parent is not None and use.parent.type == "argument_list" else None
        if taker is not None and seen(unit, taker, lambda node, _: "it does" if ".cancel(" in source_of(node) else ""):
            return True
    return False


def _cancelling_loop(unit: Unit, call: Node) -> Node | None:
    """A loop over the list or set that contains the stored value, which cancels the items."""
    outer = call.parent
    while outer is not None and outer.type in COMPREHENSIONS | {"list", "set", "tuple", "expression_list"}:
        outer = outer.parent
    left = field(outer, "left") if outer is not None and outer.type == "assignment" else None
    for loop in nodes_of(unit.function(call) or unit.file.root, frozenset({"for_statement"})):
        right, item, body = (field(loop, side) for side in ("right", "left", "body"))
        if left is not None and right is not None and item is not None and body is not None:
            if source_of(right) == source_of(left) and f"{source_of(item)}.cancel(" in source_of(body):
                return loop
    return None


def _is_one(unit: Unit, call: Node) -> bool:
    receiver = field(field(call, "function") or call, "object")
    made = rf"(?<![\w.]){re.escape(source_of(receiver))}\s*=\s*[\w.]*\bnew_event_loop\(" if receiver is not None else ""
    if made and re.search(made, unit.file.source.text):
        return False  # another loop than the one that runs
    if unit.call_in(call, RUN_IN_EXECUTOR):
        return True
    callee = field(call, "function")
    is_method = callee is not None and callee.type == "attribute"
    return is_method and all(isinstance(member, Unknown) for member in each(unit.called(call)))


def _fix(unit: Unit, call: Node, given: list[Node]) -> Fix:
    written = unit.imported(call, "asyncio", "to_thread")
    context = "passes context variables on" if b"contextvars" in unit.file.source.data else ""
    edits = (*written.edits, *to_thread_edits(unit, call, written.text, given))
    if _is_taken(unit, call):
        return Fix(noted(_TITLE, context), joined(edits), safe=False)
    create = unit.imported(call, "asyncio", "create_task")
    around = insert(call.start_byte, f"{create.text}("), insert(call.end_byte, ")")
    statement = call.parent if call.parent is not None and call.parent.type == "expression_statement" else None
    line = line_of(unit, statement) if statement is not None else None
    made = (*written.edits, *(edit for edit in create.edits if edit not in written.edits))
    kept = [around[0], *to_thread_edits(unit, call, written.text, given), around[1]]
    fix = in_set(unit, line, None, tuple(kept)) if line is not None else None
    title = noted(_TITLE, "starts a little later", context)
    return Fix(title, joined([*made, *(fix.edits if fix is not None else kept)]), safe=False)


def _is_taken(unit: Unit, call: Node) -> bool:
    """Is the call awaited, or passed to a function that takes coroutines?"""
    if unit.is_awaited(call):
        return True
    listed = call.parent
    if listed is not None and listed.type in COMPREHENSIONS and field(listed, "body") == call:
        listed = listed.parent
    if listed is not None and listed.type == "list_splat":
        listed = listed.parent
    taker = listed.parent if listed is not None and listed.type == "argument_list" else None
    return taker is not None and taker.type == "call" and callee_word(taker, unit.aliases) in _TAKERS


ASSIST = Assist(
    name="executor-to-thread",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

async def main(loop, read, path):
    return await asyncio.gather(
        loop.run_in_executor$0(None, read, path),
        other(),
    )
""",
            after=(
                """\
import asyncio

async def main(loop, read, path):
    return await asyncio.gather(
        asyncio.to_thread(read, path),
        other(),
    )
""",
            ),
        ),
        Example(
            before="""\
from asyncio import get_running_loop
from functools import partial

async def main(read, path):
    reading = get_running_loop().run_in_executor(None, partial(read, path, size=2$0))
    return await reading
""",
            after=(
                """\
from asyncio import create_task, get_running_loop, to_thread
from functools import partial

async def main(read, path):
    reading = create_task(to_thread(read, path, size=2))
    return await reading
""",
            ),
        ),
        Example(
            before="""\
import asyncio

async def main(read):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor$0(None, read)
"""
        ),
        Example(
            before="""\
async def main(loop, pool, read):
    await loop.run_in_executor$0(pool, read)
"""
        ),
    ),
)
