"""A plain ``for`` cannot iterate over an asynchronous iterable: it raises ``TypeError``.

Async generators, stream readers, and all objects with ``__aiter__`` but no ``__iter__`` yield their items when awaited,
which only ``async for`` does, in a loop or in a comprehension.
Objects that have both, and those of unknown type, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import lacking, may_be_async, value_label
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import made_async
from loopwise.syntax import NAMES_AND_CALLS, Node, field, is_async, is_async_generator, span_of, text_of, unwrap
from loopwise.writing import insert


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    right = field(node, "right")
    if right is None or is_async(node) or not _may_be_async(unit, unwrap(right)):
        return
    if evidence := lacking(unit, right, ("__aiter__",), ("__iter__", "__getitem__")):
        message = f"{value_label(unit, right)} is an async iterable; use 'async for'"
        yield Finding(span_of(right), message, lambda: tuple(_fixes(unit, node)), evidence=evidence)


def _may_be_async(unit: Unit, right: Node) -> bool:
    return is_async_generator(right) or (right.type in NAMES_AND_CALLS and may_be_async(unit, right))


def _fixes(unit: Unit, node: Node) -> Iterator[Fix]:
    title, start = "Use async for", insert(node.start_byte, "async ")
    if _is_lazy(node):
        yield Fix(title, (start,), safe=False)  # it becomes an async generator, whoever goes through it
    elif unit.runs(node) in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        yield Fix(title, (start,))
    else:
        function = unit.function(node)
        if function is None:
            return
        made = made_async(unit, function)
        edits = () if made.refused else (*made.edits, start)
        name = text_of(field(function, "name") or function)
        yield Fix(f"{title}, and make {name}() async", edits, made.safe, refused=made.refused)


def _is_lazy(node: Node) -> bool:
    return node.type == "for_in_clause" and node.parent is not None and node.parent.type == "generator_expression"


RULE = Rule(
    code="LW405",
    name="sync-for-on-async-iterable",
    severity=Severity.ERROR,
    nodes=("for_statement", "for_in_clause"),
    check=check,
    triggers=frozenset({"for"}),
    **page(__doc__),
    peers=("E1133", "reportGeneralTypeIssues", "attr-defined", "not-iterable"),
    cards=("async for", "asyncio.StreamReader"),
    examples=(
        Example(
            bad="""\
async def numbers():
    yield 1

async def main():
    for number in numbers():
#                 ^^^^^^^^^
        print(number)
""",
            fixed=(
                """\
async def numbers():
    yield 1

async def main():
    async for number in numbers():
        print(number)
""",
            ),
        ),
        Example(
            good="""\
async def numbers():
    yield 1

async def main():
    return [x async for x in numbers()]
""",
        ),
    ),
)
