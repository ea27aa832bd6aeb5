"""A plain ``for`` cannot go through an asynchronous iterable: it raises ``TypeError``.

Async generators, stream readers, and all that has ``__aiter__`` and no ``__iter__`` give their items when awaited,
which only ``async for`` does, in a loop or in a comprehension.
Objects that have both, and those that cannot be told, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.rules.made_async import made_async
from loopwise.rules.protocols import has, is_expected, lacks, may_be_async, shown
from loopwise.rules.rule import Example, Finding, Fix, Rule, Severity
from loopwise.rules.unit import Runs, Unit
from loopwise.rules.write import about, insert
from loopwise.syntax import Node, field, is_async, span_of, text_of, unwrap

_KINDS = frozenset({"call", "identifier", "attribute"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    right = field(node, "right")
    if right is None or is_async(node) or unwrap(right).type not in _KINDS or not may_be_async(unit, unwrap(right)):
        return
    value = unit.value(right)
    if (
        has(unit, value, "__aiter__")
        and lacks(unit, value, "__iter__", "__getitem__")
        and not is_expected(unit, node, right)
    ):
        message = f"{shown(unit, right)} has no __iter__, only __aiter__: a plain 'for' raises here"
        yield Finding(span_of(right), message, lambda: tuple(_fixes(unit, node)))


def _fixes(unit: Unit, node: Node) -> Iterator[Fix]:
    title, start = "Use async for", insert(node.start_byte, "async ")
    if _is_lazy(node):
        yield Fix(title, (start,), safe=False)  # it becomes an async generator, whoever goes through it
    elif unit.runs(node) in {Runs.ASYNC, Runs.CELL}:
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
    words=frozenset({"for"}),
    **about(__doc__),
    peers=("E1133", "reportGeneralTypeIssues", "attr-defined", "not-iterable"),
    about=("async for", "asyncio.StreamReader"),
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
