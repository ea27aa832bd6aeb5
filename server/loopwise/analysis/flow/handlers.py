"""Decides whether a caught cancellation ends its task, was another task's, or is lost."""

from __future__ import annotations

import re

from loopwise.analysis.flow.exits import After, Exit, after, after_loop
from loopwise.analysis.flow.frameworks import other_framework
from loopwise.analysis.flow.waits import own, waits
from loopwise.analysis.unit import Unit
from loopwise.memo import Memo
from loopwise.syntax import CALLS, LOOPS, Node, arguments_of, field, is_async, parts_of, text_of, unwrap
from loopwise.text import encode

CANCELLED = frozenset({"asyncio.CancelledError"})
BROAD = frozenset({"builtins.BaseException"})
# Code that says that it knows what it does with a cancellation.
_KNOWS = re.compile(r"\buncancel\b|\bcancelling\(|\bcancelled\(|\bcurrent_task\b|re_?raise|\b_exit\(")
# "cancelled" is the state or the exception; "cancel" is the request.
_CANCELS = re.compile(r"(?i)cancel(?!led)")
# These wait for their arguments, so it is the arguments that count.
_WAITERS = frozenset({"gather", "wait", "wait_for", "shield"})
_HELD = frozenset({"identifier", "attribute", "subscript"})
# Names of methods that end something; awaiting them in a handler is cleanup.
_CLOSES = re.compile(r"(?i)clos|__aexit__|cleanup|clean_up|shut_?down|stop|disconnect|teardown|terminate|cancel")
# A wider list than _CLOSES, because code after a handler may also flush, save or deregister.
_TIDIES = re.compile(
    r"(?i)clos|clean|stop|shut|disconnect|cancel|exit|join|gather|unsub|teardown|release|flush|finish|destroy|remove"
    r"|kill|terminate|quit|_end\b|finali|delete|unregister|leave|revoke|drain|logout|save|dispose|reset|unlock"
)
# Conventional names of functions that run until the program ends.
_MAIN = re.compile(r"(?i)loop|forever|serve|(?:^|_)(?:run|main)(?:_|$)")


def lost(unit: Unit, node: Node, body: Node, left: frozenset[Exit], *, broad: bool) -> str | None:
    """A message if a statement swallows the cancellation of what ``body`` awaits; ``None`` if that may be intended.

    ``left`` are the ways in which the statement is left then.
    """
    function = unit.function(node)
    if function is None or not is_async(function) or not any(True for _ in waits(body)):
        return None
    knows = unit.per_edit.get(("knows", function.id), lambda: _KNOWS.search(text_of(function)) is not None)
    if (broad and other_framework(unit)) or _in_test(unit, node) or knows:
        return None
    if _tidies_up(unit, node, body) or _joins(unit, body, function):
        return None
    ways = _afters(node, left, unit.per_edit)
    if _ends_loudly(ways, left):
        return None
    if any(way.repeats for way in ways):
        return "Cancellation is swallowed here, and the loop continues"
    if not broad and _is_main(body):
        return None
    if any(_works_on(way) for way in ways):
        return "Cancellation is swallowed here, and the code below continues to await"
    if Exit.FALL not in left and Exit.RETURN not in left and Exit.BREAK not in left:
        return None
    if broad:
        return "Handler also catches CancelledError, so the task's cancellation is lost"
    if any(one.type != "return_statement" for way in ways for one in way.statements):
        return None
    return _of_helper(unit, function)


def _is_main(body: Node) -> bool:
    """Is the cancellable code the task's own work to its end: a loop, a server?"""
    for wait in waits(body):
        callee = field(unwrap(parts_of(wait)[0]), "function") if wait.type == "await" else None
        if callee is not None and _MAIN.search(text_of(callee).rpartition(".")[2]):
            return True
    return any(any(True for _ in waits(loop)) for loop in own(body, LOOPS))


def _ends_loudly(ways: list[After], left: frozenset[Exit]) -> bool:
    """Does the function raise afterwards, so that it does not appear to have succeeded?"""
    if Exit.FALL not in left or left & {Exit.RETURN, Exit.CONTINUE, Exit.BREAK}:
        return False
    last = next((one for one in ways[0].last_first if one.type != "finally_clause"), None)
    return not ways[0].repeats and last is not None and last.type == "raise_statement"


def _afters(node: Node, left: frozenset[Exit], memo: Memo) -> list[After]:
    found = [after(node, memo)] if Exit.FALL in left else []
    if Exit.BREAK in left:
        beyond = after_loop(node, memo)
        found.append(After(beyond.repeats))  # the task's loop ends, and it tidies up
    return [*found, After(repeats=True)] if Exit.CONTINUE in left else found


def _works_on(way: After) -> bool:
    """Is anything awaited afterwards other than cleanup?"""
    for statement in way.statements:
        if statement.type == "finally_clause":
            continue
        for wait in waits(statement):
            if not _TIDIES.search(text_of(wait).removeprefix("await ")[:200]):
                return True
    return False


def _in_test(unit: Unit, node: Node) -> bool:
    """Is it in a test, or a test's helper, where tasks that resist cancellation are intended?"""
    if any(part.startswith(("test", "conftest")) for part in unit.file.name.split(".")):
        return True
    outer: Node | None = node
    while outer is not None:
        if outer.type == "function_definition" and text_of(field(outer, "name") or outer).startswith("test"):
            return True
        outer = outer.parent
    return False


def _tidies_up(unit: Unit, node: Node, body: Node) -> bool:
    """Is it part of cleanup after an exception or at the end, or does it only close resources?"""
    for outer in unit.around(node):
        if outer.type == "finally_clause" or (outer.type == "except_clause" and _takes_cancellation(outer)):
            return True
    return all(wait.type == "await" and _closes(unwrap(parts_of(wait)[0])) for wait in waits(body))


def _takes_cancellation(clause: Node) -> bool:
    head = " ".join(text_of(child) for child in parts_of(clause) if child.type != "block")
    return not head or "CancelledError" in head or "BaseException" in head


def _closes(awaited: Node) -> bool:
    callee = field(awaited, "function") if awaited.type == "call" else None
    if callee is None:
        return False
    name = text_of(callee).rpartition(".")[2]
    if name in _WAITERS:
        return any(_closes(unwrap(given)) for given in arguments_of(awaited)[0])
    return _CLOSES.search(name) is not None


def _joins(unit: Unit, body: Node, function: Node) -> bool:
    """Does the code wait for tasks that it has cancelled, or that other code may have cancelled?"""
    first = unit.per_edit.get(("cancels", function.id), lambda: _first_cancel(function))
    if first is not None and first < body.end_byte:
        return True
    found = list(waits(body))
    return all(wait.type == "await" and _is_held(unwrap(parts_of(wait)[0])) for wait in found)


def _first_cancel(function: Node) -> int | None:
    """The byte offset at which a function first cancels something."""
    for call in own(function, CALLS):
        callee = field(call, "function")
        if callee is not None and _CANCELS.search(text_of(callee)):
            return call.start_byte
    return None


def _is_held(awaited: Node) -> bool:
    """Is it an existing awaitable, rather than a coroutine created for the ``await``?"""
    if awaited.type in _HELD:
        return True
    callee = field(awaited, "function") if awaited.type == "call" else None
    if callee is None or text_of(callee).rpartition(".")[2] not in _WAITERS:
        return False
    positional, _, _ = arguments_of(awaited)
    listed = field(awaited, "arguments")
    splats = [n for n in (parts_of(listed) if listed is not None else ()) if n.type == "list_splat"]
    given = [unwrap(one) for one in positional[: 1 if text_of(callee).endswith("wait_for") else None]]
    parts = [part for one in given for part in (parts_of(one) if one.type in {"list", "set", "tuple"} else [one])]
    return bool(parts or splats) and all(_is_held(part) for part in parts)


def _of_helper(unit: Unit, function: Node) -> str | None:
    """A message if the function ends normally: correct for a task's main function, wrong for one that others await."""
    name = text_of(field(function, "name") or function)
    owner = r"(?:self|cls)\." if unit.owner(function) is not None else ""
    data = unit.file.source.data
    spelled = encode(owner + re.escape(name)) + rb"\("
    starts = rb"(?:create_task|ensure_future|create_background_task|run|run_until_complete|spawn|start_soon)\(\s*"
    if not re.search(rb"\bawait " + spelled, data) or re.search(starts + spelled, data):
        return None
    return f"Cancellation is swallowed here, so callers of {name}() continue as if nothing happened"
