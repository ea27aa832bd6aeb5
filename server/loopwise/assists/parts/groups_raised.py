"""Adapts handlers to a task group, whose errors are raised as an exception group."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.asyncio import group_of
from loopwise.analysis.flow import own, uses
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.managers import swallows
from loopwise.syntax import HANDLERS, LOOPS, RAISES, WITHS, Node, field, nodes_of, source_of
from loopwise.text import Edit, Span
from loopwise.writing import insert

# Handlers that catch exception groups too, so they work unchanged.
_BROAD = frozenset({"", "Exception", "BaseException"})
_JUMPS = {"return_statement": "returns", "break_statement": "has a break", "continue_statement": "has a continue"}
# Errors that reach a plain handler around a task group: it raises them alone, or an asyncio.timeout() around it does.
_ALONE = frozenset({"CancelledError", "TimeoutError", "KeyboardInterrupt", "SystemExit"})
# What lets a handler see which error it was given, without a name for it.
_ASKS = re.compile(r"\b(?:exc_info|format_exc|last_exc|last_value)\b\s*\(")
_RAISES = re.compile(r"\b(raises|assertRaises\w*)\(")
_SUPPRESS = re.compile(r"\bsuppress\((?P<what>[^()]*)\)")
# Since 3.12 contextlib.suppress() also removes matching exceptions from a group (gh-103791).
_SUPPRESSES_GROUPS = (3, 12)


class Handlers(msgspec.Struct, frozen=True):
    """The changes to the handlers around a statement."""

    edits: tuple[Edit, ...] = ()
    refused: str = ""
    """The reason why they cannot be changed; there are no edits then."""


def for_groups(unit: Unit, statement: Node) -> Handlers:
    """Turn ``except`` into ``except*`` where a task group is to replace ``statement``."""
    edits: list[Edit] = []
    inner = statement
    for outer in unit.around(statement):
        if outer.type == "with_statement":
            refused = _of_with(unit, outer) or swallows(unit, outer)
            if refused:
                return Handlers(refused=refused)
        if outer.type == "try_statement" and inner == field(outer, "body"):
            found = _starred(outer)
            if found.refused:
                return found
            edits += found.edits
        inner = outer
    return Handlers(tuple(edits))


def _of_with(unit: Unit, statement: Node) -> str:
    head = " ".join(source_of(child) for child in statement.named_children if child.type == "with_clause")
    found = _RAISES.search(head)
    if found:
        return f"{found[1]}() around the statement does not handle exception groups"
    suppress = _SUPPRESS.search(head)
    if suppress and unit.target.floor < _SUPPRESSES_GROUPS:
        if not any(_last(name) in _BROAD for name in suppress["what"].split(",")):
            return "suppress() around the statement handles exception groups only since Python 3.12"
    return ""


def _starred(statement: Node) -> Handlers:
    clauses = _clauses(statement)
    # They already handle groups.
    if any(_is_starred(clause) for clause in clauses):
        return Handlers()
    refused = next(filter(None, map(_looks, clauses)), "")
    caught = [name for clause in clauses for name in _caught(clause)]
    narrow = [name for name in caught if name not in _BROAD and name != "CancelledError" and "Group" not in name]
    if refused or not narrow:
        return Handlers(refused=refused)
    other = next((name for name in caught if name in {"", "BaseException", "CancelledError"}), None)
    if other is not None:
        shown = f"except {other}".strip()
        return Handlers(refused=f"except* {narrow[0]} is needed, but {shown!r} of the same try cannot become except*")
    if any("Group" in name for name in caught):
        return Handlers(refused=f"except* {narrow[0]} is needed, but the same try has an except for groups")
    refused = next(filter(None, map(_cannot_be_starred, clauses)), "")
    if refused:
        return Handlers(refused=refused)
    return Handlers(tuple(insert(clause.children[0].end_byte, "*") for clause in clauses))


def _clauses(statement: Node) -> list[Node]:
    return [child for child in statement.named_children if child.type in HANDLERS]


def _head(clause: Node) -> str:
    return " ".join(source_of(clause).partition("\n")[0].partition(":")[0].split())


def _looks(clause: Node) -> str:
    """The reason why a handler depends on an error not being in a group; empty if it does not."""
    name, block = _alias(clause), _block(clause)
    for use in uses(block, name) if name else ():
        if not _is_cause(use):
            return f"The handler {_head(clause)!r} uses {name}, and a group is not {_one_of(clause)}"
    if _ASKS.search(source_of(block)):
        return f"The handler {_head(clause)!r} reads the error, and would get a group"
    return ""


def _one_of(clause: Node) -> str:
    return next((name for name in _caught(clause) if name not in _BROAD), "single error")


def _is_cause(use: Node) -> bool:
    """Is it the cause in a ``raise … from``?"""
    outer = use.parent
    return outer is not None and outer.type == "raise_statement" and field(outer, "cause") == use


def _cannot_be_starred(clause: Node) -> str:
    """The reason why a handler cannot become an ``except*``; empty if it can."""
    for jump in own(clause, frozenset(_JUMPS)):
        # A jump within a loop of the handler does not leave ``except*``.
        if jump.type == "return_statement" or not _is_in_loop(jump, clause):
            return f"The handler {_head(clause)!r} {_JUMPS[jump.type]}, which except* cannot do"
    # A bare ``raise`` is fine: it merges into the group again.
    if any(one.named_children for one in own(_block(clause), RAISES)):
        return f"The handler {_head(clause)!r} raises an error, which except* would wrap in a group"
    return ""


def _is_in_loop(jump: Node, clause: Node) -> bool:
    outer = jump.parent
    while outer is not None and outer != clause:
        if outer.type in LOOPS:
            return True
        outer = outer.parent
    return False


def without_groups(unit: Unit, statement: Node) -> Handlers:
    """Turn ``except*`` into ``except`` where a task group is to be removed, so that errors come one by one."""
    edits: list[Edit] = []
    inner = statement
    for outer in unit.around(statement):
        refused = ""
        if outer.type == "with_statement":
            refused = _of_with_without(unit, outer) or swallows(unit, outer)
        if outer.type == "try_statement" and inner == field(outer, "body"):
            refused = _refused_plain(unit, statement, outer)
            edits += [edit for clause in _clauses(outer) for edit in _unstarred(clause)]
        if refused:
            return Handlers(refused=refused)
        inner = outer
    return Handlers(tuple(edits))


def _of_with_without(unit: Unit, statement: Node) -> str:
    head = " ".join(source_of(child) for child in statement.named_children if child.type == "with_clause")
    if found := re.search(r"\b(raises|assertRaises\w*|RaisesGroup)\(", head):
        return f"{found[1]}() around the statement handles exception groups"
    suppress = _SUPPRESS.search(head)
    if suppress and unit.target.floor < _SUPPRESSES_GROUPS:
        return "suppress() around the statement would catch the errors, but not groups before Python 3.12"
    return ""


def _refused_plain(unit: Unit, statement: Node, attempt: Node) -> str:
    clauses = _clauses(attempt)
    caught = [name for clause in clauses for name in _caught(clause)]
    if any("ExceptionGroup" in name for name in caught):
        return "A handler around the statement catches exception groups"
    for clause in clauses:
        if name := _alias(clause):
            if not all(_is_cause(use) for use in uses(_block(clause), name)):
                return f"The handler {_head(clause)!r} uses {name}, which is an exception group"
        if _ASKS.search(source_of(_block(clause))):
            return f"The handler {_head(clause)!r} reads the error, which is a group"
    if not any(_is_starred(clause) for clause in clauses):
        other = next((name for name in caught if name not in _BROAD | _ALONE), None)
        return f"'except {other}' around the statement would catch an error that is now in a group" if other else ""
    body = field(attempt, "body") or attempt
    if any(other != statement and group_of(unit, other) is not None for other in nodes_of(body, WITHS)):
        return "The except* around the statement also serves another task group"
    return ""


def _unstarred(clause: Node) -> Iterator[Edit]:
    star = next((child for child in clause.children if child.type == "*"), None)
    if star is not None:
        gap = b"" if star.next_sibling is not None and star.next_sibling.start_byte > star.end_byte else b" "
        yield Edit(Span(clause.children[0].end_byte, star.end_byte), gap)
    elif clause.children[0].type == "except*":
        yield Edit(Span(clause.children[0].start_byte, clause.children[0].end_byte), b"except")


def _is_starred(clause: Node) -> bool:
    return clause.type == "except_group_clause" or any(child.type in {"*", "except*"} for child in clause.children)


def _caught(clause: Node) -> list[str]:
    """The last parts of the names that a handler catches; an empty text for a bare ``except``."""
    value = _value(clause)
    if value is None:
        return [""]
    parts = value.named_children if value.type == "tuple" else [value]
    return [_last(source_of(part)) for part in parts if part.type != "comment"]


def _last(name: str) -> str:
    return name.strip().rpartition(".")[2]


def _value(clause: Node) -> Node | None:
    found = next((child for child in clause.named_children if child.type not in {"block", "comment"}), None)
    return found.named_children[0] if found is not None and found.type == "as_pattern" else found


def _alias(clause: Node) -> str:
    pattern = next((child for child in clause.named_children if child.type == "as_pattern"), None)
    alias = field(pattern, "alias") if pattern is not None else None
    return source_of(alias) if alias is not None else ""


def _block(clause: Node) -> Node:
    return next((child for child in clause.named_children if child.type == "block"), clause)


__all__ = ["Handlers", "for_groups", "without_groups"]
