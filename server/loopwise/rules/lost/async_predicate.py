"""An async predicate is always true: calling it returns a coroutine, and a coroutine counts as true.

``filter(is_open, ports)`` keeps every port if ``is_open`` is a coroutine function, ``any(is_open(p) for p in ports)``
is true for any port, and ``sorted(users, key=score)`` fails because coroutines cannot be compared.
In each case, the coroutines are never awaited.

Await the results first, in a comprehension: ``[p for p in ports if await is_open(p)]``.
``asyncio.gather(*map(fetch, urls))`` is correct and not reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from types import MappingProxyType

from loopwise.analysis.asyncio import (
    argument,
    await_fix,
    callback_label,
    called,
    coroutine,
    defined,
    free_name,
    makes_coroutine,
)
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import DISPLAYS, Node, field, is_async, node_at, parts_of, source_of, span_of, text_of
from loopwise.writing import in_list, insert, merged, replace

_KEYED = names(
    "builtins.sorted builtins.min builtins.max builtins.list.sort itertools.groupby heapq.nsmallest heapq.nlargest"
    " heapq.merge bisect.bisect bisect.bisect_left bisect.bisect_right bisect.insort bisect.insort_left"
    " bisect.insort_right"
)
_ASKED = names("builtins.filter itertools.filterfalse itertools.takewhile itertools.dropwhile")
_FOLDED = names("builtins.any builtins.all builtins.sum builtins.min builtins.max builtins.sorted")
_NAMES = names(*_KEYED.full, *_ASKED.full, *_FOLDED.full)
_LONG = 50  # bytes of an expression that a message does not quote
_MAP = names("builtins.map")
_PLACES: Mapping[str, tuple[int, str]] = MappingProxyType({"groupby": (1, "key")})
_NO_PLACE = 99  # no function takes its predicate at this position
_GIVERS = frozenset({"generator_expression", "list_comprehension", "set_comprehension"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    word = callee_word(node, unit.aliases)
    if word not in _NAMES.last:
        return
    if word in _ASKED.last and unit.call_in(node, _ASKED):
        yield from _asked(node, unit, argument(node, 0), word)
    key = argument(node, *_PLACES.get(word, (_NO_PLACE, "key"))) if word in _KEYED.last else None
    if key is not None and unit.call_in(node, _KEYED) and makes_coroutine(unit, key):
        message = f"{callback_label(key)} returns coroutines, which cannot be compared"
        yield Finding(span_of(key), message, related=defined(unit, key))
    if word in _FOLDED.last:
        yield from _folded(node, unit, word)


def _asked(call: Node, unit: Unit, predicate: Node | None, name: str) -> Iterator[Finding]:
    if predicate is None or not makes_coroutine(unit, predicate):
        return
    found = predicate
    message = f"{callback_label(found)} returns a coroutine, which is always true to {name}() and never awaited"
    fixes = (lambda: tuple(_filtered(unit, call, found))) if name == "filter" else tuple
    yield Finding(span_of(found), message, fixes, defined(unit, found))


def _folded(call: Node, unit: Unit, name: str) -> Iterator[Finding]:
    """``any(f(x) for x in xs)``, ``any(map(f, xs))``."""
    given = field(call, "arguments")
    items = given if given is not None and given.type == "generator_expression" else argument(call, 0)
    if items is not None and items.type in _GIVERS:
        body, comprehension = field(items, "body"), items
        evidence = coroutine(unit, body) if body is not None else Evidence.NONE
        if body is not None and evidence and unit.call_in(call, _FOLDED):
            fixes = partial(_awaited, unit, comprehension)
            yield Finding(span_of(body), _said(body, name), lambda: tuple(fixes()), evidence=evidence)
    elif items is not None and items.type in DISPLAYS:
        found = [one for one in parts_of(items) if coroutine(unit, one)]
        if found and unit.call_in(call, _FOLDED):
            for one in found:
                fix = partial(await_fix, unit, one)
                yield Finding(span_of(one), _said(one, name), lambda fix=fix: (fix(),), evidence=coroutine(unit, one))  # type: ignore[misc]
    elif items is not None and items.type == "identifier":
        yield from _folded_name(call, unit, items, name)
    elif items is not None and items.type == "call" and callee_word(items, unit.aliases) == "map":
        function = argument(items, 0)
        if function is not None and makes_coroutine(unit, function) and unit.call_in(items, _MAP):
            if unit.call_in(call, _FOLDED):
                yield Finding(span_of(function), _said(function, name), related=defined(unit, function))


def _folded_name(call: Node, unit: Unit, items: Node, name: str) -> Iterator[Finding]:
    """``checks = [f(x) for x in xs]``, then ``all(checks)``."""
    function = unit.function(items)
    bindings = unit.file.table_of(function).by_name.get(text_of(items), ()) if function is not None else ()
    if function is None or len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN or bindings[0].value is None:
        return
    made = node_at(function, bindings[0].value.shifted(function.start_byte))
    body = field(made, "body") if made is not None and made.type in _GIVERS and not bindings[0].path else None
    evidence = coroutine(unit, body) if body is not None else Evidence.NONE
    if body is not None and evidence and unit.call_in(call, _FOLDED):
        related = (Related(span_of(body), "Created here"),)
        yield Finding(span_of(items), _said(body, name), related=related, evidence=evidence)


def _said(node: Node, name: str) -> str:
    callee = field(node, "function") if node.type == "call" else node
    short = callee is not None and callee.type != "lambda" and callee.end_byte - callee.start_byte < _LONG
    what = f"Coroutine {text_of(callee)}()" if callee is not None and short else "Coroutine"
    if name in {"any", "all"}:
        return f"{what} is not awaited, so it is always true to {name}()"
    return f"{what} is not awaited, so {name}() receives coroutines instead of results"


def _filtered(unit: Unit, call: Node, predicate: Node) -> Iterator[Fix]:
    """``[x for x in xs if await f(x)]`` for ``filter(f, xs)``."""
    iterable, callee = argument(call, 1), field(call, "function")
    # A comprehension with ``await`` is evaluated at once and needs a coroutine function around it.
    if not unit.on_loop(call) or iterable is None or callee is None or called(predicate) is None:
        return
    if predicate.type == "lambda" or text_of(callee).startswith("itertools"):
        return
    item = free_name(unit, "item", call)
    text = f"[{item} for {item} in {source_of(iterable)} if await {source_of(predicate)}({item})]"
    yield Fix("Await the results in a comprehension", (replace(_whole(call), text),), safe=False, holes=(item,))


def _whole(call: Node) -> Node:
    """The call, or the ``list(…)`` around it."""
    outer = call.parent.parent if call.parent is not None and len(parts_of(call.parent)) == 1 else None
    callee = field(outer, "function") if outer is not None and outer.type == "call" else None
    return outer if outer is not None and callee is not None and text_of(callee) == "list" else call


def _awaited(unit: Unit, items: Node) -> Iterator[Fix]:
    """Put ``await`` before each item, in a list: ``any()`` cannot iterate over an asynchronous generator."""
    body = field(items, "body")
    if body is None or _runs_elsewhere(unit, items):
        return
    listed = in_list(items) if items.type == "generator_expression" else ()
    yield Fix("Await each coroutine", merged((*listed, insert(body.start_byte, "await "))), safe=False)


def _runs_elsewhere(unit: Unit, items: Node) -> bool:
    clauses = [child for child in parts_of(items) if child.type == "for_in_clause"]
    return not unit.on_loop(items) or any(is_async(clause) for clause in clauses)


RULE = Rule(
    code="LW114",
    name="async-predicate",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=_NAMES.last,
    **page(__doc__),
    cards=("corof", "coro"),
    examples=(
        Example(
            bad="""\
async def is_open(port): ...

async def scan(ports):
    return list(filter(is_open, ports))
#                      ^^^^^^^
""",
            fixed=(
                """\
async def is_open(port): ...

async def scan(ports):
    return [item for item in ports if await is_open(item)]
""",
            ),
        ),
        Example(
            bad="""\
async def is_open(port): ...

async def scan(ports):
    if any(is_open(port) for port in ports):
#          ^^^^^^^^^^^^^
        print("open")
""",
            fixed=(
                """\
async def is_open(port): ...

async def scan(ports):
    if any([await is_open(port) for port in ports]):
        print("open")
""",
            ),
        ),
        Example(
            good="""\
async def is_open(port): ...

async def main(ports):
    every = all([await is_open(port) for port in ports])
    return every
"""
        ),
    ),
)
