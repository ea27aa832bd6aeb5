"""A coroutine that nobody awaits does nothing: calling a coroutine function only makes the coroutine.

Python says so at run time at best (``coroutine 'fetch' was never awaited``), when the coroutine is thrown away.
Awaiting it runs it here and now; ``create_task`` runs it beside the code that follows, and wants to be kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.spelled import COROUTINE
from loopwise.rules.unit import Runs, Unit
from loopwise.rules.write import about, awaited, insert
from loopwise.semantics.values import Function, each
from loopwise.syntax import Node, field, span_of, text_of

_CALLS = frozenset({"call"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    call = node.named_children[0] if node.named_child_count == 1 else None
    while call is not None and call.type == "parenthesized_expression" and call.named_child_count == 1:
        call = call.named_children[0]
    if call is None or call.type not in _CALLS or not unit.gives_coroutine(call):
        return
    found, name = call, _shown(unit, call)
    yield Finding(
        span_of(found), f"{name} is never awaited: nothing of it will run", lambda: tuple(_fixes(unit, found))
    )


def _shown(unit: Unit, call: Node) -> str:
    callee = field(call, "function")
    functions = [member for member in each(unit.called(call)) if isinstance(member, Function)]
    name = functions[0].qualname if functions else text_of(callee) if callee is not None else "the coroutine"
    return f"{name}()"


def _fixes(unit: Unit, call: Node) -> Iterator[Fix]:
    runs = unit.runs(call)
    if runs in {Runs.ASYNC, Runs.CELL}:
        yield Fix("Await it", awaited(call))
    if runs is Runs.ASYNC:
        written = unit.imported(call, "asyncio", "create_task")
        start = insert(call.start_byte, f"task = {written.text}(")
        yield Fix(
            "Start it as a task, and keep the task",
            (*written.edits, start, insert(call.end_byte, ")")),
            safe=False,
        )


RULE = Rule(
    code="LW101",
    name="missing-await",
    severity=Severity.ERROR,
    nodes=("expression_statement",),
    check=check,
    words=frozenset({COROUTINE}),
    **about(__doc__),
    peers=("reportUnusedCoroutine", "unused-coroutine", "unused-awaitable"),
    about=("coro", "await"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main():
    asyncio.sleep(1)
#   ^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def main():
    await asyncio.sleep(1)
""",
                """\
import asyncio

async def main():
    task = asyncio.create_task(asyncio.sleep(1))
""",
            ),
        ),
        Example(
            bad="""\
class Client:
    async def send(self, data): ...

    def close(self):
        self.send(b"bye")
#       ^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            bad="""\
from net import fetch

async def main():
    fetch("x")
#   ^^^^^^^^^^
""",
            files={"net.py": "async def fetch(url): ...\n"},
        ),
        Example(
            good="""\
import asyncio
import contextlib

async def fetch(): ...

def plain(): ...

@contextlib.asynccontextmanager
async def opened():
    yield 1

async def numbers():
    yield 1

async def main(unknown):
    await fetch()
    plain()
    unknown()
    opened()
    numbers()
    coro = fetch()
    await coro
    return fetch()
"""
        ),
    ),
)
