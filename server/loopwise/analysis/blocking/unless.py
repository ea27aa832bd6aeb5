"""Conditions under which a call does not block: an argument, or the state of its receiver."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.blocking.certificates import reads_certificates
from loopwise.analysis.blocking.programs import is_console_program
from loopwise.analysis.blocking.queues import has_bounded_queue, is_unbounded
from loopwise.analysis.flow import first_wait
from loopwise.analysis.unit import Unit
from loopwise.cards import Calls, Unless
from loopwise.semantics.infer import Instance, Unknown, each
from loopwise.syntax import (
    AWAITS,
    COMPREHENSIONS,
    LOOPS,
    Node,
    arguments_of,
    field,
    is_async,
    next_of,
    nodes_of,
    parts_of,
    text_of,
)
from loopwise.text import encode

_WORD = re.compile(r"[\w.]+")
# By name, where the value is unknown: these hold paths, not open files.
_PATHS = re.compile(r"(path|name|folder|dir)\w*\W*$", re.IGNORECASE)
_LISTS = re.compile(rb"\b(?:iterdir|glob|rglob|iglob|walk|fwalk|scandir|listdir)\(")
# An address as text: ``str(target_ip)``, ``"127.0.0.1"``, ``"::1"``.
_ADDRESS = re.compile(r"str\([\w.]*(?:ip|address|addr)\)|[\"'][\d.]+[\"']|[\"'][\da-f:]*:[\da-f:]*[\"']", re.IGNORECASE)
_NUMBER = re.compile(r"\d*\.?\d+(?:e-\d+)?")
_NOTICEABLE = 0.001  # seconds: a file takes as long
_DATAGRAM = re.compile(rb"(?i)udp|dgram|datagram|multicast|broadcast")
_NOT_REMOTE = re.compile(rb"\b(data|file):")


def may_block(unit: Unit, call: Node, calls: Calls) -> bool:
    """Does a call of one of ``calls`` block, as far as its arguments and the code around it show?"""
    positional, keywords, starred = arguments_of(call)
    if calls.unless and (starred or any(_says(positional, keywords, unless) for unless in calls.unless)):
        return False
    data = unit.file.source.data
    if any(encode(mark) in data for mark in calls.marks) or _is_asked_about(unit, call) or _is_waited_for(unit, call):
        return False
    match calls.only:
        case "arguments":
            return bool(positional or keywords or starred)
        case "beside-tasks":
            return not is_console_program(unit)
        case "bounded-queue":
            return not is_unbounded(unit, call) and unit.per_edit.get("bounded queues", lambda: has_bounded_queue(unit))
        case "certificate-files":
            return reads_certificates(call)
        case "entered":
            return any(outer.type == "with_item" for outer in unit.around(call))
        case "named":
            return not (positional and _ADDRESS.fullmatch(text_of(positional[0])))
        case "not-done":
            return not _is_done(unit, call)
        case "noticeable":
            first = text_of(positional[0]) if positional else ""
            return _NUMBER.fullmatch(first) is None or float(first) >= _NOTICEABLE
        case "path":
            return "fileobj" not in keywords and bool(positional) and _is_path(unit, positional[0])
        case "remote":
            around = unit.function(call) or call
            return _NOT_REMOTE.search(around.text or b"") is None
        case "repeated":
            return any(_repeats(outer, inner) for outer, inner in _steps(unit, call))
        case "shared":
            return not _is_fresh(unit, call) and not _is_held_shortly(unit, call)
        case "stream":
            return not _is_datagram(unit, call)
        case "unguarded":
            return not _asks_before(unit, call, b".empty()", b".qsize()")
    return True


def _is_asked_about(unit: Unit, call: Node) -> bool:
    """Is the result awaited if it can be: ``if inspect.isawaitable(result)``?"""
    outer, function = call.parent, unit.function(call)
    name = field(outer, "left") if outer is not None and outer.type == "assignment" else None
    if name is None or name.type != "identifier" or function is None:
        return False
    asked = rb"\b(?:isawaitable|iscoroutine|isfuture)\(\s*" + (name.text or b"") + rb"\s*\)"
    return re.search(asked, (function.text or b"")[call.end_byte - function.start_byte :]) is not None


def _is_waited_for(unit: Unit, call: Node) -> bool:
    """Does the loop watch the receiver for something to read, or did a loop await the end of its thread or process?"""
    callee, function = field(call, "function"), unit.function(call)
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if owner is None or function is None or owner.type not in {"identifier", "attribute"}:
        return False
    name, around = re.escape(owner.text or b""), function if owner.type == "identifier" else unit.file.root
    before = (function.text or b"")[: call.start_byte - function.start_byte]
    return (
        re.search(rb"\badd_reader\(\s*" + name + rb"(?!\w)", around.text or b"") is not None
        or re.search(rb"\bwhile [^\n]*\b" + name + rb"\.is_alive\(", before) is not None
    )


def _steps(unit: Unit, node: Node) -> Iterator[tuple[Node, Node]]:
    """The nodes around one within its function, each with its child on the path."""
    inner = node
    for outer in unit.around(node):
        yield outer, inner
        inner = outer


def _repeats(outer: Node, inner: Node) -> bool:
    """Does a loop or comprehension run a part of it again and again?

    The condition of a ``while`` is not: ``while path.exists()`` looks for a free name, or waits for a file.
    Neither is a loop over what is written out, nor one that awaits, as others get a turn in each round, nor one over
    a folder, of which it is said.
    """
    if outer.type in COMPREHENSIONS:
        first = next((child for child in parts_of(outer) if child.type == "for_in_clause"), None)
        return inner != first
    looped = field(outer, "right")
    if outer.type not in LOOPS or inner != field(outer, "body") or is_async(outer) or first_wait(inner) is not None:
        return False
    if looped is None:
        return True
    return looped.type not in {"tuple", "list"} and _LISTS.search(looped.text or b"") is None


def _says(positional: list[Node], keywords: dict[str, Node], unless: Unless) -> bool:
    given = keywords.get(unless.name)
    if given is None and 0 <= unless.at < len(positional):
        given = positional[unless.at]
    if given is None:
        return False
    text, says = text_of(given), unless.says.split()
    return not set(_WORD.findall(text)).isdisjoint(says) or any(word.isupper() and word in text for word in says)


def _is_path(unit: Unit, node: Node) -> bool:
    """Is it a path and not an open file: by its value or, if that is unknown, by its name?"""
    value = unit.value(node)
    if isinstance(value, Unknown):
        return _PATHS.search(text_of(node)) is not None
    return unit.is_instance(value, "builtins.str", "builtins.bytes", "pathlib.PurePath")


def _is_fresh(unit: Unit, call: Node) -> bool:
    """Was the receiver created in the same function, where no other code has it yet?"""
    callee, function = field(call, "function"), unit.function(call)
    owner = field(callee, "object") if callee is not None else None
    if owner is None or function is None or owner.type != "identifier":
        return False
    made = (field(node, "left") for node in nodes_of(function, frozenset({"assignment"})))
    return any(left is not None and left.text == owner.text for left in made)


def _is_datagram(unit: Unit, call: Node) -> bool:
    """Is the receiver a datagram socket, which never waits to connect or send, by its name or by what made it?"""
    callee, function = field(call, "function"), unit.function(call)
    owner = field(callee, "object") if callee is not None else None
    if owner is None or function is None:
        return False
    made = rb"[^\n]*(?:^|[^\w.])" + re.escape(owner.text or b"") + rb"[^\n=]*=[^\n]*"
    return any(_DATAGRAM.search(one) for one in (owner.text or b"", *re.findall(made, function.text or b"")))


def _is_held_shortly(unit: Unit, call: Node) -> bool:
    """Is a lock released in the ``finally`` of the next statement, which does not block, just as by ``with``?"""
    callee, after = field(call, "function"), next_of(unit.statement(call))
    owner = field(callee, "object") if callee is not None else None
    if owner is None or after is None or after.type != "try_statement" or nodes_of(after, AWAITS):
        return False
    last = parts_of(after)[-1]
    return last.type == "finally_clause" and (owner.text or b"") + b".release()" in (last.text or b"")


def _is_done(unit: Unit, call: Node) -> bool:
    """Has the code ensured that the future or process is done: tested it, waited for it, or received it as done?"""
    callee, function = field(call, "function"), unit.function(call)
    owner = field(callee, "object") if callee is not None else None
    if owner is None or function is None:
        return False
    if _only_raises(call, callee, owner) or _is_of_own_class(unit, owner):
        return True
    name, before = text_of(owner), function.text[: call.start_byte - function.start_byte] if function.text else b""
    if _asks_before(unit, call, b".done()") or b"futures.wait(" in before or b".poll()" in before:
        return True
    if re.search(rf"\bawait [^\n]*\bwrap_future\(\s*{re.escape(name)}\b".encode(), before):
        return True
    return any(
        outer.type in {"for_statement", "for_in_clause"} and (left := field(outer, "left")) is not None
        and text_of(left) == name
        and re.search(r"\bas_completed\b|\bdone\b", text_of(field(outer, "right") or outer))
        for outer in _loops(unit, call)
    )  # fmt: skip


def _is_of_own_class(unit: Unit, owner: Node) -> bool:
    """Is it of a class of the project, which may hold results that are there already, and no work of an executor?"""
    members = [one for one in each(unit.value(owner)) if isinstance(one, Instance)]
    return any(not one.cls.file.is_stub for one in members)


def _only_raises(call: Node, callee: Node | None, owner: Node) -> bool:
    """Is ``self.future.result()`` a statement, called only to raise the exception of a future known to be done?"""
    statement, name = call.parent, field(callee, "attribute") if callee is not None else None
    is_alone = statement is not None and statement.type == "expression_statement"
    return is_alone and owner.type == "attribute" and name is not None and text_of(name) == "result"


def _asks_before(unit: Unit, call: Node, *questions: bytes) -> bool:
    """Does the function call one of the given methods on the receiver before the call?"""
    callee, function = field(call, "function"), unit.function(call)
    owner = field(callee, "object") if callee is not None else None
    if owner is None or function is None or function.text is None:
        return False
    before = function.text[: call.start_byte - function.start_byte]
    return any((owner.text or b"") + question in before for question in questions)


def _loops(unit: Unit, node: Node) -> list[Node]:
    """The loops around a node, and the clauses of the comprehensions around it."""
    around = list(unit.around(node))
    return [*around, *(child for outer in around for child in parts_of(outer) if child.type == "for_in_clause")]
