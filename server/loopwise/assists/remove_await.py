"""An ``await`` is taken away: the coroutine is passed on, or what is no awaitable is left as it is.

It is offered at the keyword.
A coroutine whose value nobody takes would never run, and one that is asked for what its result has would raise: there
it is not offered.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import touched, trimmed
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import Node, field
from loopwise.text import Edit, Span

_TITLE = "Remove await"
_TAKES = frozenset({"return_statement", "argument_list", "keyword_argument", "list", "tuple", "set", "pair", "yield"})
_CLOSED = frozenset({"call", "identifier", "attribute", "subscript"})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    last = touched(unit, span)[-1]
    wait = last.parent if last.type == "await" and last.parent is not None and not last.is_named else last
    if wait.type != "await" or not wait.named_children or not _is_meant(unit, wait, span):
        return
    value, outer = wait.named_children[-1], wait.parent
    if _is_awaitable(unit, value) and not _takes_coroutine(wait):
        return
    edits = [Edit(Span(wait.start_byte, value.start_byte), b"")]
    if any(child.type == "comment" for child in wait.children):
        return
    if outer is not None and outer.type == "parenthesized_expression" and _are_for_await(outer, value):
        edits = [Edit(Span(outer.start_byte, value.start_byte), b""), Edit(Span(value.end_byte, outer.end_byte), b"")]
    yield Fix(_TITLE, tuple(edits), safe=False)


def _is_meant(unit: Unit, wait: Node, span: Span) -> bool:
    """Is the cursor at the keyword, or the whole expression selected?"""
    if span.start != span.end:
        whole = trimmed(unit.file.source.data, span)
        return whole == Span(wait.start_byte, wait.end_byte)
    return span.start <= wait.start_byte + len(b"await")


def _is_awaitable(unit: Unit, value: Node) -> bool:
    """Is it a coroutine, a task or a future for sure?"""
    made = unit.value(value)
    if unit.is_coroutine(made):
        return True
    return any(isinstance(one, Instance) and unit.is_instance(one, "asyncio.Future") for one in each(made))


def _takes_coroutine(wait: Node) -> bool:
    """Is the value handed on as it is: not asked for anything that a coroutine does not have?"""
    inner, outer = wait, wait.parent
    while outer is not None and outer.type == "parenthesized_expression":
        inner, outer = outer, outer.parent
    if outer is None or outer.type != "assignment":
        return outer is not None and outer.type in _TAKES
    left = field(outer, "left")
    return left is not None and left.type in {"identifier", "attribute", "subscript"} and field(outer, "right") == inner


def _are_for_await(brackets: Node, value: Node) -> bool:
    """Do the brackets stand there only because of the ``await``?"""
    outer = brackets.parent
    follows = outer is not None and outer.type in {"attribute", "subscript", "call"}
    is_first = outer is not None and bool(outer.named_children) and outer.named_children[0] == brackets
    return follows and is_first and value.type in _CLOSED and len(brackets.named_children) == 1


ASSIST = Assist(
    name="remove-await",
    general=True,
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
async def fetch(url): ...

async def main():
    first = $0await fetch("a")
    return first
""",
            after=(
                """\
async def fetch(url): ...

async def main():
    first = fetch("a")
    return first
""",
            ),
        ),
        Example(
            before="""\
async def main(session):
    return (await$0 session.get("a")).text
""",
            after=(
                """\
async def main(session):
    return session.get("a").text
""",
            ),
        ),
        Example(
            before="""\
async def main(session):
    $0await session.close()
""",
            after=(
                """\
async def main(session):
    session.close()
""",
            ),
        ),
        Example(
            before="""\
import asyncio

async def main():
    $0await asyncio.sleep(1)
"""
        ),
        Example(
            before="""\
async def main(session):
    return await session.cl$0ose()
"""
        ),
    ),
)
