"""``loop.run_in_executor(None, f, a)`` becomes ``asyncio.to_thread(f, a)``.

``to_thread`` needs no loop, takes keyword arguments and hands the context variables on.
It is a coroutine function: where nothing awaits it at once it is started as a task.

Where the rule ``prefer-to-thread`` finds the call, its fix is the one to use.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import innermost, joined
from loopwise.rules.newer import prefer_to_thread
from loopwise.semantics.infer import Unknown, each
from loopwise.syntax import Node, arguments_of, field, span_of, text_of
from loopwise.text import Edit, Span, encode
from loopwise.writing import insert

_TITLE = "Use asyncio.to_thread()"
_RUN = names("asyncio.loop.run_in_executor asyncio.AbstractEventLoop.run_in_executor")
_PARTIAL = names("functools.partial")
# What takes a coroutine in the place of a future.
_TAKERS = frozenset("gather wait_for shield create_task ensure_future as_completed".split())


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    call = innermost(unit, span, "call")
    while call is not None and callee_word(call, unit.aliases) != "run_in_executor":
        call = next((outer for outer in unit.around(call) if outer.type == "call"), None)
    if (
        call is None
        or unit.runs(call) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}
        or not _is_one(unit, call)
    ):
        return
    positional, keywords, _starred = arguments_of(call)
    if len(positional) < 2 or positional[0].type != "none" or keywords:
        return
    if next(iter(prefer_to_thread.check(call, unit)), None) is not None:
        return
    if "#" in text_of(call):
        yield Fix(_TITLE, (), safe=False, refused="a comment in the call would be lost")
    else:
        yield _fix(unit, call, positional)


def _is_one(unit: Unit, call: Node) -> bool:
    if unit.call_in(call, _RUN):
        return True
    callee = field(call, "function")
    is_method = callee is not None and callee.type == "attribute"
    return is_method and all(isinstance(member, Unknown) for member in each(unit.called(call)))


def _fix(unit: Unit, call: Node, positional: list[Node]) -> Fix:
    written = unit.imported(call, "asyncio", "to_thread")
    callee, (none, function, *rest) = field(call, "function") or call, positional
    started = None if _is_taken(unit, call) else unit.imported(call, "asyncio", "create_task")
    before = f"{started.text}({written.text}" if started is not None else written.text
    edits = [*written.edits, Edit(span_of(callee), encode(before))]
    if started is not None:
        edits = [*(edit for edit in started.edits if edit not in edits), *edits, insert(call.end_byte, ")")]
    inner = field(function, "arguments") if function.type == "call" else None
    first = function
    if inner is not None and not rest and unit.call_in(function, _PARTIAL) and arguments_of(function)[0]:
        # What `partial` was given is given to `to_thread`.
        first, last = inner.named_children[0], inner.named_children[-1]
        edits.append(Edit(Span(last.end_byte, inner.end_byte), b""))
    edits.append(Edit(Span(none.start_byte, first.start_byte), b""))
    return Fix(_TITLE, joined(edits), safe=False)


def _is_taken(unit: Unit, call: Node) -> bool:
    """Is the call awaited, or handed to what takes coroutines?"""
    if unit.is_awaited(call):
        return True
    listed = call.parent
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
