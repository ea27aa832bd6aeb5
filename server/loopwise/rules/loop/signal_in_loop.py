"""A handler set with signal.signal() can interrupt the event loop anywhere.

It runs between two instructions of the main thread: in the middle of a coroutine, of a library, or of the loop itself.
It must not use futures, tasks or queues, and a sleeping loop does not notice what it did.

``loop.add_signal_handler`` runs the handler as a callback of the loop, where all of asyncio can be used.
Windows does not have it; use ``signal.signal`` with ``loop.call_soon_threadsafe`` in the handler there.
Setting ``SIG_DFL``, ``SIG_IGN`` or a saved handler is not reported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, Lambda, each
from loopwise.syntax import Node, arguments_of, field, parts_of, span_of, text_of
from loopwise.writing import insert, replace

# The handler runs between bytecodes and cannot wake the loop; loop.add_signal_handler() can.
_SIGNAL = names("signal.signal")
# Where one of these is, both ways are known.
_ELSEWHERE = re.compile(rb"\b(?:add_signal_handler|call_soon_threadsafe|win32|win|nt|Windows|NotImplementedError)\b")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if not unit.call_in(node, _SIGNAL) or not unit.on_loop(node):
        return
    positional, keywords, starred = arguments_of(node)
    function = unit.function(node)
    if len(positional) != 2 or keywords or starred or function is None:
        return
    if not _is_handler(unit, positional[1]) or _ELSEWHERE.search(function.text or b""):
        return
    yield Finding(
        span_of(node),
        "Signal handler can interrupt the event loop anywhere, so it must not use asyncio objects",
        lambda: (_fix(unit, node, positional),),
    )


def _is_handler(unit: Unit, node: Node) -> bool:
    return all(isinstance(member, (Function, Lambda)) for member in each(unit.value(node)))


def _fix(unit: Unit, call: Node, positional: list[Node]) -> Fix:
    """The handler gets the same arguments as before, except for the frame."""
    callee, arguments = field(call, "function"), field(call, "arguments")
    title = "Use loop.add_signal_handler() (not on Windows)"
    if callee is None or arguments is None:
        return Fix(title, ())
    written = unit.imported(call, "asyncio", "get_running_loop")
    signal, handler = text_of(positional[0]), positional[1]
    edits = [*written.edits, replace(callee, f"{written.text}().add_signal_handler")]
    if not _takes_anything(unit, handler):
        edits.append(insert(handler.end_byte, f", {signal}, None"))
    return Fix(title, tuple(edits), safe=False)


def _takes_anything(unit: Unit, handler: Node) -> bool:
    """Can it be called without arguments: ``lambda *_: stop()``?"""
    parameters = field(handler, "parameters") if handler.type == "lambda" else None
    return parameters is not None and [child.type for child in parts_of(parameters)] == ["list_splat_pattern"]


RULE = Rule(
    code="LW412",
    name="signal-in-loop",
    severity=Severity.INFORMATION,
    nodes=("call",),
    check=check,
    triggers=_SIGNAL.last,
    **page(__doc__),
    cards=("loop.add_signal_handler",),
    examples=(
        Example(
            bad="""\
import asyncio
import signal

async def main(stop: asyncio.Event):
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    await stop.wait()
""",
            fixed=(
                """\
import asyncio
import signal

async def main(stop: asyncio.Event):
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda *_: stop.set())
    await stop.wait()
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import signal

def quit(number, frame): ...

async def both():
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGTERM, quit, signal.SIGTERM, None)
    except NotImplementedError:
        signal.signal(signal.SIGTERM, quit)
""",
        ),
    ),
)
