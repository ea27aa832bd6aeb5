"""A coroutine or future is used instead of its result: printed, compared or unpacked without ``await``.

``f"{fetch()}"`` shows ``<coroutine object fetch at …>``, ``fetch() == 1`` is always false, and ``len(fetch())``,
``fetch()["key"]``, ``fetch().text`` and ``for x in fetch()`` raise.
So do ``a, b = gather(…)``, ``task + 1``, and ``create_task(…).result()``, because the task has not even started, and
``task.result()`` in ``for task in as_completed(…)``, whose items are coroutines.
Await it first; for an attribute or an item, this needs parentheses: ``(await fetch()).text``.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from loopwise.analysis.asyncio import (
    TASK_MAKERS,
    await_fix,
    branches,
    call_label,
    given,
    has,
    is_fresh_task,
    is_future,
    lacks,
    lacks_what,
    operands,
    passed_coroutines,
    returned_coroutines,
)
from loopwise.analysis.known_names import OUTCOMES
from loopwise.analysis.prefilter import COROUTINE, callee_word, names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    Node,
    arguments_of,
    await_of,
    field,
    is_async,
    span_of,
    text_of,
    unwrap,
)
from loopwise.writing import insert

_COMPLETED = names("asyncio.as_completed")
_SHOWN = names("builtins.print builtins.str builtins.repr builtins.format json.dumps")
_READ = names(
    "builtins.len builtins.int builtins.float builtins.list builtins.tuple builtins.set builtins.dict builtins.sum"
    " builtins.min builtins.max builtins.sorted builtins.any builtins.all builtins.iter builtins.next"
    " builtins.enumerate builtins.reversed builtins.bool builtins.range builtins.abs builtins.round builtins.frozenset"
    " builtins.zip builtins.bytes builtins.divmod builtins.list.extend builtins.set.update builtins.dict.update"
)
_ANY = names(*_SHOWN.full, *_READ.full)
_OF_TEXT = MappingProxyType({"join": "cannot be joined", "format": "is formatted instead of its result"})
# Where a future is as wrong as a coroutine: both can be shown and compared, and a future has methods of its own.
_FUTURES_TOO = frozenset(
    "assignment binary_operator augmented_assignment subscript for_statement for_in_clause list_splat"
    " dictionary_splat".split()
)
_SEQUENCES = ("builtins.list", "builtins.tuple", "builtins.str", "builtins.bytes", "collections.deque")
_PASSED = "is passed instead of its result"
_RETURNED = "is returned instead of its result"
_NEVER = {"builtins.bool": "is always true", "in": "is never contained"}


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "attribute" and _is_completed(unit, node):
        name = text_of(field(node, "object") or node)
        message = f"Item '{name}' of as_completed() is a coroutine in a plain 'for'; await it for its result"
        yield Finding(span_of(node), message)
        return
    for used, what in _used(node, unit):
        annotated = what in {_PASSED, _RETURNED}  # only an annotation says that it is wrong
        name = call_label(unit, used) if used.type == "call" else f"'{text_of(used)}'"
        coroutine = given(unit, used)
        kind = "Coroutine" if coroutine else _kind(unit, used)
        message = f"{kind} {name} is not awaited here, so it {what}"
        fixes = lambda used=used: (_await(unit, node, used),)  # noqa: E731
        sure = coroutine or (Evidence.CERTAIN if is_future(unit, used) else Evidence.LIKELY)
        yield Finding(span_of(used), message, fixes, evidence=Evidence.LIKELY if annotated else sure)


def _kind(unit: Unit, used: Node) -> str:
    what = "Future" if is_future(unit, used) else "Awaitable"
    return f"{what} from" if used.type == "call" else what


def _is_completed(unit: Unit, node: Node) -> bool:
    """Is it a future's method of an item of ``as_completed()``, which only ``async for`` (3.13) makes a future?"""
    item = field(node, "object")
    if item is None or item.type != "identifier" or text_of(field(node, "attribute") or node) not in OUTCOMES:
        return False
    for outer in unit.around(node):
        left, right = field(outer, "left"), field(outer, "right")
        if outer.type == "for_statement" and left is not None and left.text == item.text:
            return right is not None and not is_async(outer) and unit.call_in(unwrap(right), _COMPLETED) is not None
    return False


def _used(node: Node, unit: Unit) -> Iterator[tuple[Node, str]]:
    """The coroutines and futures that a node uses as something else, with the consequence."""
    if node.type in {"call", "return_statement"}:
        yield from (
            _given(node, unit) if node.type == "call" else ((one, _RETURNED) for one in returned_coroutines(unit, node))
        )
        return
    for one, what, names_too in operands(node):
        inner = unwrap(one)
        if await_of(one) is not None or (inner.type == "identifier" and not names_too):
            continue
        pending = given(unit, inner) or (node.type in _FUTURES_TOO and is_future(unit, inner))
        if (pending or lacks_what(unit, node, inner)) and not _is_key(unit, node, one):
            yield inner, what
    begun = field(node, "object") if node.type == "attribute" else None
    if begun is not None and text_of(field(node, "attribute") or node) in OUTCOMES and is_fresh_task(unit, begun):
        yield unwrap(begun), "is not done yet"


def _is_key(unit: Unit, subscript: Node, index: Node) -> bool:
    """May the index be a key: of something not known to be a sequence, and a future or being assigned?"""
    holder = field(subscript, "value") if subscript.type == "subscript" else None
    if holder is None or index == holder or unit.is_instance(unit.value(holder), *_SEQUENCES):
        return False
    outer = subscript.parent
    return is_future(unit, unwrap(index)) or (outer is not None and field(outer, "left") == subscript)


def _await(unit: Unit, node: Node, used: Node) -> Fix:
    # A coroutine may have been meant as one more item.
    fix = await_fix(unit, used, safe=callee_word(node, unit.aliases) not in {"extend", "update"})
    entered = node.type == "with_statement" and not fix.refused
    result = unit.ev.awaited(unit.value(used)) if entered else None
    if result is not None and has(unit, result, "__aenter__") and lacks(unit, result, "__enter__"):
        return Fix("Await the call and use async with", (insert(node.start_byte, "async "), *fix.edits), safe=False)
    return fix


def _given(call: Node, unit: Unit) -> Iterator[tuple[Node, str]]:
    """Arguments of a builtin function that reads them."""
    word = callee_word(call, unit.aliases) or ""
    if word in _OF_TEXT and _is_of_text(call):
        found = (node for node in arguments_of(call)[0] if node.type == "call" and given(unit, node))
        yield from ((node, _OF_TEXT[word]) for node in found)
        return
    if word not in _ANY.last:
        yield from ((node, _PASSED) for node in passed_coroutines(unit, call))
        return
    positional, keywords, _ = arguments_of(call)
    positional = [unwrap(one) for whole in positional for one in branches(whole)]
    sure = [node for node in positional if node.type == "call" and given(unit, node)]
    held = [node for node in positional if node.type == "identifier" and given(unit, node)]
    name = unit.call_in(call, _ANY) if sure or held else None
    # With a key function the items themselves are not compared.
    if name is None or (name in {"builtins.min", "builtins.max"} and "key" in keywords):
        return
    # The second argument is a default, which may be anything.
    if name == "builtins.next" and len(positional) > 1:
        sure, held = [n for n in sure if n == positional[0]], [n for n in held if n == positional[0]]
    if name == "json.dumps":
        yield from ((node, "cannot be serialized as JSON") for node in sure)
    elif name in _SHOWN.full:
        yield from ((node, "is formatted instead of its result") for node in sure)
    else:
        what = _NEVER.get(name, f"cannot be passed to {name.rpartition('.')[2]}()")
        yield from ((node, what) for node in (*sure, *held))


def _is_of_text(call: Node) -> bool:
    """Is it a method of a string that is written there: ``",".join(…)``?"""
    callee = field(call, "function")
    owner = field(callee, "object") if callee is not None else None
    return owner is not None and owner.type == "string"


RULE = Rule(
    code="LW104",
    name="coroutine-used-as-value",
    severity=Severity.ERROR,
    nodes=(
        "call",
        "interpolation",
        "comparison_operator",
        "subscript",
        "attribute",
        "binary_operator",
        "augmented_assignment",
        "for_statement",
        "for_in_clause",
        "list_splat",
        "dictionary_splat",
        "assignment",
        "with_statement",
        "raise_statement",
        "unary_operator",
        "match_statement",
        "return_statement",
    ),
    check=check,
    triggers=frozenset({COROUTINE}) | TASK_MAKERS | _COMPLETED.last,
    **page(__doc__),
    peers=(
        "reportAttributeAccessIssue",
        "reportIndexIssue",
        "unresolved-attribute",
        "not-iterable",
        "attr-defined",
        "reportOperatorIssue",
        "missing-attribute",
        "operator",
        "unsupported-operator",
        "unsupported-operation",
        "index",
        "comparison-overlap",
        "not-subscriptable",
        "bad-index",
        "reportUnnecessaryComparison",
    ),
    cards=("coro", "await"),
    examples=(
        Example(
            bad="""\
async def fetch(): ...

async def main():
    return f"got {fetch()}"
#                 ^^^^^^^
""",
            fixed=(
                """\
async def fetch(): ...

async def main():
    return f"got {await fetch()}"
""",
            ),
        ),
        Example(
            bad="""\
class Client:
    async def get(self, url): ...

async def main(client: Client):
    return client.get("x").text
#          ^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
class Client:
    async def get(self, url): ...

async def main(client: Client):
    return (await client.get("x")).text
""",
            ),
        ),
        Example(
            good="""\
async def fetch(number=0): ...

async def main(unknown):
    print(await fetch(), len(await fetch()), (await fetch()).text)
"""
        ),
    ),
)
