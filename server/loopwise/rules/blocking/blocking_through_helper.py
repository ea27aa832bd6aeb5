"""A plain function that blocks also blocks the event loop when async code calls it.

``time.sleep``, an HTTP request or a subprocess is no less harmful when it is three calls away, in another module.
The finding shows the chain of calls, step by step, down to the call that blocks.

Functions passed elsewhere to run are not reported: ``asyncio.to_thread(load)``, an executor, ``partial``, lambdas.
A helper that calls ``asyncio.run`` raises ``RuntimeError`` instead, because a loop is already running in this thread.
Generators count where they are iterated.  A call whose target is unknown is not reported.

Run the helper in a thread (``await asyncio.to_thread(load, key)``) if it may run concurrently with other code, or fix
it where it blocks: convert the functions along the chain to coroutine functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.blocking import (
    Reached,
    SyncNames,
    is_driven_by_hand,
    may_be_one,
    may_block,
    reached,
)
from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import with_meanings, words_of
from loopwise.analysis.rule import Cause, Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import await_brackets, handed_over, in_thread, needs_loop_thread
from loopwise.semantics.index import is_test
from loopwise.semantics.infer import Instance, is_generator
from loopwise.syntax import CALLS, Node, field, is_async, source_of, span_of
from loopwise.writing import replace

# Less than a tenth of a second.
_SHORT_SLEEP = re.compile(rb"\bsleep\(\s*(?:0?\.0\d*|1e-\d+)\s*\)")
_MAKES = (".__init__", ".__post_init__")
_RUNS = "run-in-running-loop"
_CALLS_AND_READS = frozenset({"call", "attribute"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is a function definition."""
    body = field(node, "body") if is_async(node) else None
    names = may_block(unit) if body is not None else None
    # A test's loop has no other work to delay, and a coroutine stepped by hand has no loop.
    if body is None or not names or is_test(unit.file.key) or is_driven_by_hand(unit):
        return
    # Words are compared first, because resolving every call of a large file takes too long.
    words = {word.encode() for word in with_meanings(words_of(body.text or b""), unit.aliases)}
    reads = not names.read.isdisjoint(words)
    if not reads and names.called.isdisjoint(words):
        return
    for one in own(body, _CALLS_AND_READS if reads else CALLS):
        found = reached(unit, one) if _may_block(unit, one, names) and not one.has_error else None
        if found is not None and not (_is_minor(found) and _is_elsewhere(unit, found)):
            yield _finding(unit, one, found)


def _may_block(unit: Unit, node: Node, names: SyncNames) -> bool:
    if node.type == "call":
        return may_be_one(unit, node, names.called) and not unit.is_awaited(node)
    name = field(node, "attribute")
    return name is not None and name.text in names.read and not unit.is_awaited(node)


def _finding(unit: Unit, node: Node, found: Reached) -> Finding:
    related = tuple(_related(unit, found))
    function, helper = unit.function(node), found.function
    cause = Cause((helper.file.key, helper.qualname), function.start_byte if function else 0, _is_minor(found))
    return Finding(span_of(node), _message(found), lambda: (_fix(unit, node, found),), related, cause=cause)


def _is_minor(found: Reached) -> bool:
    """Is it brief: a sleep of some milliseconds, or a lock that is held for a moment?"""
    hop = found.way.hops[-1]
    code = hop.file.source.data[hop.span.start : hop.span.end]
    return (
        hop.name.endswith((".acquire", "Condition.wait", "Condition.wait_for")) or _SHORT_SLEEP.search(code) is not None
    )


def _is_elsewhere(unit: Unit, found: Reached) -> bool:
    """Are both the helper and the blocking call in other files?  A minor finding is reported where the code is."""
    return found.function.file is not unit.file and found.way.hops[-1].file is not unit.file


def _message(found: Reached) -> str:
    function = found.function
    # A class is called by its own name, whichever base constructs it.
    made = function.bound if function.qualname.endswith(_MAKES) else None
    called = f"{made.cls.qualname}()" if isinstance(made, Instance) else _shown(function.qualname)
    between = [hop.name for hop in found.way.hops[:-1]]
    through = f" via {', '.join(f'{name}()' for name in between)}" if between else ""
    if found.way.sink.rule == _RUNS:
        return f"Call to {called} raises RuntimeError because it calls {found.way.sink.name}(){through}"
    return f"Call to {called} blocks the event loop by calling {found.way.sink.name}(){through}"


def _shown(qualname: str) -> str:
    name = qualname.removesuffix(".__init__").removesuffix(".__post_init__")
    return f"{name}()"


def _related(unit: Unit, found: Reached) -> Iterator[Related]:
    last = len(found.way.hops) - 1
    for index, hop in enumerate(found.way.hops):
        ends = "starts an event loop" if found.way.sink.rule == _RUNS else "blocks"
        said = f"{hop.name}() {ends}" if index == last else f"Calls {_shown(hop.name)}"
        yield Related(hop.span, said, hop.file if hop.file is not unit.file else None)


def _fix(unit: Unit, node: Node, found: Reached) -> Fix:
    title = "Run the call in a thread"
    # Calling a generator function runs nothing yet, so a thread would not help.
    if is_generator(found.function.nodes[0]):
        return Fix(title, (), refused="A generator runs where it is iterated, not where it is called")
    given = handed_over(unit, node) if node.type == "call" else None
    if given is not None:
        return given
    if why := needs_loop_thread(unit, node):
        return Fix(title, (), refused=why)
    if node.type == "call":
        return Fix(title, in_thread(unit, node), safe=False)
    written, (before, after) = unit.imported(node, "asyncio", "to_thread"), await_brackets(unit, node)
    text = f"{before}{written.text}(lambda: {source_of(node)}){after}"
    return Fix(title, (*written.edits, replace(node, text)), safe=False)


RULE = Rule(
    code="LW219",
    name="blocking-through-helper",
    severity=Severity.WARNING,
    nodes=("function_definition",),
    check=check,
    triggers=frozenset({"async"}),
    **page(__doc__),
    cards=("asyncio.to_thread",),
    examples=(
        Example(
            bad="""\
import time

def wait(seconds):
    time.sleep(seconds)

async def main():
    wait(1)
#   ^^^^^^^
""",
            fixed=(
                """\
import asyncio
import time

def wait(seconds):
    time.sleep(seconds)

async def main():
    await asyncio.to_thread(wait, 1)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import time

class Client:
    def poll(self, wait=False):
        if wait:
            time.sleep(2)

    async def run(self):
        self.poll()
        await asyncio.to_thread(self.poll, True)

def work(client: Client):
    client.poll(True)
"""
        ),
    ),
)
