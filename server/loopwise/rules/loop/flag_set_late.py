"""A flag that is tested before an ``await`` and set after it lets several tasks through.

``if not self.ready:`` … ``await self.connect()`` … ``self.ready = True``: while the first task waits, a second one
finds the flag still unset and repeats all of it.

Hold an ``asyncio.Lock`` around the test and the code that follows.
Or set the flag before the first ``await``, if no task needs to wait for the end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.asyncio import callers, is_guarded, is_shared
from loopwise.analysis.flow import first_wait, own
from loopwise.analysis.rule import Example, Finding, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.index import is_test
from loopwise.syntax import ASSIGNMENTS, NAMES, Node, field, parts_of, span_of, text_of, unwrap
from loopwise.text import Span

_LEAVES = frozenset({"return_statement", "raise_statement"})
# Functions that are called once for each object, or for one thing after another, by what knows that.
_ONCE = re.compile(
    r"__a(?:enter|exit|iter|next)__|asyncSetUp|asyncTearDown|_*async_(?:setup|added|will).*|.*(?:startup|lifespan)"
    r"|_*(?:main|start|stop|close|connect|open|setup|begin|run|loop|process|handle|on|push|send|receive|write)(?:_.*)?"
)
# Functions that an owner calls once too, unless several of the file's functions make sure of it by them.
_BY_OWNER = re.compile(r"_*(?:initiali[sz]e|init|boot|bootstrap|launch)(?:_.*)?")
# As in check-then-act: two callers can run at the same time.
_OFTEN = 2
# What may be done only once, by its name.
_DONE_ONCE = re.compile(
    r"(?i)init|ready|setup|set_up|start|connect|open|load|created|configured|prepared|fetched|login|logged"
)


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    """``node`` is an ``if`` statement."""
    test, body = field(node, "condition"), field(node, "consequence")
    if test is None or body is None or first_wait(test) is not None:
        return
    flag, then = _flag(unwrap(test), node, body)
    if flag is None or not _DONE_ONCE.search(text_of(flag)) or not unit.on_loop(node):
        return
    found = _set_late(then, text_of(flag))
    if (
        found is None
        or not is_shared(unit, flag)
        or is_guarded(unit, node)
        or _is_once(unit, node)
        or is_test(unit.file.key)
    ):
        return
    wait, assignment = found
    message = f"Flag '{text_of(flag)}' is set only after the await, so another task can repeat this"
    related = (
        Related(Span(wait.start_byte, wait.start_byte + len("await")), "Awaits here"),
        Related(span_of(assignment), "Set only here"),
    )
    yield Finding(span_of(flag), message, related=related)


def _flag(test: Node, statement: Node, body: Node) -> tuple[Node | None, list[Node]]:
    """The flag that a test checks, and the statements that run while it is unset."""
    if test.type == "not_operator":
        inner = field(test, "argument")
        flag = unwrap(inner) if inner is not None else None
        return (flag if flag is not None and flag.type in NAMES else None), list(parts_of(body))
    leaves = parts_of(body)[-1].type in _LEAVES if parts_of(body) else False
    if test.type in NAMES and leaves and first_wait(body) is None and field(statement, "alternative") is None:
        block = statement.parent
        below = parts_of(block) if block is not None else []
        return test, [one for one in below if one.start_byte >= statement.end_byte]
    return None, []


def _set_late(statements: list[Node], flag: str) -> tuple[Node, Node] | None:
    """The first suspension in some statements and the assignment of the flag after it, unless it is also set before."""
    wait: Node | None = None
    for statement in statements:
        sets = [one for one in own(statement, ASSIGNMENTS) if text_of(field(one, "left") or one) == flag]
        # Set before the first suspension, the flag keeps other tasks out.
        if wait is None and (sets or _asks_again(statement, flag)):
            return None
        if sets and wait is not None:
            is_late = text_of(field(sets[0], "right") or sets[0]) == "True" and not _is_seen(sets[0], wait)
            return (wait, sets[0]) if is_late else None
        wait = wait or first_wait(statement)
    return None


def _asks_again(statement: Node, flag: str) -> bool:
    """Is the flag tested again while a lock is held, so that only one of several passes?"""
    return statement.type == "with_statement" and flag in text_of(statement)


def _is_seen(assignment: Node, wait: Node) -> bool:
    """Is the flag set because of the awaited result: ``if message["type"] == "end": self.ended = True``?"""
    outer = assignment.parent
    while outer is not None and outer.type != "function_definition":
        test = field(outer, "condition") if outer.type in {"if_statement", "elif_clause"} else None
        if test is not None and outer.start_byte > wait.start_byte:
            return True
        outer = outer.parent
    return False


def _is_once(unit: Unit, node: Node) -> bool:
    function = unit.function(node)
    name = field(function, "name") if function is not None else None
    if name is None or function is None:
        return False
    if _BY_OWNER.fullmatch(text_of(name)) is not None:
        return len(callers(unit, function)) < _OFTEN
    return _ONCE.fullmatch(text_of(name)) is not None


RULE = Rule(
    code="LW429",
    name="flag-set-late",
    severity=Severity.WARNING,
    nodes=("if_statement",),
    check=check,
    triggers=frozenset({"await"}),
    **page(__doc__),
    cards=("asyncio.Lock",),
    examples=(
        Example(
            bad="""\
class Client:
    def __init__(self):
        self.ready = False

    async def get(self, connect):
        if not self.ready:
#              ^^^^^^^^^^
            await connect()
            self.ready = True
""",
        ),
        Example(
            good="""\
import asyncio

class Client:
    def __init__(self):
        self.ready = False
        self.lock = asyncio.Lock()

    async def get(self, connect):
        async with self.lock:
            if not self.ready:
                await connect()
                self.ready = True

    async def once(self, connect):
        if not self.ready:
            self.ready = True
            await connect()
"""
        ),
    ),
)
