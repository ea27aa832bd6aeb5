"""The loop exits early without closing the generator, whose clean-up runs late or in another task.

``break`` or ``return`` out of ``async for`` leaves the generator suspended.  Its open resources (a ``with`` block, a
``finally``) are closed when the generator is garbage-collected, by a task of the event loop's own.  A plain generator
would have been closed immediately.

``async with contextlib.aclosing(rows()) as stream: async for row in stream`` closes it whatever happens.
Generators that have nothing to clean up are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import free_name, put_in
from loopwise.analysis.flow import own
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, decorator_names, each, is_generator
from loopwise.syntax import LOOPS, YIELDS, Node, field, is_async, parts_of, source_of, span_of
from loopwise.text import Edit
from loopwise.writing import indent_of, replace

_LEAVES = frozenset({"break_statement", "return_statement"})
# Decorators that leave the function an asynchronous generator.
_PLAIN = frozenset({"staticmethod", "classmethod", "override", "final", "abstractmethod"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    generator = field(node, "right")
    if generator is None or generator.type != "call" or not is_async(node) or not unit.on_loop(node):
        return
    leaving = next(_leaving(node), None)
    # A generator that runs to its end closes itself.
    if leaving is None or not _needs_closing(unit, generator):
        return
    found = generator
    word = "break" if leaving.type == "break_statement" else "return"
    yield Finding(
        span_of(found),
        f"Async generator is not closed after '{word}', so its resources stay open",
        lambda: tuple(_fixes(unit, node, found)),
        (Related(span_of(leaving), "The loop exits here"),),
    )


def _leaving(loop: Node) -> Iterator[Node]:
    """The statements that leave the loop: its own ``break``, any ``return``."""
    body = field(loop, "body")
    for one in own(body, _LEAVES) if body is not None else ():
        if one.type == "return_statement" or _loop_of(one) == loop:
            yield one


def _loop_of(node: Node) -> Node | None:
    inner, outer = node, node.parent
    while outer is not None and not (outer.type in LOOPS and inner == field(outer, "body")):
        inner, outer = outer, outer.parent
    return outer


def _needs_closing(unit: Unit, call: Node) -> bool:
    """Is it certainly an asynchronous generator of the project that yields inside something to be closed?"""
    functions = each(unit.called(call))
    return bool(functions) and all(isinstance(f, Function) and not f.file.is_stub and _holds(f) for f in functions)


def _holds(function: Function) -> bool:
    node = function.nodes[0]
    if not is_async(node) or not is_generator(node) or not _PLAIN.issuperset(decorator_names(node)):
        return False
    body = field(node, "body")
    return body is not None and any(_is_held(one, node) for one in own(body, YIELDS))


def _is_held(node: Node, function: Node) -> bool:
    """Is a ``yield`` in a ``with``, or in a ``try`` that has a ``finally``?"""
    inner, outer = node, node.parent
    while outer is not None and outer != function:
        if outer.type == "with_statement":
            return True
        if outer.type == "try_statement" and inner.type != "finally_clause":
            if any(child.type == "finally_clause" for child in parts_of(outer)):
                return True
        inner, outer = outer, outer.parent
    return False


def _fixes(unit: Unit, loop: Node, generator: Node) -> Iterator[Fix]:
    title = "Close the generator with aclosing()"
    if unit.target.oldest < (3, 10):
        yield Fix(title, (), refused="contextlib.aclosing() was added in Python 3.10")
        return
    if indent_of(unit.file, loop.start_byte) is None:
        return
    closing = unit.imported(loop, "contextlib", "aclosing")
    name = free_name(unit, "stream", loop)
    head, *rest = put_in(unit, loop, f"async with {closing.text}({source_of(generator)}) as {name}:")
    edits: list[Edit] = [*closing.edits, head, replace(generator, name)]
    # A generator call over several lines is replaced as a whole, so its lines are not indented.
    inside = [edit for edit in rest if not generator.start_byte <= edit.span.start < generator.end_byte]
    yield Fix(title, (*edits, *inside), safe=len(inside) == len(rest), holes=(name,))


RULE = Rule(
    code="LW420",
    name="async-gen-not-closed",
    severity=Severity.HINT,
    nodes=("for_statement",),
    check=check,
    triggers=frozenset({"break", "return"}),
    **page(__doc__),
    cards=("async for", "async generator"),
    examples=(
        Example(
            bad="""\
async def rows(db):
    async with db.cursor() as cursor:
        async for row in cursor:
            yield row

async def first(db):
    async for row in rows(db):
#                    ^^^^^^^^
        if row:
            break
    return row
""",
            fixed=(
                """\
import contextlib


async def rows(db):
    async with db.cursor() as cursor:
        async for row in cursor:
            yield row

async def first(db):
    async with contextlib.aclosing(rows(db)) as stream:
        async for row in stream:
            if row:
                break
    return row
""",
            ),
        ),
        Example(
            good="""\
import contextlib

async def rows(db):
    async with db.cursor() as cursor:
        async for row in cursor:
            yield row

async def main(db):
    async with contextlib.aclosing(rows(db)) as stream:
        async for row in stream:
            if row:
                break
    return None
""",
        ),
    ),
)
