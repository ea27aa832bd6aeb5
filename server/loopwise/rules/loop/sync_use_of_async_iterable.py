"""``list()``, ``sum()``, unpacking and ``in`` cannot iterate over an asynchronous iterable: they raise ``TypeError``.

An async generator has ``__aiter__`` but no ``__iter__``; so does a generator expression with ``async for`` or ``await``
in it, as in ``any(await ok(x) for x in xs)``.

Collect the items first: ``any([await ok(x) for x in xs])``, ``[row async for row in rows()]``.
Objects that have both methods, and those of unknown type, are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from loopwise.analysis.asyncio import lacking, may_be_async, value_label
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import local_name
from loopwise.syntax import (
    NAMES_AND_CALLS,
    PATTERNS,
    Node,
    arguments_of,
    field,
    is_async_generator,
    parts_of,
    source_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.writing import insert, replace

_FIRST = names(
    "builtins.list builtins.tuple builtins.set builtins.frozenset builtins.sum builtins.any builtins.all"
    " builtins.sorted builtins.min builtins.max builtins.dict builtins.enumerate builtins.iter builtins.next"
    " builtins.len builtins.reversed collections.deque itertools.islice itertools.cycle"
)
_LATER = names("builtins.map builtins.filter")
_EACH = names("builtins.zip itertools.chain")
# What a function asks of its argument, if not to be iterated over.
_METHODS: Mapping[str, tuple[str, ...]] = MappingProxyType({"next": ("__next__",), "len": ("__len__",)})
# Methods of lists, sets and dictionaries that iterate over what they are given.
_INTO = names(
    "builtins.list.extend builtins.set.update builtins.set.union builtins.dict.update collections.deque.extend"
)
_ALL = names(*_FIRST.full, *_LATER.full, *_EACH.full, *_INTO.full)
_BRACKETS = {"list": "[]", "set": "{}"}


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for given, taker in _consumed(node, unit):
        one = given if given.type == "generator_expression" else unwrap(given)
        if is_async_generator(one):
            message = f"Async generator expression cannot be passed to {taker}, which needs an iterable"
            yield Finding(span_of(one), message, lambda one=one: tuple(_listed(unit, one)))  # type: ignore[misc]
        elif one.type in NAMES_AND_CALLS and (evidence := _evidence(unit, node, one)):
            message = f"{value_label(unit, one)} is an async iterable, which {taker} cannot iterate"
            fixes = lambda one=one: tuple(_fixes(unit, node, one))  # noqa: E731
            yield Finding(span_of(one), message, fixes, evidence=evidence)


def _consumed(node: Node, unit: Unit) -> Iterator[tuple[Node, str]]:
    """The iterables that a node consumes, and a name for the consumer, for a message."""
    if node.type == "call":
        yield from _arguments(node, unit)
    elif node.type == "assignment":
        left, right = field(node, "left"), field(node, "right")
        if left is not None and right is not None and left.type in PATTERNS:
            yield right, "unpacking"
    elif node.type == "list_splat" and parts_of(node):
        yield parts_of(node)[0], "unpacking"
    elif node.type == "subscript" and unwrap(parts_of(node)[0]).type == "call":
        yield parts_of(node)[0], "indexing"
    elif node.type == "comparison_operator" and len(parts_of(node)) == 2:
        left, right = parts_of(node)
        between = text_of(node)[left.end_byte - node.start_byte : right.start_byte - node.start_byte].split()
        if between and between[-1] == "in" and unwrap(right).type == "call":
            yield right, "'in'"


def _arguments(call: Node, unit: Unit) -> Iterator[tuple[Node, str]]:
    word = callee_word(call, unit.aliases)
    callee = field(call, "function")
    if word == "join" and callee is not None and callee.type == "attribute":
        owner = field(callee, "object")
        given = _given(call) if owner is not None and owner.type == "string" else []
        yield from ((one, "join()") for one in given[:1])
    elif word in _ALL.last:
        taken = _taken(word or "", _given(call))
        if any(_may_be(unit, one) for one in taken) and unit.call_in(call, _ALL):
            yield from ((one, f"{word}()") for one in taken)


def _given(call: Node) -> list[Node]:
    arguments = field(call, "arguments")
    if arguments is not None and arguments.type == "generator_expression":
        return [arguments]
    return arguments_of(call)[0]


def _taken(word: str, given: list[Node]) -> list[Node]:
    """The arguments that a function iterates over."""
    if word in {"min", "max"} and len(given) > 1:
        return []
    if word in _LATER.last:
        return given[1:]
    return given if word in _EACH.last or word in {"union", "update"} else given[:1]


def _may_be(unit: Unit, node: Node) -> bool:
    return is_async_generator(node) or (unwrap(node).type in NAMES_AND_CALLS and may_be_async(unit, unwrap(node)))


def _evidence(unit: Unit, node: Node, one: Node) -> Evidence:
    """The evidence that the iterable supports only ``async for``."""
    if not may_be_async(unit, one):
        return Evidence.NONE
    if node.type == "subscript":
        return lacking(unit, one, ("__aiter__",), ("__getitem__",))
    methods = ("__iter__", "__getitem__", *(("__contains__",) if node.type == "comparison_operator" else ()))
    word = callee_word(node, unit.aliases) if node.type == "call" else None
    return lacking(unit, one, ("__aiter__",), _METHODS.get(word or "", methods))


def _listed(unit: Unit, generator: Node) -> Iterator[Fix]:
    """Turn the generator expression into a list."""
    if unit.runs(generator) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return
    outer = generator.parent
    if outer is not None and outer.type == "call" and field(outer, "arguments") == generator:
        brackets = insert(generator.start_byte + 1, "["), insert(generator.end_byte - 1, "]")
        yield Fix("Collect the items in a list first", brackets)
    else:
        yield Fix("Collect the items in a list first", (replace(generator, f"[{source_of(generator)[1:-1]}]"),))


def _fixes(unit: Unit, node: Node, one: Node) -> Iterator[Fix]:
    """Replace it by an async comprehension."""
    if unit.runs(one) not in {ExecutionContext.ASYNC, ExecutionContext.CELL} or node.type == "list_splat":
        return
    word = callee_word(node, unit.aliases) if node.type == "call" else ""
    if word in {"iter", "next", "enumerate", "zip", "map", "filter", "dict", "len", "chain", "cycle"}:
        return
    name = local_name(unit, one, "item")
    items = f"{name} async for {name} in {source_of(one)}"
    brackets = _BRACKETS.get(word or "") if len(_given(node)) == 1 and node.type == "call" else None
    if brackets:
        yield Fix("Collect the items with async for", (replace(node, f"{brackets[0]}{items}{brackets[1]}"),))
    else:
        yield Fix("Collect the items with async for", (replace(one, f"[{items}]"),))


RULE = Rule(
    code="LW430",
    name="sync-use-of-async-iterable",
    severity=Severity.ERROR,
    nodes=("call", "assignment", "list_splat", "subscript", "comparison_operator"),
    check=check,
    triggers=_ALL.last | {"join", "in", "async"},
    **page(__doc__),
    peers=(
        "reportArgumentType",
        "reportGeneralTypeIssues",
        "invalid-argument-type",
        "not-iterable",
        "arg-type",
        "reportCallIssue",
        "call-overload",
        "no-matching-overload",
        "bad-argument-type",
    ),
    cards=("async for",),
    examples=(
        Example(
            bad="""\
async def rows():
    yield 1

async def main():
    return list(rows())
#               ^^^^^^
""",
            fixed=(
                """\
async def rows():
    yield 1

async def main():
    return [item async for item in rows()]
""",
            ),
        ),
        Example(
            bad="""\
async def ok(x): ...

async def main(xs):
    return any(await ok(x) for x in xs)
#             ^^^^^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
async def ok(x): ...

async def main(xs):
    return any([await ok(x) for x in xs])
""",
            ),
        ),
        Example(
            good="""\
async def rows():
    yield 1

async def main(xs, ok, unknown):
    found = [row async for row in rows()]
    a, b = [row async for row in rows()]
    print(list(found), sum([await ok(x) for x in xs]), list(x for x in await ok(1)), list(unknown()))
    print((await ok(x) for x in xs), rows() is None, a in found)
    return a, b
"""
        ),
    ),
)
