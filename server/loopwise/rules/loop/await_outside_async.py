"""``await`` outside an ``async def`` is a syntax error: the file cannot even be imported.

``await``, ``async with`` and ``async for`` suspend the function that contains them, and only a coroutine function can
be suspended.
A ``def`` inside an ``async def`` is a plain function, and so is a lambda.
In notebook cells, and in the body of a generator expression, ``await`` is allowed anywhere.

Make the function ``async``, and await it where it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import made_async
from loopwise.syntax import BODIES, Node, field, is_async, nodes_of, outward, parts_of, text_of
from loopwise.text import Edit, Span

_STATEMENTS = frozenset({"with_statement", "for_statement"})
_SUSPENDS = frozenset({"await", *_STATEMENTS, "for_in_clause"})
# Scripts in cells (Spyder, VS Code, Jupytext) run in IPython, which allows ``await`` at the top level.
_CELLS = re.compile(rb"(?m)^#\s?(?:%%|In\[)")


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type != "await" and not is_async(node):
        return
    holder = _holder(unit, node)
    if holder is None or is_async(holder) or _is_torn(unit, holder):
        return
    if holder.type == "module" and not _is_script(unit, node):
        return
    first, *rest = unit.per_edit.get(("await-outside-async", holder.id), lambda: _all(unit, holder))
    # One finding for each function, as one ``async`` fixes all of its awaits.
    if first.start_byte != node.start_byte or first.type != node.type:
        return
    related = tuple(Related(_keyword(other), "Also here") for other in rest)
    where = _where(holder)
    message = f"Keyword '{_written(node)}' in {where} is a syntax error; it is only allowed in 'async def'"
    yield Finding(_keyword(node), message, lambda: tuple(_fixes(unit, node, holder)), related)


def _all(unit: Unit, holder: Node) -> list[Node]:
    """All suspension points in a body that cannot suspend, in source order."""
    found = (node for node in nodes_of(holder, _SUSPENDS) if node.type == "await" or is_async(node))
    return [node for node in found if _holder(unit, node) == holder]


def _holder(unit: Unit, node: Node) -> Node | None:
    """The body that ``node`` suspends; ``None`` in a generator expression, which itself suspends."""
    inner = node
    for outer in outward(node, unit.file.root):
        if outer.type in BODIES and (outer.type == "module" or inner == field(outer, "body")):
            return outer
        if outer.type == "generator_expression" and not _is_first_iterable(outer, inner, node):
            return None
        # Annotations may be strings; around an error the structure is a guess.
        if outer.type in {"type", "ERROR"}:
            return None
        inner = outer
    return None


def _is_first_iterable(generator: Node, inner: Node, node: Node) -> bool:
    """Is ``node`` in the first iterable of a generator expression, which is evaluated outside of it?"""
    clauses = [child for child in parts_of(generator) if child.type == "for_in_clause"]
    right = field(clauses[0], "right") if clauses else None
    return inner == clauses[0] and right is not None and right.start_byte <= node.start_byte < right.end_byte


def _is_torn(unit: Unit, holder: Node) -> bool:
    """Is there a syntax error in or beside the body, so that the code may belong to another one?"""
    outer: Node | None = holder
    while outer is not None:
        if any(near is not None and near.type == "ERROR" for near in (outer.prev_sibling, outer.next_sibling)):
            return True
        outer = outer.parent
    root = unit.file.root
    # The parser was given a repaired text, so a body's end may be a guess.
    is_mended = root.text != unit.file.source.data[root.start_byte : root.end_byte]
    return holder.has_error or (is_mended and holder.type != "function_definition")


def _is_script(unit: Unit, node: Node) -> bool:
    """Is it code of an ordinary file, where ``await`` is not allowed?  In a notebook's cell it is."""
    if unit.runs(node) is ExecutionContext.CELL or _CELLS.search(unit.file.source.data):
        return False
    outermost = unit.file.root.child_with_descendant(node)
    return outermost is not None and outermost.start_point.column == 0  # else its head is still to be typed


def _where(holder: Node) -> str:
    if holder.type == "function_definition":
        return f"non-async {text_of(field(holder, 'name') or holder)}()"
    return {"lambda": "a lambda", "class_definition": "a class body"}.get(holder.type, "module-level code")


def _written(node: Node) -> str:
    return {"await": "await", "with_statement": "async with"}.get(node.type, "async for")


def _keyword(node: Node) -> Span:
    return Span(node.start_byte, node.start_byte + 5)  # "await" and "async" are of one length


def _fixes(unit: Unit, node: Node, holder: Node) -> Iterator[Fix]:
    if holder.type == "function_definition":
        made = made_async(unit, holder)
        name = text_of(field(holder, "name") or holder)
        yield Fix(f"Make {name}() async", made.edits, made.safe, refused=made.refused)
    elif holder.type == "lambda" and node.type == "await" and field(holder, "body") == node and parts_of(node):
        gap = Span(node.start_byte, parts_of(node)[0].start_byte)
        yield Fix("Return the coroutine from the lambda", (Edit(gap, b""),), safe=False)


RULE = Rule(
    code="LW401",
    name="await-outside-async",
    severity=Severity.ERROR,
    nodes=tuple(sorted(_SUSPENDS)),
    check=check,
    triggers=frozenset({"await", "async"}),
    **page(__doc__),
    peers=("PLE1142", "E1142", "invalid-syntax"),
    cards=("await", "async def"),
    examples=(
        Example(
            bad="""\
import asyncio

def wait():
    await asyncio.sleep(1)
#   ^^^^^
    await asyncio.sleep(2)

async def main():
    await wait()
""",
            fixed=(
                """\
import asyncio

async def wait():
    await asyncio.sleep(1)
    await asyncio.sleep(2)

async def main():
    await wait()
""",
            ),
        ),
        Example(
            good="""\
def lazily(items):
    return (await x for x in items), (x async for x in items)
""",
        ),
    ),
)
