"""The statement at the cursor, or those selected, get a limit of time: ``async with asyncio.timeout(10):``.

When the time is up, what is awaited is cancelled and ``TimeoutError`` comes out of the block: catch it outside of it.
Blocking code is not interrupted.

Before Python 3.11 there is only ``asyncio.wait_for``, around one ``await``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import TIMEOUT, is_timeout, items
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import waits
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import innermost, joined, lines_of, selected, too_old, wrapped
from loopwise.syntax import DEFINITIONS, Node, unwrap
from loopwise.text import Span
from loopwise.writing import insert

_TITLE = "Wrap in asyncio.timeout()"
# A round placeholder; it becomes a tab stop where the client supports that.
_SECONDS = "10"
_LIMITED = frozenset({"wait_for", *TIMEOUT.last})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statements = [one for one in selected(unit, span) if one.type not in DEFINITIONS and not _is_docstring(one)]
    found = [wait for one in statements for wait in waits(one)]
    if not found or unit.runs(statements[0]) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    if len(statements) == 1 and any(is_timeout(unit, item.value) for item in items(statements[0])):
        return
    if len(statements) == 1 and any(_is_limited(unit, wait) for wait in found):
        return
    if not too_old(unit, ""):
        yield _block(unit, statements, found)
        return
    wait = innermost(unit, span, "await") or (found[0] if len(found) == 1 and found[0].type == "await" else None)
    value = unwrap(wait.named_children[0]) if wait is not None and wait.named_children else None
    if wait is None or value is None:
        why = f"{too_old(unit, 'asyncio.timeout()')}; asyncio.wait_for() takes a single awaitable"
        yield Fix(_TITLE, (), safe=False, refused=why)
    else:
        yield _wait_for(unit, wait.named_children[0])


def _is_docstring(statement: Node) -> bool:
    """Is it a docstring, which is only recognized at the start of a function?"""
    is_text = [child.type for child in statement.named_children] == ["string"]
    block = statement.parent
    return is_text and block is not None and block.named_children[0] == statement


def _is_limited(unit: Unit, wait: Node) -> bool:
    """Does it already have a timeout that ``wait-for-to-timeout`` turns into a block?"""
    value = unwrap(wait.named_children[0]) if wait.type == "await" and wait.named_children else None
    return value is not None and value.type == "call" and callee_word(value, unit.aliases) in _LIMITED


def _block(unit: Unit, statements: list[Node], found: list[Node]) -> Fix:
    lines = lines_of(unit, statements)
    if any(wait.type == "yield" for wait in found):
        why = "A yield in the block would let the limit also cover the consumer's code"
        return Fix(_TITLE, (), safe=False, refused=why)
    if lines is None:
        return Fix(_TITLE, (), safe=False, refused="The statement shares its line with other code")
    written = unit.imported(statements[0], "asyncio", "timeout")
    edits = wrapped(unit, lines, f"async with {written.text}({_SECONDS})")
    return Fix(_TITLE, joined([*written.edits, *edits]), safe=False, holes=(_SECONDS,))


def _wait_for(unit: Unit, value: Node) -> Fix:
    written = unit.imported(value, "asyncio", "wait_for")
    start, end = insert(value.start_byte, f"{written.text}("), insert(value.end_byte, f", timeout={_SECONDS})")
    title = "Wrap in asyncio.wait_for()"
    return Fix(title, joined([*written.edits, start, end]), safe=False, holes=(_SECONDS,))


ASSIST = Assist(
    name="wrap-in-timeout",
    general=True,
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
import asyncio

async def main(fetch):
    page = $0await fetch("x")  # slow
    return page
""",
            after=(
                """\
import asyncio

async def main(fetch):
    async with asyncio.timeout(10):
        page = await fetch("x")  # slow
    return page
""",
            ),
        ),
        Example(
            before='''\
class Reader:
    async def read(self, stream):
        if stream:
            $0async for line in stream:
                # one by one
                print(f"""
{line}
""")

            return await stream.rest(
                1,
            )$0
''',
            after=(
                '''\
import asyncio


class Reader:
    async def read(self, stream):
        if stream:
            async with asyncio.timeout(10):
                async for line in stream:
                    # one by one
                    print(f"""
{line}
""")

                return await stream.rest(
                    1,
                )
''',
            ),
        ),
        Example(
            before="""\
import asyncio

async def main(fetch):
    return first(await fetch("x")$0)
""",
            after=(
                """\
import asyncio

async def main(fetch):
    return first(await asyncio.wait_for(fetch("x"), timeout=10))
""",
            ),
            target="3.10-3.14",
        ),
        Example(
            before="""\
async def main(stream):
    async for$0 item in stream:
        print(item)
""",
            refused="was added in Python 3.11",
            target="3.10-3.14",
        ),
        Example(
            before="""\
async def main(stream):
    async for item in$0 stream:
        yield item
""",
            refused="A yield in the block",
        ),
        Example(
            before="""\
async def main(stream):
    if stream: await stream$0.read()
""",
            refused="shares its line",
        ),
        Example(
            before="""\
import asyncio

async def main(stream):
    async with asyncio.time$0out(1):
        await stream.read()
"""
        ),
        Example(
            before="""\
async def main(stream):
    print(stream)$0
    await stream.read()
"""
        ),
    ),
)
