"""``create_task`` starts a coroutine; ``ensure_future`` accepts any awaitable, and hides which it is.

Given a coroutine, ``ensure_future`` calls ``create_task``.
It is for code that receives a coroutine or a future without knowing which; that use is not reported.
``create_task`` also accepts a name.
Tests are not reported: they are seldom changed for that.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import without
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import is_event_loop
from loopwise.semantics.index import is_test
from loopwise.syntax import NAMES_AND_CALLS, Node, arguments_of, field, source_of, span_of
from loopwise.text import Edit, encode

_ENSURE = names("asyncio.ensure_future")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    positional, keywords, starred = arguments_of(node)
    callee = field(node, "function")
    if callee is None or starred or len(positional) != 1 or keywords.keys() - {"loop"} or is_test(unit.file.key):
        return
    if not unit.on_loop(node) or not unit.call_in(node, _ENSURE) or not unit.gives_coroutine(positional[0]):
        return
    message = "Use create_task() to start a coroutine; ensure_future() is for arguments that may be futures"
    name = field(callee, "attribute") if callee.type == "attribute" else callee
    yield Finding(span_of(name or callee), message, lambda: tuple(_fixes(unit, node, keywords.get("loop"))))


def _fixes(unit: Unit, call: Node, loop: Node | None) -> Iterator[Fix]:
    callee = field(call, "function") or call
    if loop is None:
        written = unit.imported(call, "asyncio", "create_task")
        yield Fix("Use asyncio.create_task()", (*written.edits, Edit(span_of(callee), encode(written.text))))
        return
    argument = loop.parent
    if loop.type not in NAMES_AND_CALLS or argument is None:
        return
    made = Edit(span_of(callee), encode(f"{source_of(loop)}.create_task"))
    sure = is_event_loop(unit, loop)
    yield Fix("Use loop.create_task()", (made, without(argument)), safe=sure)


RULE = Rule(
    code="LW502",
    name="prefer-create-task",
    severity=Severity.HINT,
    nodes=("call",),
    check=check,
    triggers=_ENSURE.last,
    **page(__doc__),
    cards=("asyncio.create_task", "asyncio.ensure_future"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(): ...

async def main():
    task = asyncio.ensure_future(work())
#                  ^^^^^^^^^^^^^
    await task
""",
            fixed=(
                """\
import asyncio

async def work(): ...

async def main():
    task = asyncio.create_task(work())
    await task
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def work(): ...

async def main(unknown):
    await asyncio.wait([asyncio.ensure_future(unknown), asyncio.create_task(work())])
""",
        ),
    ),
)
