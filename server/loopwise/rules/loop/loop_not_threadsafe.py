"""Only a few methods of asyncio may be called from another thread.

The event loop is not protected against other threads.  ``loop.call_soon``, ``event.set()``, ``queue.put_nowait()`` and
``future.set_result()`` from a thread change the state of a running loop without waking it:
tasks that wait for the change may continue seconds later, or never.  ``asyncio.create_task`` finds no loop there at
all.

From a thread, use ``loop.call_soon_threadsafe(event.set)`` for plain calls and
``asyncio.run_coroutine_threadsafe(coroutine, loop)`` for coroutines.

A function is considered to run in a thread if it is passed to ``threading.Thread``, ``asyncio.to_thread``,
``run_in_executor`` or ``submit`` in the same file, or if such a function calls it.  One that runs its own loop is not.
``event.clear()`` is not reported: no task waits for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.asyncio import in_thread, loop_at_hand
from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import ASSIGNMENTS, Node, arguments_of, field, parts_of, source_of, span_of, text_of, unwrap
from loopwise.text import Edit, Span, encode
from loopwise.writing import replace

_LOOP = "asyncio.loop"
_PUTS = names(f"{_LOOP}.call_soon")
_LATER = names(f"{_LOOP}.call_later {_LOOP}.call_at {_LOOP}.stop")
_TASKS = names(f"{_LOOP}.create_task asyncio.create_task asyncio.ensure_future")
_FUTURES = names(
    "asyncio.Future.set_result asyncio.Future.set_exception asyncio.Future.cancel asyncio.Future.add_done_callback"
    " asyncio.Task.cancel asyncio.Task.add_done_callback"
)
_OTHERS = names(
    "asyncio.Event.set asyncio.Queue.put_nowait asyncio.Queue.get_nowait asyncio.Queue.task_done"
    " asyncio.Lock.release asyncio.Semaphore.release asyncio.Condition.notify asyncio.Condition.notify_all"
)
_ALL = names(*(name for some in (_PUTS, _LATER, _TASKS, _FUTURES, _OTHERS) for name in some.full))


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    place = in_thread(unit, node)
    name = unit.call_in(node, _ALL) if place is not None else None
    callee = field(node, "function")
    if place is None or name is None or callee is None or _follows(unit, node, callee, name):
        return
    shown = name.removeprefix("asyncio.")
    yield Finding(
        span_of(callee),
        f"Call to {shown}() from another thread is not safe; the event loop may not notice it",
        lambda: (_fix(unit, node, callee, name),),
        (Related(span_of(place), "The function is passed to a thread here"),),
    )


def _follows(unit: Unit, call: Node, callee: Node, name: str) -> bool:
    """Is the call about a task that is started here in the same wrong way, so that one fix is for both?"""
    if name in _TASKS.full:
        positional, _, _ = arguments_of(call)
        return bool(positional) and _starts(unit, unwrap(positional[0]))
    owner, function = field(callee, "object"), unit.function(call)
    if name not in _FUTURES.full or owner is None or owner.type != "identifier" or function is None:
        return False
    bound = [one for one in own(function, ASSIGNMENTS) if one.end_byte < call.start_byte and _binds(one, owner)]
    made = field(bound[-1], "right") if bound else None
    return made is not None and _starts(unit, unwrap(made))


def _binds(assignment: Node, name: Node) -> bool:
    left = field(assignment, "left")
    return left is not None and text_of(left) == text_of(name)


def _starts(unit: Unit, node: Node) -> bool:
    return node.type == "call" and unit.call_in(node, _TASKS) is not None


def _fix(unit: Unit, call: Node, callee: Node, name: str) -> Fix:
    if name in _PUTS.full and (method := field(callee, "attribute")) is not None:
        return Fix("Use call_soon_threadsafe()", (replace(method, "call_soon_threadsafe"),))
    owner = field(callee, "object")
    at_hand = source_of(owner) if name.startswith(_LOOP) and owner is not None else loop_at_hand(unit, call)
    if name in _TASKS.full:
        return _as_task(unit, call, at_hand)
    statement = call.parent
    if statement is None or statement.type != "expression_statement" or owner is None:
        return Fix("Schedule the call on the event loop", (), refused="The result is used immediately")
    # A future knows its loop.
    if name in _FUTURES.full:
        at_hand = f"{source_of(owner)}.get_loop()"
    if not at_hand:
        return Fix(
            "Schedule the call on the event loop",
            (),
            refused="No event loop is available here; pass it to the function",
        )
    return _put(call, callee, at_hand)


def _put(call: Node, callee: Node, loop: str) -> Fix:
    """Rewrite ``event.set()`` as ``loop.call_soon_threadsafe(event.set)``."""
    arguments = field(call, "arguments")
    inner = parts_of(arguments) if arguments is not None else []
    if arguments is None or arguments.type != "argument_list" or any(n.type == "keyword_argument" for n in inner):
        return Fix("Schedule the call on the event loop", (), refused="Keyword arguments cannot be passed on")
    head = Edit(Span(call.start_byte, callee.start_byte), encode(f"{loop}.call_soon_threadsafe("))
    between = Edit(Span(callee.end_byte, arguments.start_byte + 1), encode(", " if inner else ""))
    return Fix("Schedule the call on the event loop", (head, between))


def _as_task(unit: Unit, call: Node, loop: str | None) -> Fix:
    title = "Run the coroutine on the event loop"
    positional, keywords, starred = arguments_of(call)
    if len(positional) != 1 or keywords or starred:
        return Fix(title, (), refused="run_coroutine_threadsafe() takes only the coroutine and the loop")
    if not loop:
        return Fix(title, (), refused="No event loop is available here; pass it to the function")
    written = unit.imported(call, "asyncio", "run_coroutine_threadsafe")
    statement = call.parent
    # Otherwise the result is a concurrent future, not a task.
    is_dropped = statement is not None and statement.type == "expression_statement"
    text = f"{written.text}({source_of(positional[0])}, {loop})"
    return Fix(title, (*written.edits, replace(call, text)), safe=is_dropped)


RULE = Rule(
    code="LW411",
    name="loop-not-threadsafe",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    whole_file=True,
    triggers=_ALL.last,
    **page(__doc__),
    cards=("loop.call_soon_threadsafe", "asyncio.run_coroutine_threadsafe"),
    examples=(
        Example(
            bad="""\
import asyncio
import threading

class Reader:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.ready = asyncio.Event()

    def start(self):
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        self.ready.set()
#       ^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import threading

class Reader:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.ready = asyncio.Event()

    def start(self):
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        self.loop.call_soon_threadsafe(self.ready.set)
""",
            ),
        ),
        Example(
            bad="""\
import asyncio

async def main(read):
    loop = asyncio.get_running_loop()

    def work():
        loop.call_soon(print, read())
#       ^^^^^^^^^^^^^^

    await asyncio.to_thread(work)
""",
            fixed=(
                """\
import asyncio

async def main(read):
    loop = asyncio.get_running_loop()

    def work():
        loop.call_soon_threadsafe(print, read())

    await asyncio.to_thread(work)
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import threading

class Reader:
    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.ready = asyncio.Event()
        threading.Thread(target=self.work).start()

    def work(self):
        self.loop.call_soon_threadsafe(self.ready.set)
""",
        ),
    ),
)
