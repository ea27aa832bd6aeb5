"""What a task group's errors, which come as a group of exceptions, ask of the handlers around it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.asyncio import group_of
from loopwise.analysis.flow import own, uses
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, nodes_of, text_of
from loopwise.text import Edit, Span
from loopwise.writing import insert

_CLAUSES = frozenset({"except_clause", "except_group_clause"})
_BROAD = frozenset({"", "Exception", "BaseException"})
_JUMPS = {"return_statement": "returns", "break_statement": "has a break", "continue_statement": "has a continue"}
_LOOPS = frozenset({"for_statement", "while_statement"})
_WITH = frozenset({"with_statement"})
# What exceptions have and groups of them too.
_COMMON = frozenset(
    "add_note with_traceback args exceptions message derive split subgroup"
    " __traceback__ __cause__ __context__ __notes__ __class__".split()
)
_OF_GROUPS = frozenset({"exceptions", "derive", "split", "subgroup", "message"})
_RAISES = re.compile(r"\b(raises|assertRaises\w*)\(")
_SUPPRESS = re.compile(r"\bsuppress\((?P<what>[^()]*)\)")
_SUPPRESSES_GROUPS = (3, 12)


class Handlers(msgspec.Struct, frozen=True):
    """What the handlers around a statement have to become."""

    edits: tuple[Edit, ...] = ()
    refused: str = ""
    """Why they cannot; there are no edits then."""


def for_groups(unit: Unit, statement: Node) -> Handlers:
    """``except*`` in the place of ``except``, where a task group is to stand in the place of ``statement``."""
    edits: list[Edit] = []
    inner = statement
    for outer in unit.around(statement):
        if outer.type == "with_statement":
            refused = _of_with(unit, outer)
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
    head = " ".join(text_of(child) for child in statement.named_children if child.type == "with_clause")
    found = _RAISES.search(head)
    if found:
        return f"{found[1]}() around it does not look into groups of exceptions"
    suppress = _SUPPRESS.search(head)
    if suppress and unit.target.floor < _SUPPRESSES_GROUPS:
        if not any(_last(name) in _BROAD for name in suppress["what"].split(",")):
            return "suppress() around it looks into groups of exceptions only from Python 3.12"
    return ""


def _starred(statement: Node) -> Handlers:
    clauses = [child for child in statement.named_children if child.type in _CLAUSES]
    if any(_is_starred(clause) for clause in clauses):
        return Handlers()
    caught = [name for clause in clauses for name in _caught(clause)]
    narrow = [name for name in caught if name not in _BROAD and name != "CancelledError" and "Group" not in name]
    if not narrow:
        return Handlers()
    other = next((name for name in caught if name in {"", "BaseException", "CancelledError"}), None)
    if other is not None:
        shown = f"except {other}".strip()
        return Handlers(refused=f"except* {narrow[0]} is needed, and {shown!r} beside it cannot become an except*")
    if any("Group" in name for name in caught):
        return Handlers(refused=f"except* {narrow[0]} is needed, which cannot stand beside an except for groups")
    refused = next(filter(None, map(_refused, clauses)), "")
    if refused:
        return Handlers(refused=refused)
    return Handlers(tuple(insert(clause.children[0].end_byte, "*") for clause in clauses))


def _refused(clause: Node) -> str:
    """Why a handler cannot become one of ``except*``."""
    head = " ".join(text_of(clause).partition("\n")[0].partition(":")[0].split())
    for jump in own(clause, frozenset(_JUMPS)):
        if jump.type == "return_statement" or not _is_in_loop(jump, clause):
            return f"the handler {head!r} {_JUMPS[jump.type]}, which an except* cannot"
    name = _alias(clause)
    for use in uses(_block(clause), name) if name else ():
        outer = use.parent
        if outer is not None and outer.type == "attribute" and field(outer, "object") == use:
            attribute = text_of(field(outer, "attribute") or outer)
            if attribute not in _COMMON:
                return f"the handler {head!r} reads {name}.{attribute}, which a group of exceptions does not have"
        if outer is not None and outer.type == "argument_list" and text_of(outer.parent or outer).startswith("isinst"):
            return f"the handler {head!r} asks of which class {name} is, and it would be a group of exceptions"
    return ""


def _is_in_loop(jump: Node, clause: Node) -> bool:
    outer = jump.parent
    while outer is not None and outer != clause:
        if outer.type in _LOOPS:
            return True
        outer = outer.parent
    return False


def without_groups(unit: Unit, statement: Node) -> Handlers:
    """``except`` in the place of ``except*``, where a task group is to go and its errors come one by one."""
    edits: list[Edit] = []
    inner = statement
    for outer in unit.around(statement):
        if outer.type == "try_statement" and inner == field(outer, "body"):
            clauses = [child for child in outer.named_children if child.type in _CLAUSES]
            refused = _refused_plain(unit, statement, outer, clauses)
            if refused:
                return Handlers(refused=refused)
            edits += [edit for clause in clauses for edit in _unstarred(clause)]
        inner = outer
    return Handlers(tuple(edits))


def _refused_plain(unit: Unit, statement: Node, attempt: Node, clauses: list[Node]) -> str:
    caught = [name for clause in clauses for name in _caught(clause)]
    if any("ExceptionGroup" in name for name in caught):
        return "a handler around it takes groups of exceptions"
    if not any(_is_starred(clause) for clause in clauses):
        return ""
    body = field(attempt, "body") or attempt
    if any(other != statement and group_of(unit, other) is not None for other in nodes_of(body, _WITH)):
        return "the except* around it serves another task group too"
    for clause in clauses:
        name = _alias(clause)
        for use in uses(_block(clause), name) if name else ():
            outer = use.parent
            if outer is not None and outer.type == "attribute" and field(outer, "object") == use:
                attribute = text_of(field(outer, "attribute") or outer)
                if attribute in _OF_GROUPS:
                    return f"a handler reads {name}.{attribute}, which only a group of exceptions has"
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
    """The last parts of the names of what a handler takes; an empty one for a bare ``except``."""
    value = _value(clause)
    if value is None:
        return [""]
    parts = value.named_children if value.type == "tuple" else [value]
    return [_last(text_of(part)) for part in parts if part.type != "comment"]


def _last(name: str) -> str:
    return name.strip().rpartition(".")[2]


def _value(clause: Node) -> Node | None:
    found = next((child for child in clause.named_children if child.type not in {"block", "comment"}), None)
    return found.named_children[0] if found is not None and found.type == "as_pattern" else found


def _alias(clause: Node) -> str:
    pattern = next((child for child in clause.named_children if child.type == "as_pattern"), None)
    alias = field(pattern, "alias") if pattern is not None else None
    return text_of(alias) if alias is not None else ""


def _block(clause: Node) -> Node:
    return next((child for child in clause.named_children if child.type == "block"), clause)
