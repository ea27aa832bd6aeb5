"""A thread lock that is held across an await can deadlock the event loop.

While the coroutine waits, another task tries to acquire the same lock.
That task does not wait as tasks do: it blocks the thread of the event loop, including the task that holds the lock.
Neither can continue.
An ``RLock`` belongs to the thread, so that other tasks enter it as if it were free, and other threads wait.

Without an ``await`` inside, a short ``with lock:`` in async code is fine: it protects against other threads.
If only coroutines acquire the lock, convert it to an ``asyncio.Lock`` and enter it with ``async with``.
If threads acquire it too, do not await inside: read the data under the lock, and await after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.analysis.blocking import is_driven_by_hand
from loopwise.analysis.flow import first_wait
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Instance, each
from loopwise.syntax import NAMES, Node, field, is_async, nodes_of, parts_of, span_of, text_of, unwrap
from loopwise.text import Edit, Span, encode
from loopwise.writing import insert

# The classes behind the names, and what asyncio has in their place.
_TWINS = {"Lock": "Lock", "Condition": "Condition", "Semaphore": "Semaphore", "BoundedSemaphore": "BoundedSemaphore"}
_LOCKS = frozenset(
    "_thread.lock _thread.LockType _thread.RLock threading.Lock threading._RLock threading.RLock threading.Condition"
    " threading.Semaphore threading.BoundedSemaphore multiprocessing.synchronize.Lock"
    " multiprocessing.synchronize.RLock multiprocessing.synchronize.Condition multiprocessing.synchronize.Semaphore"
    " multiprocessing.synchronize.BoundedSemaphore".split()
)
_MADE_BY = frozenset({*_TWINS, "RLock"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if is_async(node) or (body := field(node, "body")) is None:
        return
    items = [item for item in _items(node) if _may_be_lock(item, unit)]
    wait = first_wait(body) if items else None
    if wait is None or not unit.on_loop(node) or is_driven_by_hand(unit):
        return
    for item in items:
        if _is_lock(item, unit):
            effect = (
                "but other tasks can enter it too"
                if _is_reentrant(item, unit)
                else "so another task can deadlock on it"
            )
            yield Finding(
                span_of(item),
                f"Thread lock '{text_of(item)}' is held during an await, {effect}",
                lambda item=item: (_fix(unit, node, item),),  # type: ignore[misc]
                (Related(Span(wait.start_byte, wait.start_byte + len("await")), "Awaits here"),),
            )


def _items(statement: Node) -> Iterator[Node]:
    """The context managers of a ``with``."""
    clause = next((child for child in parts_of(statement) if child.type == "with_clause"), None)
    for item in parts_of(clause) if clause is not None else ():
        value = field(item, "value") if item.type == "with_item" else None
        if value is not None:
            inner = unwrap(value)
            yield parts_of(inner)[0] if inner.type == "as_pattern" else inner


def _may_be_lock(item: Node, unit: Unit) -> bool:
    return item.type in NAMES or (item.type == "call" and callee_word(item, unit.aliases) in _MADE_BY)


def _is_lock(item: Node, unit: Unit) -> bool:
    members = each(unit.value(item))
    return all(isinstance(member, Instance) and member.cls.fullname in _LOCKS for member in members)


def _is_reentrant(item: Node, unit: Unit) -> bool:
    """Does the lock let the thread that holds it, and so all tasks of the loop, enter again?"""
    return all(isinstance(one, Instance) and one.cls.fullname.endswith("RLock") for one in each(unit.value(item)))


def _fix(unit: Unit, statement: Node, item: Node) -> Fix:
    title = "Convert to an asyncio lock"
    if item.type not in NAMES:
        return Fix(title, (), refused="The lock is created anew on each call, so it protects nothing")
    uses = [node for node in nodes_of(unit.file.root, frozenset({item.type})) if text_of(node) == text_of(item)]
    made = [call for use in uses if (call := _made(use)) is not None]
    entered = [place for use in uses if (place := _entered(use, unit)) is not None]
    # An asyncio lock works only in ``async with`` on the loop, so every other use must be known.
    if len(made) != 1 or len(uses) != len(made) + len(entered):
        return Fix(title, (), refused="The lock is also used in code that cannot await, or is created elsewhere")
    twin = _TWINS.get(callee_word(made[0], unit.aliases) or "")
    callee = field(made[0], "function")
    if twin is None or callee is None:
        return Fix(title, (), refused="asyncio has no lock of this kind")
    written = unit.imported(made[0], "asyncio", twin)
    make = Edit(span_of(callee), encode(written.text))
    return Fix(title, (*written.edits, make, *(insert(place.start_byte, "async ") for place in entered)), safe=False)


def _made(use: Node) -> Node | None:
    """The call that creates the lock, if ``use`` is the name that is assigned."""
    parent = use.parent
    if parent is None or parent.type != "assignment" or field(parent, "left") != use:
        return None
    call = field(parent, "right")
    return call if call is not None and call.type == "call" else None


def _entered(use: Node, unit: Unit) -> Node | None:
    """The ``with`` in async code that enters ``use`` and nothing else."""
    statement = use
    while statement.parent is not None and statement.type in {*NAMES, "with_item", "with_clause"}:
        statement = statement.parent
    if statement.type != "with_statement" or is_async(statement) or not unit.on_loop(statement):
        return None
    return statement if [item.id for item in _items(statement)] == [use.id] else None


RULE = Rule(
    code="LW215",
    name="thread-lock-across-await",
    severity=Severity.WARNING,
    nodes=("with_statement",),
    check=check,
    triggers=frozenset({"with"}),
    **page(__doc__),
    peers=("PYVIBE-004",),
    cards=("asyncio.Lock",),
    examples=(
        Example(
            bad="""\
import threading

class Cache:
    def __init__(self):
        self.lock = threading.Lock()

    async def load(self, key):
        with self.lock:
#            ^^^^^^^^^
            return await fetch(key)

async def fetch(key):
    return key
""",
            fixed=(
                """\
import asyncio
import threading

class Cache:
    def __init__(self):
        self.lock = asyncio.Lock()

    async def load(self, key):
        async with self.lock:
            return await fetch(key)

async def fetch(key):
    return key
""",
            ),
        ),
        Example(
            good="""\
import asyncio
import threading

lock = threading.Lock()
gate = asyncio.Lock()
total = 0

async def add(work):
    global total
    with lock:
        total += 1
    async with gate:
        await work()
"""
        ),
    ),
)
