"""A coroutine that a statement keeps or returns is awaited there: ``page = fetch()`` → ``page = await fetch()``.

It is offered where no rule reports a missing ``await``, at a call that is certain to return a
coroutine, a task or a future.
It is not offered if the name is awaited or passed on later, or if callers await the result.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import is_expected
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import uses
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Fix, page
from loopwise.analysis.unit import Unit
from loopwise.assists.assist import Assist, Example
from loopwise.assists.parts import is_read_by_nested, statement_at
from loopwise.rules.lost import coroutine_never_awaited, return_unawaited_in_try
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import Node, field, nodes_of, source_of, span_of, unwrap
from loopwise.text import Span
from loopwise.writing import awaited

_TITLE = "Await the call"
# Parents through which an awaitable is passed on or stored, not awaited.
_HOLDS = frozenset(
    "argument_list keyword_argument list tuple set pair return_statement yield expression_list lambda list_splat await"
    " conditional_expression boolean_operator named_expression default_parameter list_comprehension set_comprehension"
    " generator_expression dictionary_comprehension augmented_assignment".split()
)
# Methods and attributes of coroutines, futures and tasks: using one shows that the object itself is wanted.
_OF_AWAITABLES = frozenset(
    "close send throw cancel cancelled done result exception add_done_callback remove_done_callback get_name set_name"
    " get_coro get_loop uncancel cancelling cr_await cr_frame cr_running cr_code gi_frame __await__".split()
)
_DEEPEST = 3  # functions that hand a coroutine on
# Functions that return a task meant to run concurrently with the code that follows.
_STARTS = frozenset({"create_task", "ensure_future", "run_coroutine_threadsafe", "as_completed", "create_future"})


def offer(_: tuple[Node, ...], span: Span, unit: Unit) -> Iterator[Fix]:
    statement = statement_at(unit, span)
    if statement is None or statement.type not in {"expression_statement", "return_statement"}:
        return
    inner = statement.named_children[0] if statement.named_children else None
    is_kept = inner is not None and inner.type == "assignment"
    value = field(inner, "right") if inner is not None and is_kept else inner
    call = unwrap(value) if value is not None else None
    if inner is None or call is None or call.type != "call" or not (is_kept or statement.type == "return_statement"):
        return
    if (
        unit.runs(call) not in {ExecutionContext.ASYNC, ExecutionContext.CELL}
        or callee_word(call, unit.aliases) in _STARTS
    ):
        return
    if not _is_awaitable(unit, call) or is_expected(unit, call) or _is_reported(unit, statement, call):
        return
    left = field(inner, "left") if is_kept else None
    if left is None and _callers_await(unit, unit.function(statement), _DEEPEST):
        return
    if left is None or (left.type == "identifier" and not _is_passed_on(unit, left)):
        yield Fix(_TITLE, awaited(call), safe=False)


def _is_awaitable(unit: Unit, call: Node) -> bool:
    if unit.gives_coroutine(call):
        return True
    members = each(unit.value(call))
    return all(isinstance(one, Instance) and unit.is_instance(one, "asyncio.Future") for one in members)


def _is_reported(unit: Unit, statement: Node, call: Node) -> bool:
    """Does a rule offer the same edit?"""
    function = unit.function(statement)
    found = coroutine_never_awaited.check(function, unit) if function is not None else ()
    if statement.type == "return_statement":
        found = return_unawaited_in_try.check(statement, unit)
    return any(one.span == span_of(call) for one in found)


def _is_passed_on(unit: Unit, left: Node) -> bool:
    """Is the name awaited, passed to a function or stored elsewhere, in short: used as an awaitable?"""
    function = unit.function(left) or unit.file.root
    if is_read_by_nested(function, source_of(left)):
        return True
    return any(_is_handed_on(unit, use) for use in uses(function, source_of(left)) if use != left)


def _is_handed_on(unit: Unit, use: Node) -> bool:
    outer = use.parent
    while outer is not None and outer.type == "parenthesized_expression":
        use, outer = outer, outer.parent
    if outer is None:
        return False
    if outer.type == "attribute":
        return source_of(field(outer, "attribute") or outer) in _OF_AWAITABLES
    return outer.type in _HOLDS or (outer.type == "assignment" and use != field(outer, "left"))


def _callers_await(unit: Unit, function: Node | None, deep: int) -> bool:
    """Does the file use the function's result as an awaitable?"""
    name = source_of(field(function, "name") or function) if function is not None else ""
    for match in nodes_of(unit.file.root, frozenset({"call"})) if name else ():
        callee = field(match, "function")
        if callee is None or source_of(field(callee, "attribute") or callee) != name or not unit.is_awaited(match):
            continue
        wait = match.parent
        while wait is not None and wait.type != "await":
            wait = wait.parent
        outer = wait.parent if wait is not None else None
        while outer is not None and outer.type == "parenthesized_expression":
            outer = outer.parent
        left = field(outer, "left") if outer is not None and outer.type == "assignment" else None
        if wait is None or outer is None:
            continue
        if left is not None:
            if left.type != "identifier" or _is_passed_on(unit, left):
                return True
        elif outer.type == "return_statement":
            if not deep or _callers_await(unit, unit.function(outer), deep - 1):
                return True
        elif _is_handed_on(unit, wait):
            return True
    return False


ASSIST = Assist(
    name="add-await",
    kind="refactor.rewrite",
    offer=offer,
    **page(__doc__),
    examples=(
        Example(
            before="""\
async def fetch(url): ...

async def main():
    return fetch$0("a")
""",
            after=(
                """\
async def fetch(url): ...

async def main():
    return await fetch("a")
""",
            ),
        ),
        Example(
            before="""\
class Client:
    async def fetch(self, url): ...

async def main(client: Client):
    page = client.fetch("a")$0
    if page.ready:
        return page.text
""",
            after=(
                """\
class Client:
    async def fetch(self, url): ...

async def main(client: Client):
    page = await client.fetch("a")
    if page.ready:
        return page.text
""",
            ),
        ),
        Example(
            before="""\
async def fetch(url): ...

async def main():
    coming = fetch$0("a")
    return await coming
"""
        ),
        Example(
            before="""\
import asyncio

async def fetch(url): ...

async def main():
    task = asyncio.create_task$0(fetch("a"))
    print(task.done())
"""
        ),
        Example(
            before="""\
async def fetch(url): ...

def main():
    return fetch$0("a")
"""
        ),
    ),
)
