"""The ``TimeoutError`` of ``asyncio.timeout`` is raised at the end of its block, not inside it.

Inside the block, an expired timeout appears as ``CancelledError``; ``async with`` turns it into a ``TimeoutError`` when
the block exits.
An ``except TimeoutError`` inside never catches it; put the ``try`` around the ``async with``.
``asyncio.wait(tasks, timeout=5)`` does not raise it either: the unfinished tasks are in the second set that it returns.
If the code in the ``try`` has its own timeout, or connects to something, which can time out too, nothing is reported.
Nor is it if a ``try`` around the ``async with`` catches ``TimeoutError`` too: the handler inside is for other timeouts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import Item, is_timeout, items, sole_statement
from loopwise.analysis.flow import waits
from loopwise.analysis.known_names import WAIT
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, awaited_part, caught_classes, field, is_async, parts_of, span_of, text_of, unwrap
from loopwise.text import Edit, Span
from loopwise.writing import indent_of, moved_out, newline_of, step_of

# One class since 3.11, two before.
_ERRORS = frozenset({"builtins.TimeoutError", "asyncio.TimeoutError", "asyncio.exceptions.TimeoutError"})
_RAISES = re.compile(r"\braise\b|\.(?:result|exception)\(")
# The block has a timeout of its own, or an operation that raises TimeoutError by itself.
_OWN = re.compile(r"(?i)timeout|wait_for|deadline|connect|request|sock")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body, caught = field(node, "body"), _caught(unit, node)
    if body is not None and caught is not None and _only_waits(unit, body):
        message = "Function asyncio.wait() does not raise TimeoutError; it returns the pending tasks"
        yield Finding(span_of(caught), message)
        return
    if body is None or caught is None or _OWN.search(text_of(body)) or not any(True for _ in waits(body)):
        return
    found = _entered(unit, node)
    if found is None or _is_caught_outside(unit, found[0]):
        return
    block, item = found
    name = text_of(field(item.value, "function") or item.value)
    yield Finding(
        span_of(caught),
        f"TimeoutError is raised when the {name}() block exits, so this handler never catches it",
        lambda: tuple(_fixes(unit, block, node)),
        related=(Related(span_of(item.value), "Raised at the end of this block"),),
    )


def _only_waits(unit: Unit, body: Node) -> bool:
    """Is ``asyncio.wait`` all that is awaited, and does nothing else there raise a task's exception?"""
    found = list(waits(body))
    if len(found) != 1 or found[0].type != "await" or _RAISES.search(text_of(body)):
        return False
    awaited = awaited_part(found[0])
    call = unwrap(awaited) if awaited is not None else None
    return call is not None and call.type == "call" and unit.call_in(call, WAIT) is not None


def _caught(unit: Unit, statement: Node) -> Node | None:
    """The node that names ``TimeoutError`` in an ``except`` of the statement."""
    for clause in parts_of(statement):
        classes = caught_classes(clause) if clause.type == "except_clause" else []
        # A broad handler catches other errors too, so it is not useless.
        if any("Exception" in text_of(one) for one in classes):
            continue
        for one in classes:
            if one.type in {"identifier", "attribute"} and unit.name(one) in _ERRORS:
                return one
    return None


def _entered(unit: Unit, node: Node) -> tuple[Node, Item] | None:
    """The timeout whose block contains the statement, with nothing between that catches or waits by itself."""
    inner = node
    for outer in unit.around(node):
        if outer.type == "with_statement" and is_async(outer) and inner == field(outer, "body"):
            for item in items(outer):
                if is_timeout(unit, item.value):
                    return outer, item
        inner = outer
    return None


def _is_caught_outside(unit: Unit, block: Node) -> bool:
    """Does a ``try`` around the block catch its timeout, so that the handler inside is for another one?"""
    inner = block
    for outer in unit.around(block):
        if outer.type == "try_statement" and inner == field(outer, "body") and _caught(unit, outer) is not None:
            return True
        inner = outer
    return False


def _fixes(unit: Unit, block: Node, statement: Node) -> Iterator[Fix]:
    """Swap the two heads, if the ``try`` is the only statement in the block."""
    body, inside = field(block, "body"), field(statement, "body")
    outer = indent_of(unit.file, block.start_byte)
    if body is None or inside is None or outer is None or sole_statement(body) != statement:
        return
    step = step_of(unit.file, body, outer)
    deeper = step_of(unit.file, inside, outer + step) if step is not None else None
    source = unit.file.source
    lines = Span(block.start_byte, source.line_span(source.line_at(statement.start_byte)).end)
    clauses = [child for child in parts_of(statement) if child.type.endswith("_clause")]
    if step is None or deeper is None or any(c.type == "comment" for c in (*parts_of(block), *parts_of(body))):
        return
    newline = newline_of(unit.file, block.start_byte)
    head = source.data[block.start_byte : source.line_span(source.line_at(body.start_byte) - 1).end].rstrip()
    # Only heads of one line can be swapped.
    if b"\n" in head or source.data[statement.start_byte : lines.end].strip() != b"try:":
        return
    yield Fix(
        "Move the try outside the async with",
        (
            Edit(lines, b"try:" + newline + outer + step + head),
            *moved_out(unit.file, Span(clauses[0].start_byte, statement.end_byte), outer, step),
        ),
        safe=False,
    )


RULE = Rule(
    code="LW304",
    name="timeout-caught-inside",
    severity=Severity.WARNING,
    nodes=("try_statement",),
    check=check,
    triggers=frozenset({"TimeoutError"}),
    **page(__doc__),
    cards=("asyncio.timeout", "asyncio.timeout_at", "asyncio.TimeoutError"),
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(queue):
    async with asyncio.timeout(5) as limit:
        try:
            return await queue.get()  # next
        except TimeoutError:
#              ^^^^^^^^^^^^
            # late
            return None
        finally:
            print(limit)
""",
            fixed=(
                """\
import asyncio

async def fetch(queue):
    try:
        async with asyncio.timeout(5) as limit:
            return await queue.get()  # next
    except TimeoutError:
        # late
        return None
    finally:
        print(limit)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(queue):
    try:
        async with asyncio.timeout(5):
            await queue.get()
    except TimeoutError:
        print("late")
""",
        ),
    ),
)
