"""A coroutine that is assigned to a name and never used does not run.

``answer = fetch()`` only creates the coroutine; if nothing reads ``answer`` afterwards, it is never awaited, and at
best Python warns about it when the function returns.
The name ``_`` does not help: it is for unwanted values, and a coroutine has no value yet.
Await it, or start a task and store that.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, coroutine, coroutine_names, is_expected, reads
from loopwise.analysis.flow import may_still_be_read
from loopwise.analysis.prefilter import COROUTINE
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.infer import reaching
from loopwise.syntax import Node, field, parts_of, path_to, span_of, text_of

_SHOWS = frozenset({"print", "str", "repr", "format"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for name, made in coroutine_names(unit, node).items():
        for binding, call in made:
            if _is_forgotten(unit, node, binding) and not is_expected(unit, call):
                what = f"Coroutine {call_label(unit, call)} is never awaited"
                message = f"{what}, so it never runs; it is only stored in '{name}'"
                fixes = lambda call=call: (await_fix(unit, call),)  # noqa: E731
                yield Finding(span_of(call), message, fixes, evidence=coroutine(unit, call))


def _is_forgotten(unit: Unit, function: Node, binding: Binding) -> bool:
    """Is there no place that may read the value that the binding assigns?"""
    bindings = unit.file.table_of(function).by_name[binding.name]
    # ``global`` and ``nonlocal`` names may be read anywhere.
    if any(one.kind is Kind.OUTER for one in bindings):
        return False
    if may_still_be_read(unit, function, binding.name):
        return False
    for place in reads(unit, function, binding.name):
        if _is_shown(place) or _is_compared(place):
            continue
        if unit.function(place) != function or binding in _in_force(unit, function, bindings, place):
            return False
    return True


def _in_force(unit: Unit, function: Node, bindings: tuple[Binding, ...], place: Node) -> frozenset[Binding]:
    """The bindings that can be in effect for a name at a place."""

    def found() -> frozenset[Binding]:
        path = path_to(unit.file.root, span_of(place))
        return frozenset(reaching.reaching_bindings(bindings, function, path, place))

    return unit.per_edit.get(("in force", place.id), found)


def _is_shown(place: Node) -> bool:
    """Is the name only formatted into a text, or compared?"""
    outer = place.parent
    if outer is not None and outer.type == "argument_list":
        outer = outer.parent
        callee = field(outer, "function") if outer is not None else None
        return callee is not None and text_of(callee) in _SHOWS
    return outer is not None and outer.type in {"interpolation", "comparison_operator"}


def _is_compared(place: Node) -> bool:
    """Is the name only compared with None?  That is not what a coroutine is created for."""
    outer = place.parent
    others = [one for one in parts_of(outer) if one != place] if outer is not None else []
    return outer is not None and outer.type == "comparison_operator" and [one.type for one in others] == ["none"]


RULE = Rule(
    code="LW105",
    name="coroutine-never-awaited",
    severity=Severity.ERROR,
    nodes=("function_definition",),
    check=check,
    triggers=frozenset({COROUTINE}),
    **page(__doc__),
    peers=("F841", "W0612", "reportUnusedVariable"),
    cards=("coro", "await"),
    examples=(
        Example(
            bad="""\
async def save(): ...

async def main():
    result = save()
#            ^^^^^^
""",
            fixed=(
                """\
async def save(): ...

async def main():
    result = await save()
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def save(): ...

async def main():
    first = save()
    await first
    second = save()
    asyncio.create_task(second).add_done_callback(print)
"""
        ),
    ),
)
