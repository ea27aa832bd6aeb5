"""``yield from`` in an ``async def`` is a syntax error: the file cannot even be imported.

With generator-based coroutines, ``yield from`` waited for another coroutine; this is now ``await``.
An asynchronous generator cannot delegate to another one, so a loop yields the other's items:
``async for item in items(): yield item``.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import has
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import IDENTIFIERS, Node, nodes_of, parts_of, span_of, text_of
from loopwise.text import Edit, Span, decode, encode


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.child_count < 3 or node.children[1].type != "from" or unit.runs(node) is not ExecutionContext.ASYNC:
        return
    span = Span(node.start_byte, node.children[1].end_byte)
    message = "Keyword 'yield from' in 'async def' is a syntax error; use 'await' or 'async for'"
    yield Finding(span, message, lambda: tuple(_fixes(unit, node)))


def _fixes(unit: Unit, node: Node) -> Iterator[Fix]:
    given = node.children[2]
    value = unit.value(given)
    waits = Fix("Use await", (Edit(Span(node.start_byte, given.start_byte), b"await "),), has(unit, value, "__await__"))
    is_statement = node.parent is not None and node.parent.type == "expression_statement"
    if has(unit, value, "__await__") or not is_statement:
        yield waits
    elif has(unit, value, "__aiter__"):
        yield _loop(unit, node, "async for")
    elif has(unit, value, "__iter__"):
        yield _loop(unit, node, "for")
    else:
        loop = _loop(unit, node, "async for", safe=False)
        yield from (loop, waits) if _yields_plainly(unit, node) else (waits, loop)


def _yields_plainly(unit: Unit, node: Node) -> bool:
    """Does the function have another ``yield``, and is it therefore a generator already?"""
    function = unit.function(node)
    others = nodes_of(function, frozenset({"yield"})) if function is not None else []
    return any(
        unit.function(other) == function and not (other.child_count > 1 and other.children[1].type == "from")
        for other in others
    )


def _loop(unit: Unit, node: Node, keyword: str, *, safe: bool = True) -> Fix:
    name = _free(unit, node)
    given = text_of(node.children[2])
    indent, newline = _indent(unit, node), "\r\n" if b"\r\n" in unit.file.source.data else "\n"
    text = f"{keyword} {name} in {given}:{newline}{indent}{_step(indent)}yield {name}"
    edit = Edit(span_of(node), encode(text))
    alone = node.parent is not None and not _shares_line(node.parent)
    if not alone:
        return Fix(f"Iterate with {keyword}", (), refused="Other statements share the line")
    return Fix(f"Iterate with {keyword}", (edit,), safe, holes=(name,))


def _indent(unit: Unit, node: Node) -> str:
    """The text before the statement on its line."""
    return decode(unit.file.source.data[node.start_byte - node.start_point.column : node.start_byte])


def _step(indent: str) -> str:
    return "\t" if indent.startswith("\t") else "    "


def _shares_line(statement: Node) -> bool:
    """Is another statement, or the head of a block, on the statement's line?"""
    near = [statement.prev_sibling, statement.next_sibling]
    block = statement.parent
    first = block is not None and block.type == "block" and parts_of(block)[0] == statement
    head = block.prev_sibling if first and block is not None else None
    rows = {sibling.end_point.row for sibling in (near[0], head) if sibling is not None and sibling.type != "comment"}
    return statement.start_point.row in rows or (
        near[1] is not None and near[1].type != "comment" and near[1].start_point.row == statement.end_point.row
    )


def _free(unit: Unit, node: Node) -> str:
    """A name that the function does not use yet."""
    function = unit.function(node) or unit.root
    used = {text_of(name) for name in nodes_of(function, IDENTIFIERS)}
    return next(name for name in ("item", "item_", *(f"item{n}" for n in range(1, len(used) + 2))) if name not in used)


RULE = Rule(
    code="LW402",
    name="yield-from-in-async",
    severity=Severity.ERROR,
    nodes=("yield",),
    check=check,
    triggers=frozenset({"yield"}),
    **page(__doc__),
    peers=("PLE1700", "E1700", "invalid-syntax", "invalid-yield"),
    cards=("async for", "await"),
    examples=(
        Example(
            bad="""\
async def numbers():
    yield 1

async def more():
    yield from numbers()  # and one
#   ^^^^^^^^^^
    yield 2
""",
            fixed=(
                """\
async def numbers():
    yield 1

async def more():
    async for item in numbers():
        yield item  # and one
    yield 2
""",
            ),
        ),
        Example(
            good="""\
def plain(items):
    yield from items
""",
        ),
    ),
)
