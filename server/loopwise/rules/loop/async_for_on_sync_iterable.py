"""``async for`` cannot go through a plain iterable: it raises ``TypeError``.

Lists, ranges, dictionaries and plain generators have ``__iter__`` and no ``__aiter__``; ``async for`` asks for the
latter.
A coroutine that would give the items has to be awaited first (``async for row in await query():``).
Objects that have both, and those that cannot be told, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import has, is_expected_failure, lacks, value_label
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Tuple, Value, each
from loopwise.syntax import Node, field, is_async, span_of, unwrap
from loopwise.writing import awaited, without_async


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    right = field(node, "right")
    if right is None or not is_async(node):
        return
    value = _whole(unit, unit.value(right))
    if unit.is_coroutine(value):
        given = _whole(unit, unit.ev.awaited(value))
        if has(unit, given, "__aiter__", "__iter__"):
            message = f"{value_label(unit, right)} is a coroutine, which 'async for' cannot go through: await it first"
            yield Finding(span_of(right), message, lambda: (_await_first(unit, node, right, given),))
    elif (
        has(unit, value, "__iter__") and lacks(unit, value, "__aiter__") and not is_expected_failure(unit, node, right)
    ):
        message = f"{value_label(unit, right)} has no __aiter__, only __iter__: 'async for' raises here"
        yield Finding(span_of(right), message, lambda: (Fix("Use for", (without_async(node),)),))


def _whole(unit: Unit, value: Value) -> Value:
    """The value, a tuple's items forgotten."""
    members = each(value)
    return unit.ev.builtin("tuple") if members and all(isinstance(member, Tuple) for member in members) else value


def _await_first(unit: Unit, node: Node, right: Node, given: Value) -> Fix:
    edits = awaited(unwrap(right))
    if has(unit, given, "__iter__") and lacks(unit, given, "__aiter__"):
        edits = (without_async(node), *edits)
    return Fix("Await it first", edits)


RULE = Rule(
    code="LW406",
    name="async-for-on-sync-iterable",
    severity=Severity.ERROR,
    nodes=("for_statement", "for_in_clause"),
    check=check,
    triggers=frozenset({"for"}),
    **page(__doc__),
    peers=("E1133", "reportGeneralTypeIssues", "attr-defined", "not-iterable"),
    cards=("async for",),
    examples=(
        Example(
            bad="""\
async def main():
    async for number in range(3):
#                       ^^^^^^^^
        print(number)
""",
            fixed=(
                """\
async def main():
    for number in range(3):
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
