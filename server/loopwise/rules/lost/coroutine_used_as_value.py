"""A coroutine in the place of what it would give: printed, measured, compared, taken apart, without ``await``.

``f"{fetch()}"`` shows ``<coroutine object fetch at …>``, ``fetch() == 1`` is always false, and ``len(fetch())``,
``fetch()["key"]``, ``fetch().text`` and ``for x in fetch()`` raise.
Await the coroutine first; for an attribute or an item that takes brackets: ``(await fetch()).text``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import await_fix, call_label, given
from loopwise.analysis.prefilter import COROUTINE, callee_word, names
from loopwise.analysis.rule import Example, Finding, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, arguments_of, await_of, field, is_async, span_of, text_of, unwrap

_SHOWN = names("builtins.print builtins.str builtins.repr builtins.format json.dumps")
_READ = names(
    "builtins.len builtins.int builtins.float builtins.list builtins.tuple builtins.set builtins.dict builtins.sum"
    " builtins.min builtins.max builtins.sorted builtins.any builtins.all builtins.iter builtins.next"
    " builtins.enumerate builtins.reversed builtins.bool"
)
_ANY = names(*_SHOWN.full, *_READ.full)
_OWN = frozenset({"send", "throw", "close"})
_NEVER = {"builtins.bool": "is always true", "in": "is in nothing"}


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    for used, what in _used(node, unit):
        name = call_label(unit, used) if used.type == "call" else text_of(used)
        message = f"{name} is not awaited here: the coroutine {what}"
        evidence = given(unit, used)
        yield Finding(span_of(used), message, lambda used=used: (await_fix(unit, used),), evidence=evidence)  # type: ignore[misc]


def _used(node: Node, unit: Unit) -> Iterator[tuple[Node, str]]:
    """The coroutines that a node uses as something else, and what comes of it."""
    if node.type == "call":
        yield from _given(node, unit)
        return
    for one, what, names_too in _operands(node):
        inner = unwrap(one)
        if await_of(one) is not None:
            continue
        if (inner.type == "call" or names_too) and given(unit, inner):
            yield inner, what


def _given(call: Node, unit: Unit) -> Iterator[tuple[Node, str]]:
    """Arguments of a builtin function that reads them."""
    if callee_word(call, unit.aliases) not in _ANY.last:
        return
    positional, keywords, _ = arguments_of(call)
    sure = [node for node in positional if node.type == "call" and given(unit, node)]
    held = [node for node in positional if node.type == "identifier" and given(unit, node)]
    name = unit.call_in(call, _ANY) if sure or held else None
    if name is None or (name in {"builtins.min", "builtins.max"} and "key" in keywords):
        return
    if name == "builtins.next" and len(positional) > 1:
        sure, held = [n for n in sure if n == positional[0]], [n for n in held if n == positional[0]]
    if name == "json.dumps":
        yield from ((node, "cannot be written as JSON") for node in sure)
    elif name in _SHOWN.full:
        yield from ((node, "itself is shown, not what it gives") for node in sure)
    else:
        what = _NEVER.get(name, f"is nothing for {name.rpartition('.')[2]}()")
        yield from ((node, what) for node in (*sure, *held))


def _operands(node: Node) -> Iterator[tuple[Node, str, bool]]:
    """What a node needs the value of, what comes of a coroutine there, and whether names count as calls do."""
    first = node.named_children[0] if node.named_child_count else None
    if node.type == "interpolation" and first is not None:
        yield first, "itself is shown, not what it gives", False
    elif node.type == "comparison_operator":
        yield from ((side, "itself is compared, not what it gives", False) for side in node.named_children)
    elif node.type == "subscript" and first is not None:
        yield first, "has no items", True
    elif node.type == "attribute" and first is not None:
        name = text_of(field(node, "attribute") or node)
        if name not in _OWN and not name.startswith(("cr_", "gi_", "__")):
            yield first, f"has no attribute {name}", True
    elif node.type in {"binary_operator", "augmented_assignment"}:
        operator = field(node, "operator")
        shows = operator is not None and text_of(operator) == "%" and first is not None and first.type == "string"
        what = "itself is shown, not what it gives" if shows else "cannot be reckoned with"
        sides = (field(node, "left") if node.type == "binary_operator" else None, field(node, "right"))
        yield from ((side, what, not shows) for side in sides if side is not None)
    elif node.type in {"for_statement", "for_in_clause"}:
        right = field(node, "right") if not is_async(node) else None  # that is async-for-on-sync-iterable
        yield from [(right, "cannot be iterated", True)] if right is not None else []
    elif node.type in {"list_splat", "dictionary_splat"} and first is not None:
        yield first, "cannot be unpacked", True


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
    ),
    check=check,
    triggers=frozenset({COROUTINE}),
    **page(__doc__),
    peers=("reportAttributeAccessIssue", "reportIndexIssue", "unresolved-attribute", "not-iterable", "attr-defined"),
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
