"""``asyncio.wait()`` accepts tasks and futures; coroutines raise ``TypeError`` since Python 3.11.

Earlier versions wrapped them in tasks implicitly (deprecated since 3.8), so the tasks in the ``done`` and ``pending``
sets could not be identified.
Create the tasks yourself: ``asyncio.wait([asyncio.create_task(one()), …])``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import coroutine, is_future
from loopwise.analysis.flow import raises_expected
from loopwise.analysis.known_names import WAIT
from loopwise.analysis.rule import Cause, Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Value, each
from loopwise.syntax import (
    COMPREHENSIONS,
    DISPLAYS,
    Node,
    arguments_of,
    field,
    parts_of,
    source_of,
    span_of,
    spread_of,
    unwrap,
)
from loopwise.writing import insert, replace

# asyncio.wait() rejects coroutines from 3.11 on.
_REMOVED = (3, 11)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    positional, keywords, _ = arguments_of(node)
    given = unwrap(positional[0]) if positional else keywords.get("fs")
    spread = spread_of(node)
    if (given is None and not spread) or raises_expected(node, "TypeError") or not unit.call_in(node, WAIT):
        return
    # Tasks one by one, where a single iterable of them is expected.
    if given is None or is_future(unit, given) or _is_item(unit, given):
        yield from _apart(unit, node, given, spread)
        return
    message, gone = _message(unit), unit.target.ceiling < _REMOVED
    severity = Severity.WARNING if gone else None
    for one, evidence in _coroutines(unit, given):
        fixes = lambda one=one: (_fix(unit, one, given),)  # noqa: E731
        # The call fails once, whichever of its arguments is a coroutine.
        cause = Cause((str(node.start_byte),), node.start_byte, is_minor=True)
        yield Finding(span_of(one), message, fixes, deprecated=gone, cause=cause, evidence=evidence, severity=severity)


def _apart(unit: Unit, call: Node, given: Node | None, spread: list[Node]) -> Iterator[Finding]:
    """Tasks passed one by one, where a single iterable of them is expected."""
    one = given or spread[0]
    if given is not None or any(_is_item(unit, one, item) for item in each(unit.ev.iterated(unit.value(one)))):
        message = "Tasks must be passed to asyncio.wait() as one iterable; this raises TypeError"
        yield Finding(span_of(one), message, lambda: tuple(_together(call, given, spread)))


def _is_item(unit: Unit, node: Node, value: Value | None = None) -> bool:
    """Is it a task or a coroutine?"""
    if value is None and node.type != "subscript":
        return False
    value = unit.value(node) if value is None else value
    return unit.is_coroutine(value) or unit.is_instance(value, "asyncio.Future")


def _together(call: Node, given: Node | None, spread: list[Node]) -> Iterator[Fix]:
    arguments = field(call, "arguments")
    if given is None and arguments is not None and len(parts_of(arguments)) == 1 and len(spread) == 1:
        star = parts_of(arguments)[0]
        yield Fix("Pass the tasks directly", (replace(star, source_of(spread[0])),))


def _message(unit: Unit) -> str:
    if unit.target.floor >= _REMOVED:
        return "Coroutines cannot be passed to asyncio.wait(); this raises TypeError"
    if unit.target.ceiling >= _REMOVED:
        return "Coroutines cannot be passed to asyncio.wait(), which raises TypeError since Python 3.11"
    return "Coroutines in asyncio.wait() are deprecated and raise TypeError since Python 3.11"


def _coroutines(unit: Unit, given: Node) -> Iterator[tuple[Node, Evidence]]:
    """The coroutines in the argument, or a name for several of them, with the evidence for it."""
    items = parts_of(given) if given.type in DISPLAYS else [given] if given.type == "call" else []
    body = field(given, "body") if given.type in COMPREHENSIONS else None
    for one in (*items, *([body] if body is not None else [])):
        if evidence := coroutine(unit, one):
            yield one, evidence
    if given.type == "identifier" and (evidence := _named(unit, given)):
        yield given, evidence


def _named(unit: Unit, name: Node) -> Evidence:
    """The evidence that a name holds coroutines, and that none of them was replaced by a task."""
    if not unit.is_coroutine(unit.ev.iterated(unit.value(name))):
        return Evidence.NONE
    function, word = unit.function(name), re.escape(name.text or b"")
    within = function.text if function is not None else unit.file.source.data
    if re.search(rb"\b" + word + rb"(?:\[[^\]\n]*\]\s*=(?!=)|\.\w+\()", within or b""):
        return Evidence.NONE
    is_seen = unit.is_coroutine(unit.doubting.iterated(unit.doubting.value(unit.file, name)))
    return Evidence.CERTAIN if is_seen else Evidence.LIKELY


def _fix(unit: Unit, one: Node, given: Node) -> Fix:
    written = unit.imported(one, "asyncio", "create_task")
    before, after = f"{written.text}(", ")"
    if one == given and given.type == "identifier":
        before, after = f"[{written.text}(coro) for coro in ", "]"
    elif one == given:
        before, after = f"[{written.text}(", ")]"
    edits = (*written.edits, insert(one.start_byte, before), insert(one.end_byte, after))
    return Fix("Wrap the coroutine in a task" if given.type != "identifier" else "Wrap the coroutines in tasks", edits)


RULE = Rule(
    code="LW109",
    name="wait-on-coroutines",
    severity=Severity.ERROR,
    nodes=("call",),
    check=check,
    triggers=WAIT.last,
    **page(__doc__),
    peers=("CH064",),
    cards=("asyncio.wait", "asyncio.create_task"),
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main():
    await asyncio.wait([fetch("a")])
#                       ^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main():
    await asyncio.wait([asyncio.create_task(fetch("a"))])
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(urls):
    pages = [fetch(url) for url in urls]
    done, pending = await asyncio.wait(pages, timeout=1)
#                                      ^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    pages = [fetch(url) for url in urls]
    done, pending = await asyncio.wait([asyncio.create_task(coro) for coro in pages], timeout=1)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(url): ...

async def main(urls):
    await asyncio.wait([asyncio.create_task(fetch(url)) for url in urls])
"""
        ),
    ),
)
