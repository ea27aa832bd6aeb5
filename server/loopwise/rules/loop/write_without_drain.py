"""The function never waits until its data has been sent, so a slow reader lets the buffer grow without limit.

``StreamWriter.write`` only adds data to a buffer.  ``await writer.drain()`` waits while the buffer is too full.
If a function writes but never drains, all its data may pile up in memory.

A short literal written outside a loop is not reported, nor is a last message before the writer is closed.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import line_after, stands_alone
from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import CALLS, LOOPS, Node, arguments_of, field, source_of, span_of, text_of

_WRITES = names("asyncio.StreamWriter.write asyncio.StreamWriter.writelines")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    writer, function = _receiver(node), unit.function(node)
    if writer is None or function is None or not unit.on_loop(node):
        return
    writes = unit.per_edit.get(("writes", function.id), lambda: _writes(function)).get(text_of(writer), [])
    if not writes or writes[-1] != node or _is_drained(unit, function, writer):
        return
    if not _is_much(unit, writes, function) or not unit.call_in(node, _WRITES):
        return
    yield Finding(
        span_of(node),
        f"Function never awaits {text_of(writer)}.drain(), so written data may pile up in memory",
        lambda: tuple(_fixes(unit, node, writer)),
    )


def _receiver(call: Node) -> Node | None:
    callee = field(call, "function")
    name = field(callee, "attribute") if callee is not None and callee.type == "attribute" else None
    if callee is None or name is None or text_of(name) not in _WRITES.last:
        return None
    owner = field(callee, "object")
    return owner if owner is not None and owner.type in {"identifier", "attribute"} else None


def _writes(function: Node) -> dict[str, list[Node]]:
    """The calls of a function that write, by the writer they are called on."""
    body, found = field(function, "body"), dict[str, list[Node]]()
    for one in own(body, CALLS) if body is not None else ():
        owner = _receiver(one)
        if owner is not None:
            found.setdefault(text_of(owner), []).append(one)
    return found


def _is_drained(unit: Unit, function: Node, writer: Node) -> bool:
    """Does the function drain, or may another method do so for it?"""
    around = unit.owner(function) if b"." in (writer.text or b"") else None
    text = (around.node if around is not None else function).text or b""
    return b"drain" in text


def _is_much(unit: Unit, writes: list[Node], function: Node) -> bool:
    """May it be more than a short literal, or a last message before the end?"""
    if any(outer.type in LOOPS for one in writes for outer in unit.around(one)):
        return True
    ends = any(end in (function.text or b"") for end in (b".close(", b".wait_closed(", b".write_eof("))
    return not ends and not all(_is_short(one) for one in writes)


def _is_short(call: Node) -> bool:
    positional, _, _ = arguments_of(call)
    given = positional[0] if len(positional) == 1 else None
    callee = field(given, "function") if given is not None and given.type == "call" else None
    if callee is not None and callee.type == "attribute":
        given = field(callee, "object")
    return given is not None and given.type == "string" and b"{" not in (given.text or b"")


def _fixes(unit: Unit, call: Node, writer: Node) -> Iterator[Fix]:
    statement = unit.statement(call)
    if call.parent == statement and stands_alone(unit, statement):
        yield Fix(
            "Await drain() after the write",
            (line_after(unit, statement, f"await {source_of(writer)}.drain()"),),
            safe=False,
        )


RULE = Rule(
    code="LW417",
    name="write-without-drain",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=_WRITES.last,
    **page(__doc__),
    cards=("asyncio.StreamWriter.write", "asyncio.StreamWriter.drain"),
    examples=(
        Example(
            bad="""\
import asyncio

async def send(writer: asyncio.StreamWriter, rows):
    for row in rows:
        writer.write(row)  # one a line
#       ^^^^^^^^^^^^^^^^^
    writer.close()
    await writer.wait_closed()
""",
            fixed=(
                """\
import asyncio

async def send(writer: asyncio.StreamWriter, rows):
    for row in rows:
        writer.write(row)  # one a line
        await writer.drain()
    writer.close()
    await writer.wait_closed()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def send(writer: asyncio.StreamWriter, rows):
    for row in rows:
        writer.write(row)
        await writer.drain()
""",
        ),
    ),
)
