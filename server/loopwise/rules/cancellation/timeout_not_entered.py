"""A timeout that is not entered with ``async with`` has no effect.

``asyncio.timeout(5)`` only creates the context manager; the clock starts when ``async with`` enters it, and applies to
the code in its block.
It cannot be awaited either.
A plain ``with`` is reported by another rule, ``sync-with-on-async-cm``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import block_of
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, parts_of, source_of, span_of, unwrap
from loopwise.text import Edit, Span
from loopwise.writing import indent_of, moved_in, usual_step

_TIMEOUT = names("asyncio.timeout asyncio.timeout_at")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    inner = unwrap(node)
    awaited = inner.type == "await" and bool(parts_of(inner))
    call = unwrap(parts_of(inner)[0]) if awaited else inner
    if call.type != "call":
        return
    name = unit.call_in(call, _TIMEOUT)
    if name is None:
        return
    effect = "cannot be awaited" if awaited else "has no effect"
    message = f"Call to {name}() {effect}; enter it with 'async with'"
    yield Finding(span_of(call), message, lambda: tuple(_fixes(unit, node, call)))


def _fixes(unit: Unit, statement: Node, call: Node) -> Iterator[Fix]:
    title = "Move the following statements into an async with"
    block, indent = block_of(statement), indent_of(unit.file, statement.start_byte)
    if block is None or indent is None or unit.runs(statement) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    below = [one for one in parts_of(block) if one.start_byte > statement.start_byte and one.type != "comment"]
    source = unit.file.source
    own_line = source.line_at(statement.end_byte)
    if not below or source.line_at(below[0].start_byte) == own_line:
        return
    head = Edit(span_of(statement), b"async with " + (source_of(call).encode("utf-8", "surrogatepass")) + b":")
    lines = Span(source.starts[own_line + 1], block.end_byte)
    yield Fix(title, (head, *moved_in(unit.file, lines, indent, usual_step(indent))), safe=False)


RULE = Rule(
    code="LW305",
    name="timeout-not-entered",
    severity=Severity.WARNING,
    nodes=("expression_statement",),
    check=check,
    triggers=_TIMEOUT.last,
    **page(__doc__),
    peers=("S7515",),
    cards=("asyncio.timeout", "asyncio.timeout_at"),
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(get):
    if get:
        asyncio.timeout(5)  # seconds
#       ^^^^^^^^^^^^^^^^^^
        text = await get('''a
        b''')

        # done
        return text
    return ""
""",
            fixed=(
                """\
import asyncio

async def fetch(get):
    if get:
        async with asyncio.timeout(5):  # seconds
            text = await get('''a
        b''')

            # done
            return text
    return ""
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(get):
    async with asyncio.timeout(5):
        await get()
""",
        ),
    ),
)
