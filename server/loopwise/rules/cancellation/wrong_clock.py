"""The event loop has its own clock: neither a time of day nor a number of seconds is a time on it.

``loop.call_at``, ``asyncio.timeout_at`` and ``Timeout.reschedule`` take a time of ``loop.time()``, which counts
seconds from some moment around the machine's start.
``time.time()`` counts them from 1970, so the deadline is never reached; a small number is long past, so it is reached
immediately.
For a number of seconds from now, use ``call_later`` and ``asyncio.timeout``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Kind
from loopwise.syntax import CALLS, Node, arguments_of, field, node_at, nodes_of, source_of, span_of, text_of, unwrap
from loopwise.text import Edit
from loopwise.writing import replace

# These take the time of ``loop.time()``, which is monotonic and starts anywhere.
_AT = names("asyncio.loop.call_at asyncio.timeout_at asyncio.Timeout.reschedule")
_DAY = names("time.time datetime.datetime.timestamp")
_NOW = frozenset({"now", "utcnow", "today"})
_NUMBER = re.compile(r"\d+(\.\d*)?")
_SMALL = 100_000  # seconds: a day and a bit; machines are up for longer than what people wait for
_LATER = {"asyncio.loop.call_at": "call_later", "asyncio.timeout_at": "timeout"}


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    name = unit.call_in(node, _AT)
    when = _when(node) if name is not None else None
    if name is None or when is None:
        return
    short = name.rpartition(".")[2]
    if _NUMBER.fullmatch(text_of(when)):
        if 0 < float(text_of(when)) < _SMALL:
            message = f"Deadline of {short}() needs the loop's clock; {text_of(when)} is long past"
            yield Finding(span_of(when), message, lambda: tuple(_later(unit, node, name, when)))
        return
    written = _value_of(unit, node, when)
    wrong = _time_of_day(unit, written) if written is not None else None
    if wrong is not None and written is not None:
        message = f"Deadline of {short}() needs the loop's clock; {text_of(wrong)} is far in the future"
        place = wrong if written == when else when
        yield Finding(span_of(place), message, lambda: tuple(_own_clock(unit, node, written, wrong, name)))


def _when(call: Node) -> Node | None:
    positional, keywords, starred = arguments_of(call)
    given = keywords.get("when") or (positional[0] if positional and not starred else None)
    return unwrap(given) if given is not None else None


def _value_of(unit: Unit, call: Node, when: Node) -> Node | None:
    """The expression or, for a local name, the value assigned to it, if there is only one."""
    if when.type != "identifier":
        return when
    scope = unit.function(call)
    bindings = unit.file.table_of(scope).by_name.get(text_of(when), ()) if scope is not None else ()
    if scope is None or len(bindings) != 1 or bindings[0].kind is not Kind.ASSIGN or bindings[0].path:
        return None
    value = bindings[0].value
    return node_at(unit.file.root, value.shifted(scope.start_byte)) if value is not None else None


def _time_of_day(unit: Unit, written: Node) -> Node | None:
    """The call in a sum that returns a time of day; a subtracted one makes a duration."""
    if any(
        text_of(field(node, "operator") or node) == "-" for node in nodes_of(written, frozenset({"binary_operator"}))
    ):
        return None
    for call in nodes_of(written, CALLS):
        if unit.call_in(call, _DAY) and all(outer.type != "call" for outer in _up_to(call, written)):
            return call
    return None


def _up_to(node: Node, top: Node) -> Iterator[Node]:
    while node != top and node.parent is not None:
        node = node.parent
        yield node


def _own_clock(unit: Unit, call: Node, written: Node, wrong: Node, name: str) -> Iterator[Fix]:
    text, edits = _loop_time(unit, call, name)
    # A value held in a variable may be used for something else as well.
    here = _when(call) == written
    if not _is_now(wrong):
        now = unit.imported(call, "time", "time")
        converted = replace(wrong, f"{text} + {source_of(wrong)} - {now.text}()")
        yield Fix("Convert to the loop's time()", (*edits, *now.edits, converted), safe=False)
        return
    yield Fix("Use the loop's time()", (*edits, replace(wrong, text)), safe=here)
    delay = _delay(written, wrong) if here else None
    if delay is not None:
        yield from _later(unit, call, name, written, delay)


def _loop_time(unit: Unit, call: Node, name: str) -> tuple[str, tuple[Edit, ...]]:
    """The call that returns the loop's time, and the edits that import what it needs."""
    callee = field(call, "function")
    held = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if name == "asyncio.loop.call_at" and held is not None and held.type in {"identifier", "attribute"}:
        return f"{text_of(held)}.time()", ()
    loop = unit.imported(call, "asyncio", "get_running_loop")
    return f"{loop.text}().time()", loop.edits


def _is_now(wrong: Node) -> bool:
    """Is a time of day that of the call, as from ``time()`` and ``datetime.now().timestamp()``?"""
    callee = field(wrong, "function")
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if callee is None or owner is None or not text_of(callee).endswith(".timestamp"):
        return True
    made = field(owner, "function") if owner.type == "call" else None
    return made is not None and text_of(made).rpartition(".")[2] in _NOW


def _delay(written: Node, wrong: Node) -> Node | None:
    """The value added to the time of day."""
    if written.type != "binary_operator" or text_of(field(written, "operator") or written) != "+":
        return None
    left, right = field(written, "left"), field(written, "right")
    if left is None or right is None or wrong not in {left, right}:
        return None
    return right if left == wrong else left


def _later(unit: Unit, call: Node, name: str, when: Node, delay: Node | None = None) -> Iterator[Fix]:
    """Replace the call by one that takes the seconds from now."""
    callee, later = field(call, "function"), _LATER.get(name)
    positional = arguments_of(call)[0]
    if callee is None or later is None or not positional or unwrap(positional[0]) != when:
        return
    seconds = (replace(when, source_of(delay)),) if delay is not None else ()
    if name == "asyncio.timeout_at":
        written = unit.imported(call, "asyncio", later)
        yield Fix(
            f"Use {later}() with a delay in seconds",
            (*written.edits, replace(callee, written.text), *seconds),
            safe=False,
        )
    elif callee.type == "attribute" and field(callee, "attribute") is not None:
        method = replace(field(callee, "attribute") or callee, later)
        yield Fix(f"Use {later}() with a delay in seconds", (method, *seconds), safe=False)


RULE = Rule(
    code="LW307",
    name="wrong-clock",
    severity=Severity.WARNING,
    nodes=("call",),
    check=check,
    triggers=_AT.last,
    **page(__doc__),
    cards=("asyncio.loop.call_at", "asyncio.loop.time", "asyncio.timeout_at"),
    examples=(
        Example(
            bad="""\
import asyncio
import time

def start(loop: asyncio.AbstractEventLoop, work):
    loop.call_at(time.time() + 5, work)
#                ^^^^^^^^^^^
""",
            fixed=(
                """\
import asyncio
import time

def start(loop: asyncio.AbstractEventLoop, work):
    loop.call_at(loop.time() + 5, work)
""",
                """\
import asyncio
import time

def start(loop: asyncio.AbstractEventLoop, work):
    loop.call_later(5, work)
""",
            ),
        ),
        Example(
            good="""\
import asyncio

async def fetch(get):
    loop = asyncio.get_running_loop()
    loop.call_at(loop.time() + 5, get)
""",
        ),
    ),
)
