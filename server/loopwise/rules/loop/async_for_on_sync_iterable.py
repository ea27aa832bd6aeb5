"""``async for`` cannot iterate over a plain iterable: it raises ``TypeError``.

Lists, ranges, dictionaries and plain generators have ``__iter__`` but no ``__aiter__``, which ``async for`` needs.
A coroutine that returns the items has to be awaited first (``async for row in await query():``).
Objects that have both, and those of unknown type, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import given, has, lacking, lacks, value_label
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, is_async, span_of, unwrap
from loopwise.writing import awaited, without_async


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    right = field(node, "right")
    if right is None or not is_async(node):
        return
    if coroutine := _coroutine(unit, right):
        message = f"{value_label(unit, right)} is a coroutine; await it before 'async for'"
        yield Finding(span_of(right), message, lambda: (_await_first(unit, node, right),), evidence=coroutine)
    elif evidence := lacking(unit, right, ("__iter__",), ("__aiter__",)):
        message = f"{value_label(unit, right)} is not an async iterable; use 'for'"
        yield Finding(span_of(right), message, lambda: (Fix("Use for", (without_async(node),)),), evidence=evidence)


def _coroutine(unit: Unit, node: Node) -> Evidence:
    """The evidence for a coroutine; a likely one must not promise an async iterable, as a generator's stub does."""
    evidence = given(unit, unwrap(node))
    promised = unit.ev.awaited(unit.value(node)) if evidence is Evidence.LIKELY else None
    return evidence if promised is None or lacks(unit, promised, "__aiter__") else Evidence.NONE


def _await_first(unit: Unit, node: Node, right: Node) -> Fix:
    given = unit.ev.awaited(unit.value(right))
    # The awaited result decides between ``for`` and ``async for``.
    is_plain = has(unit, given, "__iter__") and lacks(unit, given, "__aiter__")
    edits = ((without_async(node),) if is_plain else ()) + awaited(unwrap(right))
    return Fix("Await the coroutine first", edits, safe=is_plain or has(unit, given, "__aiter__"))


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
