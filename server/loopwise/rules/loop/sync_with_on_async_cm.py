"""A plain ``with`` cannot enter an asynchronous context manager: it raises on entry.

asyncio's locks and timeouts, task groups, client sessions, and the results of ``asynccontextmanager`` functions have
``__aenter__`` but no ``__enter__``: entering them needs an ``await``, which only ``async with`` does.
Objects that have both, and those of unknown type, are not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import async_only, entered, has, lacking, lacks, may_be_async, value_label
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import made_async
from loopwise.syntax import NAMES_AND_CALLS, Node, field, is_async, span_of, text_of
from loopwise.text import encode
from loopwise.writing import insert

# Plain functions that give asynchronous context managers.
_MADE_BY = frozenset("timeout timeout_at aclosing open connect create_pool create_task_group".split())


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if is_async(node):
        return
    for item in entered(node):
        if item.type not in NAMES_AND_CALLS or not (may_be_async(unit, item, _MADE_BY) or _is_made_async(unit, item)):
            continue
        if evidence := _is_async(unit, item):
            message = f"{value_label(unit, item)} is an async context manager; use 'async with'"
            yield Finding(span_of(item), message, lambda: tuple(_fixes(unit, node)), evidence=evidence)


def _is_made_async(unit: Unit, item: Node) -> bool:
    """Does the file assign something to the name or attribute that may be one, judged by words?"""
    name = encode(text_of(field(item, "attribute") or item)) if item.type != "call" else b""
    made = rb"(?<!\w)" + re.escape(name) + rb"(?!\w)[^=\n]*=[^\n]*(?:Lock|Semaphore|Condition|Session|Client|Group)\("
    return bool(name) and re.search(made, unit.file.source.data) is not None


def _is_async(unit: Unit, item: Node) -> Evidence:
    """The evidence that a context manager supports only ``async with``."""
    return async_only(unit.value(item)) or lacking(unit, item, ("__aenter__",), ("__enter__",))


def _fixes(unit: Unit, statement: Node) -> Iterator[Fix]:
    title, start = "Use async with", insert(statement.start_byte, "async ")
    items = entered(statement)
    plain = [item for item in items if lacks(unit, unit.value(item), "__aenter__")]
    sure = all(_is_async(unit, item) or has(unit, unit.value(item), "__aenter__") for item in items)
    if plain:
        yield Fix(title, (), refused=f"{text_of(plain[0])} needs a plain 'with'; nest two statements")
    elif unit.runs(statement) in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        yield Fix(title, (start,), safe=sure)
    else:
        function = unit.function(statement)
        if function is None:
            return
        made = made_async(unit, function)
        edits = () if made.refused else (*made.edits, start)
        name = text_of(field(function, "name") or function)
        yield Fix(f"{title}, and make {name}() async", edits, safe=sure and made.safe, refused=made.refused)


RULE = Rule(
    code="LW403",
    name="sync-with-on-async-cm",
    severity=Severity.ERROR,
    nodes=("with_statement",),
    check=check,
    triggers=frozenset({"with"}),
    **page(__doc__),
    peers=(
        "S7515",
        "E1145",
        "reportGeneralTypeIssues",
        "attr-defined",
        "invalid-context-manager",
        "bad-context-manager",
    ),
    cards=("async with", "asyncio.Lock", "asyncio.timeout"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main():
    lock = asyncio.Lock()
    with lock:
#        ^^^^
        print("mine")
""",
            fixed=(
                """\
import asyncio

async def main():
    lock = asyncio.Lock()
    async with lock:
        print("mine")
""",
            ),
        ),
        Example(
            bad="""\
from contextlib import asynccontextmanager as acm

@acm
async def opened():
    yield 1

def use():
    with opened() as number:
#        ^^^^^^^^
        print(number)
""",
            fixed=(
                """\
from contextlib import asynccontextmanager as acm

@acm
async def opened():
    yield 1

async def use():
    async with opened() as number:
        print(number)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

LOCK = asyncio.Lock()

async def main():
    async with LOCK:
        pass
""",
        ),
    ),
)
