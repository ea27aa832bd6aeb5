"""A coroutine function is passed or awaited where its coroutine is needed, because the parentheses are missing.

``asyncio.run(main)`` raises ``ValueError`` or ``TypeError``; so do ``create_task(work)``, ``gather(one, two)`` and
``await fetch``; ``async with Lock:`` and ``async for row in rows:`` raise too.
They all need the result of calling the function: ``asyncio.run(main())``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import coroutine_function, has, items
from loopwise.analysis.known_names import GATHER, TRANSPARENT_DECORATORS
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import (
    ClassObject,
    Function,
    Instance,
    Signature,
    Value,
    decorator_names,
    definitions,
    each,
)
from loopwise.syntax import Node, arguments_of, awaited_part, field, is_async, parts_of, span_of, text_of, unwrap
from loopwise.writing import insert

_FIRST = names(
    "asyncio.run asyncio.Runner.run asyncio.create_task asyncio.ensure_future asyncio.wait_for asyncio.shield"
    " asyncio.TaskGroup.create_task asyncio.loop.create_task asyncio.loop.run_until_complete"
    " asyncio.run_coroutine_threadsafe asyncio.Task"
)
_LISTS = names("asyncio.wait asyncio.as_completed")
_TAKERS = names(*_FIRST.full, *GATHER.full, *_LISTS.full)
# The names of the parameter for the awaitable in these functions, over all Pythons.
_KEYWORDS = frozenset({"main", "coro", "fut", "arg", "future", "fs", "aw", "coro_or_future"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type in {"with_statement", "for_statement", "for_in_clause"}:
        yield from _entered(node, unit)
        return
    if node.type == "call" and callee_word(node, unit.aliases) not in _TAKERS.last:
        return
    for one in _wanted(node):
        evidence = _evidence(unit, one)
        if evidence and (node.type == "await" or unit.call_in(node, _TAKERS)):
            message = f"Coroutine function '{text_of(one)}' is not called; this argument must be a coroutine"
            yield Finding(span_of(one), message, lambda one=one: (_fix(unit, one),), evidence=evidence)  # type: ignore[misc]


def _wanted(node: Node) -> Iterator[Node]:
    """The names used where an awaitable is needed, if the call is one of asyncio's."""
    if node.type == "await":
        awaited = awaited_part(node)
        found = [unwrap(awaited)] if awaited is not None else []
    else:
        positional, keywords, _ = arguments_of(node)
        word = _word(field(node, "function"))
        taken = positional if word in GATHER.last else positional[:1]
        found = [unwrap(one) for one in (*taken, *(keywords[name] for name in keywords.keys() & _KEYWORDS))]
        if word in _LISTS.last:
            found = [item for one in found if one.type in {"list", "set", "tuple"} for item in parts_of(one)]
    yield from (one for one in found if one.type in {"identifier", "attribute"})


def _entered(node: Node, unit: Unit) -> Iterator[Finding]:
    """Classes and functions that ``async with`` enters, or ``async for`` iterates, instead of calls of them."""
    if not is_async(node):
        return
    right = field(node, "right")
    needs, keyword = ("__aiter__", "for") if right is not None else ("__aenter__", "with")
    for one in [item.value for item in items(node)] if right is None else [unwrap(right)]:
        if one.type in {"identifier", "attribute"} and _is_uncalled(unit, one, needs):
            message = f"Function '{text_of(one)}' is not called; 'async {keyword}' needs its result"
            yield Finding(span_of(one), message, lambda one=one: (_fix(unit, one),))  # type: ignore[misc]


def _is_uncalled(unit: Unit, node: Node, needs: str) -> bool:
    """Is it a class or function, whatever annotations say, and not a class whose metaclass allows such use?"""
    for ev in (unit.ev, unit.doubting):
        found = each(ev.value(unit.file, node))
        if found and needs == "__aenter__" and all(_is_manager(one) for one in found):
            return True
        if not found or not all(isinstance(one, (ClassObject, Function)) for one in found):
            return False
        classes = [one for one in found if isinstance(one, ClassObject)]
        # Only the head of the class is searched, which fits in 400 bytes.
        if any(b"metaclass" in (one.node.text or b"")[:400] or not has(unit, Instance(one), needs) for one in classes):
            return False
    return _is_plain(unit, node)


def _is_manager(value: Value) -> bool:
    """Is it a function that ``asynccontextmanager`` alone decorates?"""
    function = value.made_of if isinstance(value, Signature) else value
    return isinstance(function, Function) and all(
        decorator_names(node) == ("asynccontextmanager",) for node in function.nodes
    )


def _word(node: Node | None) -> str:
    return text_of(field(node, "attribute") or node) if node is not None else ""


def _evidence(unit: Unit, node: Node) -> Evidence:
    # The project's coroutine functions are known by name, so most nodes need no evaluation.
    if unit.coroutines is not None and _word(node) not in unit.coroutines:
        return Evidence.NONE
    return coroutine_function(unit, node) if _is_plain(unit, node) else Evidence.NONE


def _is_plain(unit: Unit, node: Node) -> bool:
    """Is the function certainly not changed by anything that cannot be read?"""
    functions = [member for member in each(unit.value(node)) if isinstance(member, Function)]
    return all(
        TRANSPARENT_DECORATORS.issuperset(unit.decorators(node)) for function in functions for node in function.nodes
    )


def _fix(unit: Unit, node: Node) -> Fix:
    functions = [member for member in each(unit.value(node)) if isinstance(member, Function)]
    parts = [part for function in functions for part in definitions.signature_parts(unit.ev, function)]
    # Only without required parameters is ``()`` a complete call.
    needed = [p for _, parameters in parts for p in parameters if p.value is None and not p.splat]
    return Fix("Call the function", (insert(node.end_byte, "()"),), safe=bool(functions) and not needed)


RULE = Rule(
    code="LW108",
    name="function-not-called",
    severity=Severity.ERROR,
    nodes=("call", "await", "with_statement", "for_statement", "for_in_clause"),
    check=check,
    triggers=_TAKERS.last | {"await", "async"},
    **page(__doc__),
    peers=(
        "reportArgumentType",
        "reportGeneralTypeIssues",
        "invalid-argument-type",
        "arg-type",
        "reportCallIssue",
        "call-overload",
        "no-matching-overload",
        "bad-argument-type",
    ),
    cards=("asyncio.run", "asyncio.create_task", "asyncio.gather", "coro"),
    examples=(
        Example(
            bad="""\
import asyncio

async def main(): ...

asyncio.run(main)
#           ^^^^
""",
            fixed=(
                """\
import asyncio

async def main(): ...

asyncio.run(main())
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(url="x"): ...

async def main():
    answer = fetch()
    await answer
    await asyncio.gather(fetch(), *map(fetch, "ab"))
"""
        ),
    ),
)
