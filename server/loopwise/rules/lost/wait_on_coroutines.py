"""``asyncio.wait()`` takes tasks and futures; coroutines raise ``TypeError`` since Python 3.11.

Before, they were made tasks unseen (deprecated since 3.8), and the ``done`` and ``pending`` sets held tasks that nobody
could tell apart.
Make the tasks yourself: ``asyncio.wait([asyncio.create_task(one()), …])``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import coroutine
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import COMPREHENSIONS, Node, arguments_of, field, span_of, unwrap
from loopwise.writing import insert

_WAIT = names("asyncio.wait")
_DISPLAYS = frozenset({"list", "set", "tuple"})
_REMOVED = (3, 11)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    positional, keywords, _ = arguments_of(node)
    given = unwrap(positional[0]) if positional else keywords.get("fs")
    if given is None or not unit.call_in(node, _WAIT):
        return
    message, gone = _message(unit), unit.target.ceiling < _REMOVED
    for one in _coroutines(unit, given):
        fixes = lambda one=one: (_fix(unit, one, given),)  # noqa: E731
        yield Finding(span_of(one), message, fixes, deprecated=gone)


def _message(unit: Unit) -> str:
    if unit.target.floor >= _REMOVED:
        return "asyncio.wait() takes no coroutines: this raises TypeError"
    if unit.target.ceiling >= _REMOVED:
        return "asyncio.wait() takes no coroutines: TypeError from Python 3.11 on"
    return "coroutines in asyncio.wait() are deprecated, and TypeError from Python 3.11 on"


def _coroutines(unit: Unit, given: Node) -> Iterator[Node]:
    """The coroutines in what is waited for, or a name for many of them."""
    if given.type in _DISPLAYS:
        yield from (item for item in given.named_children if coroutine(unit, item))
    elif given.type in COMPREHENSIONS:
        body = field(given, "body")
        yield from [body] if body is not None and coroutine(unit, body) else []
    elif given.type == "call":
        yield from [given] if coroutine(unit, given) else []
    elif given.type == "identifier" and unit.is_coroutine(unit.ev.iterated(unit.value(given))):
        yield given


def _fix(unit: Unit, one: Node, given: Node) -> Fix:
    written = unit.imported(one, "asyncio", "create_task")
    before, after = f"{written.text}(", ")"
    if one == given and given.type == "identifier":
        before, after = f"[{written.text}(coro) for coro in ", "]"
    elif one == given:
        before, after = f"[{written.text}(", ")]"
    edits = (*written.edits, insert(one.start_byte, before), insert(one.end_byte, after))
    return Fix("Make it a task" if given.type != "identifier" else "Make them tasks", edits)


RULE = Rule(
    code="LW109",
    name="wait-on-coroutines",
    severity=Severity.ERROR,
    nodes=("call",),
    check=check,
    triggers=_WAIT.last,
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
