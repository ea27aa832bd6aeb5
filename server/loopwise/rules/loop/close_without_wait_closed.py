"""The closing writer is never awaited, so the program may continue, or end, before its last data is sent.

``StreamWriter.close`` only starts to close; ``await writer.wait_closed()`` waits until it is done, and raises any
error.  The documentation recommends both, though it does not require the second.

What is written after ``close()`` is lost, and ``drain()`` may raise ``ConnectionResetError`` then.

A connection that is abandoned in an ``except``, and the ``stdin`` of a process, are not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import line_after, stands_alone
from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import ASSIGNMENTS, CALLS, Node, field, parts_of, source_of, span_of, text_of

# The loop ends before the writer could be waited for.
_AT_END = re.compile(rb"\bloop\.(?:close|stop)\(|\bsys\.exit\(|\bos\._exit\(")
_USES = ("drain", "write", "writelines", "write_eof")
_CLOSE = names("asyncio.StreamWriter.close")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    callee, function = field(node, "function"), unit.function(node)
    # A process ends its input this way; wait() on the process follows.
    if callee is None or callee.type != "attribute" or text_of(callee).endswith(".stdin.close"):
        return
    writer = field(callee, "object")
    if writer is None or function is None or not unit.on_loop(node) or not unit.call_in(node, _CLOSE):
        return
    late = _used_after(unit.statement(node), node, text_of(writer))
    if late is not None:
        message = f"Stream '{text_of(writer)}' is closing here already; write and drain before close()"
        yield Finding(span_of(late), message, related=(Related(span_of(node), "Closed here"),))
        return
    # After an error wait_closed() would raise it again.
    if _is_waited_for(unit, function, writer) or any(outer.type == "except_clause" for outer in unit.around(node)):
        return
    owner = writer
    yield Finding(
        span_of(node),
        f"Stream '{text_of(owner)}' may still be open; await wait_closed() after close()",
        lambda: tuple(_fixes(unit, node, owner)),
    )


def _used_after(statement: Node, close: Node, writer: str) -> Node | None:
    """The first call in the same block that writes to the stream, or drains it, although it was closed before."""
    block = statement.parent
    if close.parent != statement or block is None:
        return None
    for later in parts_of(block):
        if later.start_byte < statement.end_byte or later.type != "expression_statement":
            continue
        for call in own(later, CALLS):
            if text_of(field(call, "function") or call) in {f"{writer}.{method}" for method in _USES}:
                return call
        targets = (text_of(field(one, "left") or one) for one in own(later, ASSIGNMENTS))
        if any(writer in target for target in targets):
            return None
    return None


def _is_waited_for(unit: Unit, function: Node, writer: Node) -> bool:
    """Is the writer's closing awaited in the function, or in another method of the object that holds it?"""
    around = unit.owner(function) if b"." in (writer.text or b"") else None
    text = (around.node if around is not None else function).text or b""
    return b"wait_closed" in text or _AT_END.search(function.text or b"") is not None


def _fixes(unit: Unit, call: Node, writer: Node) -> Iterator[Fix]:
    statement, function = unit.statement(call), unit.function(call)
    after = unit.file.source.data[call.end_byte : function.end_byte] if function is not None else b""
    if re.search(rb"\.(?:drain|write|writelines|write_eof)\(", after):
        return  # what is used after the wait raises
    if call.parent == statement and stands_alone(unit, statement):
        line = line_after(unit, statement, f"await {source_of(writer)}.wait_closed()")
        yield Fix("Await wait_closed()", (line,), safe=False)


RULE = Rule(
    code="LW418",
    name="close-without-wait-closed",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=_CLOSE.last,
    **page(__doc__),
    cards=("asyncio.StreamWriter.close", "asyncio.StreamWriter.wait_closed"),
    examples=(
        Example(
            bad="""\
import asyncio

async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    writer.write(b"hello")
    writer.close()
#   ^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def hello(reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
    writer.write(b"hello")
    writer.close()
    await writer.wait_closed()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def hello(writer: asyncio.StreamWriter):
    writer.close()
    await writer.wait_closed()
""",
        ),
    ),
)
