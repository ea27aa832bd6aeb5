"""``await`` on an object that is not awaitable raises ``TypeError``.

``await time.sleep(1)`` sleeps, blocks the event loop, and then raises, because ``None`` cannot be awaited.
The same applies to ``await event.set()``, a list of coroutines, an async generator, a plain function's result, and to
the arguments of ``gather``, ``wait_for``, ``shield`` and ``create_task``.

Remove the ``await`` if there is nothing to wait for, use an awaitable function, or put a ``*`` before the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import OF_THREAD, Refused, is_future, is_plain_function, refused
from loopwise.analysis.blocking import blocking, plain_names, reached, words
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import raises_expected
from loopwise.analysis.known_names import GATHER
from loopwise.analysis.prefilter import callee_word, names
from loopwise.analysis.rule import Evidence, Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.rules.fixes import in_thread, needs_loop_thread
from loopwise.syntax import Node, arguments_of, awaited_part, field, span_of, text_of, unwrap
from loopwise.text import Edit, Span
from loopwise.writing import called_instead, insert

_FIRST = names(
    "asyncio.wait_for asyncio.shield asyncio.create_task asyncio.ensure_future asyncio.TaskGroup.create_task"
    " asyncio.loop.create_task asyncio.run_coroutine_threadsafe asyncio.loop.run_until_complete asyncio.run"
)
# These take coroutines only, no futures.
_STRICT = names(
    "asyncio.create_task asyncio.TaskGroup.create_task asyncio.loop.create_task asyncio.run_coroutine_threadsafe"
)
_TAKERS = names(*_FIRST.full, *GATHER.full)
_KEYWORDS = frozenset({"main", "coro", "fut", "arg", "future", "coro_or_future"})
# Methods of asyncio's own classes that return at once.
_PLAIN_METHODS = frozenset(
    "set clear is_set put_nowait get_nowait task_done write writelines close cancel release locked notify notify_all"
    " set_result set_exception call_soon call_later call_at create_task add_done_callback terminate kill stop".split()
)
# Common functions of the builtins and the standard library that return at once.
_PLAIN_FUNCTIONS = frozenset(
    "print len sorted sum str int open dumps loads submit run_coroutine_threadsafe get_running_loop get_event_loop"
    " new_event_loop current_task all_tasks info debug warning error exception critical qsize Lock Event Queue"
    " Semaphore Condition TaskGroup".split()
)
_AT_ONCE = _PLAIN_METHODS | _PLAIN_FUNCTIONS
_MANY = frozenset({"list", "tuple", "set", "list_comprehension", "set_comprehension", "generator_expression"})
# The rules of pyright, ty and pyrefly for ``await`` and mypy's code for all other errors; then those for arguments.
_PEERS = (
    "reportGeneralTypeIssues", "invalid-await", "not-async", "misc",
    "reportArgumentType", "invalid-argument-type", "bad-argument-type", "arg-type",
)  # fmt: skip


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if raises_expected(node, "TypeError"):
        return
    if node.type == "await":
        yield from _awaited(node, unit)
    elif callee_word(node, unit.aliases) in _TAKERS.last:
        yield from _given(node, unit)


def _awaited(wait: Node, unit: Unit) -> Iterator[Finding]:
    awaited = awaited_part(wait)
    inner = unwrap(awaited) if awaited is not None else wait
    found = refused(unit, inner) if _may_be_plain(unit, inner) else None
    if found is None:
        return
    if inner.type == "call":
        name = " ".join(text_of(field(inner, "function") or inner).split())
        message = f"Call to {name}() cannot be awaited because it returns {found.what}"
    else:
        message = f"{found.what.capitalize() if found.what != 'None' else 'None'} cannot be awaited"
    fixes = lambda: tuple(_await_fixes(unit, wait, inner, found.what))  # noqa: E731
    yield Finding(span_of(inner), message, fixes, evidence=found.evidence)


def _may_be_plain(unit: Unit, node: Node) -> bool:
    """May a call be of a plain function of the project or the standard library, judged by words?"""
    if node.type != "call":
        return True
    word = callee_word(node, unit.aliases)
    return word is not None and (word in _AT_ONCE or word in words() or word.encode() in plain_names(unit))


def _given(call: Node, unit: Unit) -> Iterator[Finding]:
    """The arguments of a call that awaits them."""
    arguments = _arguments(call, unit)
    futures = [one for one in arguments if callee_word(call, unit.aliases) in _STRICT.last and is_future(unit, one)]
    if futures and unit.call_in(call, _STRICT):
        message = f"Argument of {callee_word(call, unit.aliases)}() must be a coroutine, not a future"
        yield Finding(span_of(futures[0]), message)
        return
    taken = [one for one in arguments if _may_refuse(unit, one)]
    if not taken or not unit.call_in(call, _TAKERS):
        return
    word = callee_word(call, unit.aliases)
    for one in taken:
        found = refused(unit, one) or Refused("a function", Evidence.CERTAIN)
        # Blocking calls are left to their own rules, which have better fixes.
        if not _is_blocking(unit, unwrap(one)):
            message = f"Argument of {word}() must be awaitable, not {found.what}"
            fixes = lambda one=one: tuple(_argument_fixes(unit, call, one))  # noqa: E731
            yield Finding(span_of(one), message, fixes, evidence=found.evidence)


def _arguments(call: Node, unit: Unit) -> list[Node]:
    arguments = field(call, "arguments")
    if arguments is not None and arguments.type == "generator_expression":
        return [arguments]
    positional, keywords, _ = arguments_of(call)
    if callee_word(call, unit.aliases) in GATHER.last:
        return positional
    return [*positional[:1], *(keywords[name] for name in keywords.keys() & _KEYWORDS)]


def _may_refuse(unit: Unit, node: Node) -> bool:
    inner = unwrap(node)
    return refused(unit, inner) is not None or is_plain_function(unit, inner)


def _is_blocking(unit: Unit, node: Node) -> bool:
    """Is it reported as a blocking call?"""
    return (
        node.type == "call"
        and unit.on_loop(node)
        and (blocking(unit, node) is not None or reached(unit, node) is not None)
    )


def _await_fixes(unit: Unit, wait: Node, inner: Node, what: str) -> Iterator[Fix]:
    alone = wait.parent is not None and wait.parent.type == "expression_statement"
    if inner.type in _MANY:
        written = unit.imported(wait, "asyncio", "gather")
        edits = (*written.edits, insert(inner.start_byte, f"{written.text}(*"), insert(inner.end_byte, ")"))
        yield Fix("Await all with asyncio.gather()", edits, safe=False)
        return
    if what == OF_THREAD:
        written = unit.imported(wait, "asyncio", "wrap_future")
        edits = (*written.edits, insert(inner.start_byte, f"{written.text}("), insert(inner.end_byte, ")"))
        yield Fix("Wrap the future with wrap_future()", edits, safe=False)
        return
    if inner.type != "call":
        return
    found = blocking(unit, inner)
    whole = Edit(Span(wait.start_byte, inner.start_byte), b"")
    if found is not None and found.fix == "twin" and found.twin:
        module, _, name = found.twin.rpartition(".")
        edits = called_instead(inner, unit.imported(inner, module, name), ("await ", ""))
        yield Fix(f"Await {found.twin}() instead", _merged(edits, wait, inner))
    elif found is not None or what == "a plain value":
        why = needs_loop_thread(unit, inner)
        edits = _merged(in_thread(unit, inner), wait, inner) if not why else ()
        yield Fix("Run the call in a thread", edits, safe=False, refused=why)
    elif unit.runs(wait) in {ExecutionContext.ASYNC, ExecutionContext.CELL} and not what.startswith("an AsyncGen"):
        yield Fix("Remove the await", (whole,), safe=alone and what == "None")


def _merged(edits: tuple[Edit, ...], wait: Node, inner: Node) -> tuple[Edit, ...]:
    """Edits that write an ``await`` before the call, replacing the existing one."""
    start = inner.start_byte
    return tuple(
        Edit(Span(wait.start_byte, edit.span.end), edit.text) if edit.span.start == start else edit for edit in edits
    )


def _argument_fixes(unit: Unit, call: Node, one: Node) -> Iterator[Fix]:
    inner = unwrap(one)
    if callee_word(call, unit.aliases) in GATHER.last and (inner.type in _MANY or inner.type == "identifier"):
        edits: tuple[Edit, ...] = (insert(one.start_byte, "*"),)
        # The generator expression is the argument list itself: its parentheses are those of the call.
        if field(call, "arguments") == one:
            edits = (insert(one.start_byte + 1, "*("), insert(one.end_byte - 1, ")"))
        if not is_plain_function(unit, inner):
            yield Fix("Unpack the argument with *", edits)


RULE = Rule(
    code="LW123",
    name="not-awaitable",
    severity=Severity.ERROR,
    nodes=("await", "call"),
    check=check,
    triggers=_TAKERS.last | {"await"},
    **page(__doc__),
    peers=_PEERS,
    cards=("await", "aw", "asyncio.gather"),
    examples=(
        Example(
            bad="""\
import asyncio

async def work(x): ...

async def main(xs):
    await asyncio.gather([work(x) for x in xs])
#                        ^^^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio

async def work(x): ...

async def main(xs):
    await asyncio.gather(*[work(x) for x in xs])
""",
            ),
        ),
        Example(
            bad="""\
import asyncio
import time

async def main():
    await time.sleep(1)
#         ^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import time

async def main():
    await asyncio.sleep(1)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Store:
    def load(self): ...
    def save(self) -> dict:
        return self.load()

async def main(store: Store, unknown, event: asyncio.Event, works):
    await store.load()
    await store.save()
    await unknown.load()
    await asyncio.gather(*works, event.wait(), unknown())
    event.set()
"""
        ),
    ),
)
