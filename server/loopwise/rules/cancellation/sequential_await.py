"""A loop that awaits one call after the other takes as long as all of them together.

If no iteration needs the result of another, the calls can run concurrently: start each as a task of an
``asyncio.TaskGroup``, or pass all of them to ``asyncio.gather``.

Sequential calls are right if order matters, if the other side must not be overloaded, or if an iteration needs the
previous one.  The code does not show this, so the rule is off by default.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.prefilter import COROUTINE, callee_word
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    IDENTIFIERS,
    Node,
    arguments_of,
    field,
    is_async,
    nodes_of,
    parts_of,
    source_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import Edit, Span, encode
from loopwise.versions import VersionRange
from loopwise.writing import insert, needs_brackets

_GROUPS = VersionRange.parse("3.11+")
_NESTED = frozenset({"await", "yield", "named_expression"})
# What is asked for one after the other on purpose.
_IN_ORDER = frozenset("sleep put get send send_json send_text send_bytes write drain acquire wait join anext".split())


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "list_comprehension":
        yield from _in_comprehension(node, unit)
    elif not is_async(node) and field(node, "alternative") is None:
        yield from _in_loop(node, unit)


def _in_loop(loop: Node, unit: Unit) -> Iterator[Finding]:
    left, right, body = (field(loop, name) for name in ("left", "right", "body"))
    if left is None or right is None or body is None:
        return
    awaited = _only_await(body)
    call = _independent(awaited, left, unit) if awaited is not None else None
    if awaited is None or call is None or not unit.on_loop(loop):
        return
    yield Finding(
        Span(loop.start_byte, right.end_byte),
        "Loop awaits calls one at a time; independent calls can run concurrently",
        lambda: (_group(unit, loop, awaited, call) if unit.target.within(_GROUPS) else _gather(unit, loop, call),),
    )


def _in_comprehension(node: Node, unit: Unit) -> Iterator[Finding]:
    body = field(node, "body")
    clauses = [child for child in parts_of(node) if child.type in {"for_in_clause", "if_clause"}]
    left = field(clauses[0], "left") if len(clauses) == 1 else None
    if body is None or body.type != "await" or left is None or is_async(clauses[0]):
        return
    call = _independent(body, left, unit)
    if call is None or not unit.on_loop(node):
        return

    def fixes() -> tuple[Fix, ...]:
        written = unit.imported(node, "asyncio", "gather")
        opening, closing = ("(", "))") if needs_brackets(node) else ("", ")")
        start = Edit(Span(node.start_byte, call.start_byte), encode(f"{opening}await {written.text}(*["))
        return (
            Fix(
                "Run the calls with asyncio.gather()",
                (*written.edits, start, insert(node.end_byte, closing)),
                safe=False,
            ),
        )

    yield Finding(span_of(body), "Loop awaits calls one at a time; independent calls can run concurrently", fixes)


def _only_await(body: Node) -> Node | None:
    """The ``await`` that a block consists of, if it contains nothing else."""
    # Anything else in the body may depend on the order.
    if len(parts_of(body)) != 1 or parts_of(body)[0].type != "expression_statement":
        return None
    inner = unwrap(parts_of(body)[0])
    return inner if inner.type == "await" else None


def _independent(awaited: Node, target: Node, unit: Unit) -> Node | None:
    """The awaited call, if it is a coroutine's, uses the loop variable and no other awaited result."""
    call = unwrap(parts_of(awaited)[0]) if parts_of(awaited) else None
    if call is None or call.type != "call" or callee_word(call, unit.aliases) in _IN_ORDER:
        return None
    given = {text_of(name) for name in nodes_of(target, IDENTIFIERS)}
    positional, keywords, _ = arguments_of(call)
    used = {text_of(name) for value in (*positional, *keywords.values()) for name in nodes_of(value, IDENTIFIERS)}
    if given.isdisjoint(used) or nodes_of(call, _NESTED) or not unit.gives_coroutine(call):
        return None
    return call


def _group(unit: Unit, loop: Node, awaited: Node, call: Node) -> Fix:
    title, data = "Run the calls in a task group", unit.file.source.data
    line = data.rfind(b"\n", 0, loop.start_byte) + 1
    lead = data[line : loop.start_byte]
    lines = data[loop.start_byte : loop.end_byte].split(b"\n")
    step = _step(loop, lead, data)
    # Indenting the lines of a multi-line string would change its value.
    if step is None or any(b"\n" in (text.text or b"") for text in nodes_of(loop, frozenset({"string"}))):
        return Fix(title, (), refused="The loop cannot be indented as written")
    written = unit.imported(loop, "asyncio", "TaskGroup")
    name = _free(unit, loop)
    newline = b"\r\n" if data[line - 2 : line] == b"\r\n" else b"\n"
    edits = [Edit(Span(loop.start_byte, loop.start_byte), encode(f"async with {written.text}() as {name}:") + newline)]
    edits[0] = Edit(edits[0].span, edits[0].text + lead + step)
    at = loop.start_byte
    for text in lines[:-1]:
        at += len(text) + 1
        if data[at : at + 1] not in {b"\r", b"\n"}:
            edits.append(Edit(Span(at, at), step))
    edits.append(Edit(Span(awaited.start_byte, call.start_byte), encode(f"{name}.create_task(")))
    edits.append(Edit(Span(call.end_byte, awaited.end_byte), b")"))
    return Fix(title, (*written.edits, *edits), safe=False, holes=(name,))


def _step(loop: Node, lead: bytes, data: bytes) -> bytes | None:
    """The indentation of the loop's body; ``None`` if it is not on lines of its own."""
    body = field(loop, "body")
    if body is None or lead.strip() or body.start_point[0] == loop.start_point[0]:
        return None
    inner = data[data.rfind(b"\n", 0, body.start_byte) + 1 : body.start_byte]
    return inner[len(lead) :] if inner.startswith(lead) and not inner.strip() else None


def _free(unit: Unit, loop: Node) -> str:
    function = unit.function(loop) or loop
    taken = {text_of(name) for name in nodes_of(function, IDENTIFIERS)}
    return next(name for name in ("tg", "group", "task_group", "own_task_group") if name not in taken)


def _gather(unit: Unit, loop: Node, call: Node) -> Fix:
    left, right = field(loop, "left"), field(loop, "right")
    written = unit.imported(loop, "asyncio", "gather")
    if left is None or right is None or nodes_of(loop, frozenset({"comment"})):
        return Fix("Run the calls with asyncio.gather()", (), refused="A comment in the loop would be lost")
    over = f"({source_of(right)})" if right.type in {"expression_list", "lambda"} else source_of(right)
    text = f"await {written.text}(*[{source_of(call)} for {source_of(left)} in {over}])"
    return Fix("Run the calls with asyncio.gather()", (*written.edits, Edit(span_of(loop), encode(text))), safe=False)


RULE = Rule(
    code="LW317",
    name="sequential-await",
    severity=Severity.HINT,
    nodes=("for_statement", "list_comprehension"),
    check=check,
    triggers=frozenset({COROUTINE}),
    **page(__doc__),
    cards=("asyncio.TaskGroup", "asyncio.gather"),
    default_on=False,
    examples=(
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(urls):
    for url in urls:
#   ^^^^^^^^^^^^^^^
        await fetch(url)
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    async with asyncio.TaskGroup() as tg:
        for url in urls:
            tg.create_task(fetch(url))
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def fetch(url): ...

async def main(urls):
    return [await fetch(url) for url in urls]
#           ^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def fetch(url): ...

async def main(urls):
    return await asyncio.gather(*[fetch(url) for url in urls])
""",
            ),
        ),
        Example(
            good="""\
async def fetch(url): ...

async def main(urls):
    for url in urls:
        found = await fetch(url)
        print(found)
""",
        ),
    ),
)
