"""A task cannot be started where no event loop is running: ``RuntimeError: no running event loop``.

``asyncio.create_task`` and ``asyncio.get_running_loop`` need the loop that is running in this thread.
While a module is imported, none is running, and in the arguments of ``asyncio.run(…)`` none is running yet.

Start the task in a coroutine: the one passed to ``asyncio.run``, or the framework's startup hook.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import raises_expected
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, span_of

_NEEDS = names("asyncio.create_task asyncio.get_running_loop")
# As an argument of asyncio.run() these run before the loop does.
_IN_RUN = names("asyncio.gather asyncio.shield", *_NEEDS.full)
_RUN = names("asyncio.run")
_IMPORT = frozenset({ExecutionContext.MODULE, ExecutionContext.CLASS})
_PLAIN = _IMPORT | {ExecutionContext.SYNC}


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    word = callee_word(node, unit.aliases)
    if word not in _IN_RUN.last or unit.runs(node) not in _PLAIN or raises_expected(node, "RuntimeError"):
        return
    outer = node.parent.parent if node.parent is not None and node.parent.type == "argument_list" else None
    if outer is not None and outer.type == "call" and unit.call_in(outer, _RUN) and unit.call_in(node, _IN_RUN):
        message = f"Call to {word}() before asyncio.run() starts the event loop raises RuntimeError"
        yield Finding(span_of(node), message)
    elif word in _NEEDS.last and _is_imported(unit, node) and unit.call_in(node, _NEEDS):
        yield Finding(span_of(node), f"Call to {word}() raises RuntimeError because no event loop runs during import")


def _is_imported(unit: Unit, node: Node) -> bool:
    """Does it run on import, and not only when the module is run as a program?"""
    if unit.runs(node) not in _IMPORT:
        return False
    inner, outer = node, node.parent
    while outer is not None:
        if outer.type in {"function_definition", "lambda"} and inner == field(outer, "body"):
            return False
        inner, outer = outer, outer.parent
    return True


RULE = Rule(
    code="LW431",
    name="no-running-loop",
    severity=Severity.ERROR,
    nodes=("call",),
    check=check,
    triggers=_IN_RUN.last,
    **page(__doc__),
    cards=("asyncio.create_task", "asyncio.get_running_loop", "asyncio.run"),
    examples=(
        Example(
            bad="""\
import asyncio

async def poll(): ...

poller = asyncio.create_task(poll())
#        ^^^^^^^^^^^^^^^^^^^^^^^^^^^
asyncio.run(asyncio.gather(poll(), poll()))
#           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
""",
        ),
        Example(
            good="""\
import asyncio

async def poll(): ...

async def main():
    poller = asyncio.create_task(poll())
    await asyncio.gather(poll(), poller)

asyncio.run(main())
"""
        ),
    ),
)
