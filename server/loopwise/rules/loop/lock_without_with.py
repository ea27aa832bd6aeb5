"""A lock that is released later, but not in a ``finally``, stays locked if an exception occurs in between.

An exception, a timeout or a cancellation at an ``await`` in between skips the ``release()``: every other task that
needs the lock then waits forever.

``if lock.locked(): lock.release()`` is no better: it also releases a lock that another task holds.

``async with lock:`` releases it whatever happens.  Locks that are released elsewhere (in another method, in a
callback) are not reported, nor are those released in an ``except``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.flow import own
from loopwise.analysis.prefilter import names
from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import (
    CALLS,
    Node,
    field,
    first_of,
    is_async,
    next_of,
    nodes_of,
    parts_of,
    previous_of,
    source_of,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import Edit, Span, encode
from loopwise.writing import indent_of, moved_in, newline_of, usual_step

_ACQUIRE = names(
    "asyncio.Lock.acquire asyncio.Semaphore.acquire asyncio.BoundedSemaphore.acquire asyncio.Condition.acquire"
)
_RELEASE = names("asyncio.Lock.release")
_LEAVES = frozenset({"return_statement", "break_statement", "continue_statement", "yield", "raise_statement"})
_HANDLERS = frozenset({"finally_clause", "except_clause"})


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    if node.type == "if_statement":
        yield from _of_another(node, unit)
        return
    call = first_of(node)
    statement = node.parent
    if call is None or call.type != "call" or statement is None or statement.type != "expression_statement":
        return
    lock, function = _receiver(call, "acquire"), unit.function(node)
    if lock is None or function is None or not is_async(function):
        return
    releases = _releases(unit, function, call, text_of(lock))
    # Without a release here, another function is meant to release it.
    if not releases or any(_is_sure(release, unit) for release in releases) or _is_held(unit, node, text_of(lock)):
        return
    if not _may_fail(statement, releases[0]) or not unit.call_in(call, _ACQUIRE):
        return
    last = releases[-1]
    yield Finding(
        span_of(call),
        f"Lock '{text_of(lock)}' stays locked if an exception occurs before release()",
        lambda: tuple(_fixes(unit, statement, releases)),
        (Related(span_of(last), "Released here, which an exception skips"),),
    )


def _of_another(statement: Node, unit: Unit) -> Iterator[Finding]:
    """``if lock.locked(): lock.release()``, unless the task has certainly acquired the lock before."""
    test, body = field(statement, "condition"), field(statement, "consequence")
    lock = _receiver(unwrap(test), "locked") if test is not None else None
    if lock is None or body is None:
        return
    for release in own(body, CALLS):
        owner = _receiver(release, "release")
        if owner is None or text_of(owner) != text_of(lock) or _is_held_before(unit, statement, text_of(lock)):
            continue
        if unit.call_in(release, _RELEASE):
            message = f"Lock '{text_of(lock)}' may be held by another task, and is released here all the same"
            yield Finding(span_of(release), message, related=(Related(span_of(lock), "Only asks if it is locked"),))


def _is_held_before(unit: Unit, statement: Node, lock: str) -> bool:
    """Does an ``acquire()`` without a timeout precede the statement, or the ``try`` whose ``finally`` it is in?"""
    acquires = f"await {lock}.acquire()"
    for outer in (statement, *unit.around(statement)):
        before = previous_of(outer)
        while before is not None:
            if acquires in text_of(before) and before.type == "expression_statement":
                return True
            before = previous_of(before)
    return False


def _receiver(call: Node, method: str) -> Node | None:
    """``lock`` of ``lock.acquire()``."""
    callee = field(call, "function")
    name = field(callee, "attribute") if callee is not None and callee.type == "attribute" else None
    owner = field(callee, "object") if callee is not None and name is not None and text_of(name) == method else None
    return owner if owner is not None and owner.type in {"identifier", "attribute", "subscript"} else None


def _releases(unit: Unit, function: Node, call: Node, lock: str) -> list[Node]:
    """The later calls that release the lock; empty if a nested function has one, because it may run at any time."""
    every, here = unit.per_edit.get(("releases", function.id), lambda: _all_releases(function))
    found = [one for one in every.get(lock, ()) if one.start_byte > call.end_byte]
    if not found or _is_handed_over(unit, function, lock):
        return []
    return found if all(one.id in here for one in found) else []


def _is_handed_over(unit: Unit, function: Node, lock: str) -> bool:
    """Does other code of the file release an attribute's lock, as a callback does that says when something is done?"""
    data = unit.file.source.data
    releases = re.finditer(re.escape(encode(lock)) + rb"\.release\b", data) if "." in lock else ()
    # A function that releases what it has acquired itself hands nothing over.
    others = [one.start() for one in releases if not function.start_byte <= one.start() < function.end_byte]
    return any(not _is_acquired_near(unit, at, lock) for at in others)


def _is_acquired_near(unit: Unit, at: int, lock: str) -> bool:
    """Does the function around an offset acquire the lock itself?"""
    node = unit.file.root.descendant_for_byte_range(at, at)
    around = unit.function(node) if node is not None else None
    return around is not None and encode(lock) + b".acquire(" in (around.text or b"")


def _all_releases(function: Node) -> tuple[dict[str, list[Node]], frozenset[int]]:
    """The calls that release something, by receiver; and the IDs of the calls that are the function's own."""
    found: dict[str, list[Node]] = {}
    for one in nodes_of(function, CALLS):
        owner = _receiver(one, "release")
        if owner is not None:
            found.setdefault(text_of(owner), []).append(one)
    body = field(function, "body")
    return found, frozenset(one.id for one in own(body, CALLS)) if found and body is not None else frozenset()


def _is_sure(release: Node, unit: Unit) -> bool:
    """Does the release also run when an exception is raised?"""
    return any(outer.type in _HANDLERS for outer in unit.around(release))


def _is_held(unit: Unit, node: Node, lock: str) -> bool:
    """Is the lock held by outer code: released for a while, and acquired again?"""
    withs = (outer for outer in unit.around(node) if outer.type == "with_statement")
    return any(
        encode(lock) in (child.text or b"") for one in withs for child in parts_of(one) if child.type == "with_clause"
    )


def _may_fail(statement: Node, release: Node) -> bool:
    """Can any code in between raise?"""
    after = next_of(statement)
    while after is not None and after.type == "comment":
        after = next_of(after)
    return after is None or not (after.start_byte <= release.start_byte and parts_of(after)[:1] == [release])


def _fixes(unit: Unit, statement: Node, releases: list[Node]) -> Iterator[Fix]:
    """Put ``async with lock:`` around the code in between, if both calls are in the same block."""
    released = releases[0].parent
    call = parts_of(parts_of(statement)[0])[0]
    lock, block = _receiver(call, "acquire"), statement.parent
    indent = indent_of(unit.file, statement.start_byte)
    if lock is None or released is None or block is None or indent is None or len(releases) != 1:
        return
    if released.type != "expression_statement" or released.parent != block or not _alone(unit, released):
        return
    between = [n for n in parts_of(block) if statement.end_byte <= n.start_byte < released.start_byte]
    if not _alone(unit, statement) or not between or all(one.type == "comment" for one in between):
        return
    source, newline = unit.file.source, newline_of(unit.file, statement.start_byte)
    first = source.line_span(source.line_at(statement.end_byte)).end + len(newline)
    last = source.starts[source.line_at(released.start_byte)]
    span = Span(first, last)
    edits = (
        Edit(span_of(statement), encode(f"async with {source_of(lock)}:")),
        *moved_in(unit.file, span, indent, usual_step(indent)),
        Edit(Span(last, _line_end(unit, released)), b""),
    )
    # A jump now releases the lock, which it may have been meant to keep.
    leaves = any(next(own(one, _LEAVES), None) is not None for one in between)
    yield Fix(f"Acquire {text_of(lock)} with async with", edits, safe=not leaves)


def _alone(unit: Unit, statement: Node) -> bool:
    """Is a statement alone on its line, except for a comment after an ``acquire()``?"""
    source = unit.file.source
    rest = source.data[statement.end_byte : source.line_span(source.line_at(statement.end_byte)).end].strip()
    return indent_of(unit.file, statement.start_byte) is not None and (not rest or rest.startswith(b"#"))


def _line_end(unit: Unit, statement: Node) -> int:
    """The start of the line after a statement."""
    source = unit.file.source
    line = source.line_at(statement.end_byte)
    return source.starts[line + 1] if line + 1 < len(source.starts) else len(source.data)


RULE = Rule(
    code="LW414",
    name="lock-without-with",
    severity=Severity.WARNING,
    nodes=("await", "if_statement"),
    check=check,
    triggers=_ACQUIRE.last | _RELEASE.last,
    **page(__doc__),
    cards=("asyncio.Lock", "asyncio.Lock.acquire", "asyncio.Semaphore"),
    examples=(
        Example(
            bad="""\
import asyncio

lock = asyncio.Lock()

async def save(store, row):
    await lock.acquire()
#         ^^^^^^^^^^^^^^
    # one at a time
    await store.write(
        row,
    )
    lock.release()
    return row
""",
            fixed=(
                """\
import asyncio

lock = asyncio.Lock()

async def save(store, row):
    async with lock:
        # one at a time
        await store.write(
            row,
        )
    return row
""",
            ),
        ),
        Example(
            good="""\
import asyncio

class Store:
    def __init__(self):
        self._lock = asyncio.Lock()

    async def save(self, row):
        await self._lock.acquire()
        try:
            await self.write(row)
        finally:
            self._lock.release()

    async def write(self, row): ...
""",
        ),
    ),
)
