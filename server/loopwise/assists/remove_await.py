"""An ``await`` is removed: from what cannot be awaited, or from a coroutine that is awaited later.

It is offered at the keyword.
A coroutine is passed on to a function that takes one, such as ``create_task``, or kept under a name, if every later use
of the name awaits it or passes it on.  Elsewhere it would never run, or raise where its result is asked for something.
If nothing is known about the value, it is offered only for a whole ``await`` expression that is selected.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import Wants, lacks, refused, wanted
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import touched, trimmed
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import IDENTIFIERS, PRIMARIES, Node, field, nodes_of, source_of
from loopwise.text import Edit, Span

_TITLE = "Remove await"
_KEPT = "Remove await (runs when it is awaited below)"


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    last = touched(unit, span)[-1]
    wait = last.parent if last.type == "await" and last.parent is not None and not last.is_named else last
    if wait.type != "await" or not wait.named_children or not _is_meant(unit, wait, span):
        return
    title = _title(unit, wait, span)
    if not title or any(child.type == "comment" for child in wait.children):
        return
    value, outer = wait.named_children[-1], wait.parent
    edits = [Edit(Span(wait.start_byte, value.start_byte), b"")]
    if outer is not None and outer.type == "parenthesized_expression" and _are_for_await(outer, value):
        edits = [Edit(Span(outer.start_byte, value.start_byte), b""), Edit(Span(value.end_byte, outer.end_byte), b"")]
    yield Fix(title, tuple(edits), safe=False)


def _title(unit: Unit, wait: Node, span: Span) -> str:
    """The title for the edit, which names its effect; empty if the edit would break the program."""
    value = wait.named_children[-1]
    if _is_awaitable(unit, value):
        if wanted(unit, wait) is Wants.AWAITABLE:
            return _TITLE
        return _KEPT if _is_awaited_later(unit, wait) else ""
    # Of calls only `refused` judges: a decorator that cannot be read may return something that is awaited.
    known = refused(unit, value) is not None
    known = known or (value.type != "call" and lacks(unit, unit.value(value), "__await__"))
    return _TITLE if known or span.start != span.end else ""


def _is_meant(unit: Unit, wait: Node, span: Span) -> bool:
    """Is the cursor on the keyword, or the whole expression selected?"""
    if span.start != span.end:
        whole = trimmed(unit.file.source.data, span)
        return whole == Span(wait.start_byte, wait.end_byte)
    return span.start <= wait.start_byte + len(b"await")


def _is_awaitable(unit: Unit, value: Node) -> bool:
    """Is it certainly a coroutine, a task or a future?"""
    made = unit.value(value)
    if unit.is_coroutine(made):
        return True
    return any(isinstance(one, Instance) and unit.is_instance(one, "asyncio.Future") for one in each(made))


def _is_awaited_later(unit: Unit, wait: Node) -> bool:
    """Is the value bound only to a name that is awaited or passed on in every later use?"""
    inner, outer = wait, wait.parent
    while outer is not None and outer.type == "parenthesized_expression":
        inner, outer = outer, outer.parent
    left = field(outer, "left") if outer is not None and outer.type == "assignment" else None
    function = unit.function(wait)
    if outer is None or left is None or left.type != "identifier" or field(outer, "right") != inner or function is None:
        return False
    uses = [one for one in nodes_of(function, IDENTIFIERS) if source_of(one) == source_of(left) and one != left]
    return bool(uses) and all(unit.is_awaited(one) or wanted(unit, one) is Wants.AWAITABLE for one in uses)


def _are_for_await(brackets: Node, value: Node) -> bool:
    """Are the parentheses only needed by the ``await``?"""
    outer = brackets.parent
    follows = outer is not None and outer.type in {"attribute", "subscript", "call"}
    is_first = outer is not None and bool(outer.named_children) and outer.named_children[0] == brackets
    return follows and is_first and value.type in PRIMARIES and len(brackets.named_children) == 1


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
    return await first
""",
            after=(
                """\
async def fetch(url): ...

async def main():
    first = fetch("a")
    return await first
""",
            ),
        ),
        Example(
            before="""\
async def main(session):
    return ($0await session.get("a")$0).text
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
    $0await session.close()$0
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
    $0await session.close()
"""
        ),
        Example(
            before="""\
async def main(session):
    return await session.cl$0ose()
"""
        ),
        Example(
            before="""\
from tornado.concurrent import run_on_executor

class Store:
    @run_on_executor
    def load(self):
        return []

    async def show(self):
        return $0await self.load()
"""
        ),
    ),
)
