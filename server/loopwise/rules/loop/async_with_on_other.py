"""``async with`` cannot enter a plain context manager: it raises on entry.

A thread lock, an open file, and the result of a ``contextmanager`` function have ``__enter__`` but no ``__aenter__``.
The same applies to a coroutine that returns a context manager: it has to be awaited first
(``async with await connect():``).
Objects that have both, and those of unknown type, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import entered, given, has, lacking, lacks, value_label
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, is_async, span_of, text_of
from loopwise.writing import awaited, without_async


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if not is_async(node):
        return
    for item in entered(node):
        if item.type not in {"call", "identifier", "attribute"}:
            continue
        if given(unit, item) is Evidence.CERTAIN:
            message = f"{value_label(unit, item)} is a coroutine; await it before 'async with'"
            yield Finding(span_of(item), message, lambda item=item: (_await_first(unit, node, item),))  # type: ignore[misc]
        elif evidence := lacking(unit, item, ("__enter__",), ("__aenter__",)):
            message = f"{value_label(unit, item)} is not an async context manager; use 'with'"
            yield Finding(span_of(item), message, lambda: (_plain(unit, node),), evidence=evidence)


def _plain(unit: Unit, statement: Node) -> Fix:
    items = entered(statement)
    asynchronous = [item for item in items if lacks(unit, unit.value(item), "__enter__")]
    if asynchronous:
        return Fix("Use with", (), refused=f"{text_of(asynchronous[0])} needs 'async with'; nest two statements")
    # All items of the statement change together.
    sure = all(has(unit, unit.value(item), "__enter__") for item in items)
    return Fix("Use with", (without_async(statement),), safe=sure)


def _await_first(unit: Unit, statement: Node, item: Node) -> Fix:
    edits = awaited(item)
    given = unit.ev.awaited(unit.value(item))
    if has(unit, given, "__enter__") and lacks(unit, given, "__aenter__") and len(entered(statement)) == 1:
        return Fix("Await the coroutine first", (without_async(statement), *edits))
    return Fix("Await the coroutine first", edits, safe=has(unit, given, "__aenter__"))


RULE = Rule(
    code="LW404",
    name="async-with-on-other",
    severity=Severity.ERROR,
    nodes=("with_statement",),
    check=check,
    triggers=frozenset({"with"}),
    **page(__doc__),
    peers=("E1701", "reportGeneralTypeIssues", "attr-defined", "invalid-context-manager", "bad-context-manager"),
    cards=("async with",),
    examples=(
        Example(
            bad="""\
import threading

async def main():
    async with threading.Lock():
#              ^^^^^^^^^^^^^^^^
        print("mine")
""",
            fixed=(
                """\
import threading

async def main():
    with threading.Lock():
        print("mine")
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

class Connection:
    async def __aenter__(self): ...
    async def __aexit__(self, *args): ...

async def connect():
    return Connection()

async def main():
    async with connect() as connection:
#              ^^^^^^^^^
        print(connection)
""",
            fixed=(
                """\
import asyncio

class Connection:
    async def __aenter__(self): ...
    async def __aexit__(self, *args): ...

async def connect():
    return Connection()

async def main():
    async with await connect() as connection:
        print(connection)
""",
            ),
        ),
        Example(
            good="""\
from contextlib import asynccontextmanager

@asynccontextmanager
async def opened():
    yield 1

async def main():
    async with opened():
        pass
""",
        ),
    ),
)
