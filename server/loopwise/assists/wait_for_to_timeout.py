"""``await asyncio.wait_for(x, t)`` becomes ``await x`` in an ``async with asyncio.timeout(t)``.

The block can hold more than one ``await``.
It makes no task of what it awaits, as ``wait_for`` does before Python 3.12.
Both raise ``TimeoutError``.  From Python 3.11 on.

The limit is computed before the statement.
It is refused where that matters: where a condition is before it, where the limit reads what the statement binds,
and where nothing may be left of it, as ``wait_for`` does not start the call then.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import (
    Lines,
    hoistable,
    innermost,
    is_simple,
    joined,
    lines_of,
    moved,
    noted,
    statement_at,
    too_old,
    wrapped,
)
from loopwise.syntax import CLOSED, COMPREHENSIONS, Node, arguments_of, unwrap
from loopwise.text import Span
from loopwise.writing import replace

_TITLE = "Use asyncio.timeout()"
_WAIT_FOR = names("asyncio.wait_for")
_NO_TASK = (3, 12)  # from here on wait_for() makes no task of a coroutine


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statement = statement_at(unit, span)
    wait = _wait(unit, statement, span) if statement is not None else None
    call = unwrap(wait.named_children[0]) if wait is not None and wait.named_children else None
    if statement is None or wait is None or call is None:
        return
    if call.type != "call" or callee_word(call, unit.aliases) != "wait_for" or not unit.call_in(call, _WAIT_FOR):
        return
    given = _given(call)
    if given is None or unit.runs(call) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    lines = lines_of(unit, [statement])
    refused = too_old(unit, "asyncio.timeout()") or _refused(unit, statement, wait, given)
    if refused or lines is None:
        yield Fix(_TITLE, (), safe=False, refused=refused or "The statement shares its line with other code")
    else:
        yield _fix(unit, wait, given, lines)


def _wait(unit: Unit, statement: Node, span: Span) -> Node | None:
    """The ``await`` that contains the cursor, or the only one of the statement."""
    found = innermost(unit, span, "await")
    waiting = [wait for wait in waits(statement) if wait.type == "await"] if found is None else []
    return waiting[0] if len(waiting) == 1 and is_simple(statement) else found


def _given(call: Node) -> tuple[Node, Node] | None:
    """The ``fut`` and ``timeout`` arguments."""
    positional, keywords, starred = arguments_of(call)
    known = dict(zip(("fut", "timeout"), positional, strict=False)) | keywords
    if starred or len(positional) > 2 or known.keys() != {"fut", "timeout"}:
        return None
    return known["fut"], known["timeout"]


def _refused(unit: Unit, statement: Node, wait: Node, given: tuple[Node, Node]) -> str:
    if not is_simple(statement):
        return "The call is in the head of a block; assign its result to a variable first"
    if any(outer.type in COMPREHENSIONS for outer in unit.around(wait)):
        return "Each iteration of the comprehension has its own limit"
    if any(other != wait for other in waits(statement)):
        return "The statement awaits something else as well, which the limit would also cover"
    return hoistable(unit, statement, wait, *given)


def _fix(unit: Unit, wait: Node, given: tuple[Node, Node], lines: Lines) -> Fix:
    value, limit = given
    whole, data = wait.named_children[0], unit.file.source.data
    gaps = Span(whole.start_byte, value.start_byte), Span(value.end_byte, whole.end_byte)
    if any(b"#" in data[gap.start : gap.end].replace(limit.text or b"", b"") for gap in gaps):
        return Fix(_TITLE, (), safe=False, refused="A comment in the call would be lost")
    awaited = moved(unit, value, lines.indent + lines.step)
    edit = replace(whole, awaited if value.type in CLOSED else f"({awaited})")
    written = unit.imported(wait, "asyncio", "timeout")
    edits = wrapped(unit, lines, f"async with {written.text}({moved(unit, limit, lines.indent)})", [edit])
    title = noted(_TITLE, "" if unit.target.floor >= _NO_TASK else "no separate task")
    return Fix(title, joined([*written.edits, *edits]), safe=False)


ASSIST = Assist(
    name="wait-for-to-timeout",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

async def main(fetch):
    try:
        page = await asyncio.wait_for$0(
            fetch("x"),
            timeout=limit(1),
        )
    except TimeoutError:
        page = None
    return page
""",
            after=(
                """\
import asyncio

async def main(fetch):
    try:
        async with asyncio.timeout(limit(1)):
            page = await fetch("x")
    except TimeoutError:
        page = None
    return page
""",
            ),
        ),
        Example(
            before="""\
from asyncio import wait_for as wf

async def main(task, other):
    return (await $0wf(task or other, 3)).text
""",
            after=(
                """\
from asyncio import timeout, wait_for as wf

async def main(task, other):
    async with timeout(3):
        return (await (task or other)).text
""",
            ),
        ),
        Example(
            before="""\
import asyncio

async def main(task):
    if await asyncio.$0wait_for(task, 1):
        return
""",
            refused="in the head of a block",
        ),
        Example(
            before="""\
import asyncio

async def main(task):
    return await asyncio.$0wait_for(task, 1), await task
""",
            refused="awaits something else as well",
        ),
        Example(
            before="""\
import asyncio

async def main(task):
    await asyncio.$0wait_for(task, 1)
""",
            refused="Python 3.11",
            target="3.10-3.14",
        ),
        Example(
            before="""\
import asyncio

async def main(task, options, wait_for):
    await wait_for(task, 1)
    waiting = asyncio.wait_for(task, 1)
    await waiting$0
"""
        ),
    ),
)
