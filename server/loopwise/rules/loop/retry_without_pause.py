"""A retry that reconnects immediately floods a server that is down, and keeps the loop busy.

``while True: try: await connect() except OSError: log(…)`` repeats as fast as the connection is refused: thousands of
times a second, with a line in the log each time.

Wait before retrying, longer each time: ``await asyncio.sleep(delay); delay = min(delay * 2, 60)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import Exit, exits, own
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import AWAITS, Node, awaited_part, field, parts_of, span_of, text_of, unwrap
from loopwise.text import Span
from loopwise.writing import insert, parting

_HANDLERS = frozenset({"except_clause"})
# asyncio's own calls, then those of aiohttp, websockets and common clients.
_CONNECTS = frozenset(
    "connect open_connection create_connection open_unix_connection reconnect ws_connect dial handshake"
    " async_connect connect_async start_connection".split()
)
# Exceptions of a peer that is down, which come at once and so make the loop spin.
_REFUSED = re.compile(r"\b\w*(?:Connection|Connect|Timeout|OSError|IOError|Handshake|Network|Socket|Exception)\w*\b")
# What pauses, or ends the tries, anywhere in the loop.
_PAUSES = re.compile(r"sleep|\.wait\(|wait_for|backoff|delay|interval|retr(?:y|ies)|attempt|tries|range\(|timeout")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is a ``while`` statement."""
    body = field(node, "body")
    # By text: any word of a pause or a limit is enough to assume one.
    if body is None or not unit.on_loop(node) or _PAUSES.search(text_of(node)):
        return
    for statement in parts_of(body):
        tried = field(statement, "body") if statement.type == "try_statement" else None
        call = _connecting(unit, tried) if tried is not None else None
        for clause in parts_of(statement) if call is not None else ():
            if clause.type in _HANDLERS and _comes_round(clause) and call is not None:
                keyword = Span(clause.start_byte, clause.start_byte + len("except"))
                related = (Related(span_of(call), "Connects again here"),)
                message = "Loop retries without a pause, so it spins while the connection fails"
                yield Finding(keyword, message, lambda clause=clause: tuple(_fixes(unit, clause)), related)  # type: ignore[misc]
                return


def _connecting(unit: Unit, tried: Node) -> Node | None:
    """The first awaited call, if it connects."""
    first = next(own(tried, AWAITS), None)
    inner = awaited_part(first) if first is not None else None
    call = unwrap(inner) if inner is not None else None
    return call if call is not None and call.type == "call" and callee_word(call, unit.aliases) in _CONNECTS else None


def _comes_round(clause: Node) -> bool:
    """Does a handler catch a failed connection, and continue with the next iteration?"""
    block = next((child for child in parts_of(clause) if child.type == "block"), None)
    head = " ".join(text_of(child) for child in parts_of(clause) if child.type not in {"block", "comment"})
    # A bare ``except`` catches a refused connection too.
    if block is None or (head and not _REFUSED.search(head)):
        return False
    return bool(exits(block) & {Exit.FALL, Exit.CONTINUE}) and not exits(block) & {Exit.RAISE, Exit.RETURN, Exit.BREAK}


def _fixes(unit: Unit, clause: Node) -> Iterator[Fix]:
    block = next((child for child in parts_of(clause) if child.type == "block"), None)
    first = next((child for child in parts_of(block) if child.type != "comment"), None) if block else None
    if first is not None:
        written = unit.imported(first, "asyncio", "sleep")
        text = f"await {written.text}(1){parting(unit.file, first.start_byte)}"
        yield Fix("Wait one second before retrying", (*written.edits, insert(first.start_byte, text)), safe=False)


RULE = Rule(
    code="LW432",
    name="retry-without-pause",
    severity=Severity.WARNING,
    nodes=("while_statement",),
    check=check,
    triggers=frozenset({"while"}),
    **page(__doc__),
    cards=("asyncio.sleep",),
    examples=(
        Example(
            bad="""\
import asyncio

async def run(client, log):
    while True:
        try:
            await client.connect()
            return
        except OSError as error:
#       ^^^^^^
            log.warning("no connection: %s", error)
""",
            fixed=(
                """\
import asyncio

async def run(client, log):
    while True:
        try:
            await client.connect()
            return
        except OSError as error:
            await asyncio.sleep(1)
            log.warning("no connection: %s", error)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def run(client, log):
    while True:
        try:
            await client.connect()
            return
        except OSError as error:
            log.warning("no connection: %s", error)
        await asyncio.sleep(5)
"""
        ),
    ),
)
