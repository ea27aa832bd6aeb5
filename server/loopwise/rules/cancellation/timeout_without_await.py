"""A timeout around code that never waits cannot expire.

A timeout cancels the task while it waits for something; code that never yields to the event loop runs to its end,
however long it takes.
Usually an ``await`` is missing, or the code blocks and belongs in ``asyncio.to_thread``.
``async for``, ``async with`` (including another item after the timeout), asynchronous comprehensions and the ``yield``
of an asynchronous generator wait, and are not reported; a coroutine that lacks its ``await`` is a finding of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import TIMEOUT, Item, drops_coroutine, is_timeout, items
from loopwise.analysis.flow import uses, waits
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, is_async, nodes_of, parts_of, span_of, text_of
from loopwise.text import Edit, Span
from loopwise.writing import unwrapped

_LAZY = frozenset({"generator_expression"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    body = field(node, "body")
    if not is_async(node) or body is None or _may_wait(body):
        return
    item = _idle(unit, node)
    if item is not None and not drops_coroutine(unit, body):
        name = text_of(field(item.value, "function") or item.value)
        message = f"Block awaits nothing, so {name}() can never expire"
        yield Finding(span_of(item.value), message, lambda: (_removed(unit, node, item),), unnecessary=True)


def _idle(unit: Unit, statement: Node) -> Item | None:
    """The first timeout that is the last item entered."""
    found = None
    # Entering a later item may await, and that counts against the timeout.
    for item in reversed(items(statement)):
        if not is_timeout(unit, item.value):
            break
        found = item
    return found


def _may_wait(body: Node) -> bool:
    return any(True for _ in waits(body)) or any(one.parent != body for one in nodes_of(body, _LAZY) if _awaits(one))


def _awaits(generator: Node) -> bool:
    return bool(nodes_of(generator, frozenset({"await"}))) or any(is_async(part) for part in parts_of(generator))


def _removed(unit: Unit, statement: Node, item: Item) -> Fix:
    """Remove the timeout; if it was the only item, move its block out."""
    title = "Remove the timeout"
    function = unit.function(statement) or unit.root
    if item.target is not None and (item.name is None or len(list(uses(function, item.name))) > 1):
        return Fix(title, (), refused=f"'{text_of(item.target)}' is used, so the timeout cannot be removed")
    entered = items(statement)
    if len(entered) > 1:
        return Fix(title, (_without(entered, entered.index(item)),), safe=False)
    edits = unwrapped(unit.file, statement)
    return Fix(title, edits, safe=False, refused="" if edits else "The block cannot be dedented as written")


def _without(entered: tuple[Item, ...], index: int) -> Edit:
    start, end = entered[index].node.start_byte, entered[index].node.end_byte
    if index + 1 < len(entered):
        return Edit(Span(start, entered[index + 1].node.start_byte), b"")
    return Edit(Span(entered[index - 1].node.end_byte, end), b"")


RULE = Rule(
    code="LW306",
    name="timeout-without-await",
    severity=Severity.WARNING,
    nodes=("with_statement",),
    check=check,
    triggers=TIMEOUT.last,
    **page(__doc__),
    peers=("ASYNC100", "S7490"),
    cards=("asyncio.timeout", "asyncio.timeout_at"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(work):
    async with asyncio.timeout(10):  # seconds
#              ^^^^^^^^^^^^^^^^^^^
        # all of it
        text = '''a
        b'''
        work(
            text)
    return text
""",
            fixed=(
                """\
import asyncio

async def main(work):
    # seconds
    # all of it
    text = '''a
        b'''
    work(
        text)
    return text
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def main(session):
    async with asyncio.timeout(1):
        await session.get()
""",
        ),
    ),
)
