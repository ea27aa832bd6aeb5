"""Conditions that earlier statements of a block have established: asserts, and ``if`` statements that leave."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from loopwise.semantics.bindings import File
from loopwise.syntax import DEFINITIONS, JUMPS, Node, field, parts_of, text_of
from loopwise.text import encode

if TYPE_CHECKING:
    from loopwise.semantics.infer.evaluator import Evaluator

# After the end of a name: is it the target of an assignment?
_ASSIGNED = re.compile(r"\s*(?::[^=\n]+)?=(?!=)")


class _Passed(NamedTuple):
    """A statement that establishes something about a name from its end on."""

    start: int
    condition: Node | None
    """A condition that holds or does not; ``None`` if the statement rebinds the name."""
    holds: bool
    first: int
    """The index of the first entry that still applies after this one."""


def passed(ev: Evaluator, file: File, block: Node, inner: Node, dotted: str) -> list[tuple[Node, bool]]:
    """The conditions on a name that hold (or do not) at the statement ``inner`` of a block."""
    found = ev.trees.get((file, block.id, dotted), lambda: _all_in(ev, file, block, dotted))
    count = bisect_left(found, inner.start_byte, key=lambda one: one.start)
    counting = found[found[count - 1].first : count] if count else []
    return [(one.condition, one.holds) for one in counting if one.condition is not None]


def _all_in(ev: Evaluator, file: File, block: Node, dotted: str) -> list[_Passed]:
    found: list[_Passed] = []
    said: Node | None
    first = 0
    for statement in _naming(ev, file, block, encode(dotted)):
        if statement.type == "assert_statement":
            said, holds = next(iter(parts_of(statement)), None), True
        elif statement.type == "if_statement" and _always_leaves(statement):
            said, holds = field(statement, "condition"), False
        # Conditions on the old value no longer count.
        elif _reassigns(text_of(statement), dotted):
            first = len(found)
            said, holds = (field(statement, "condition") if _fills(statement, dotted) else None), False
        else:
            continue
        found.append(_Passed(statement.start_byte, said, holds, first))
    return found


def _naming(ev: Evaluator, file: File, block: Node, word: bytes) -> list[Node]:
    """The statements of a block, except definitions, that contain a word; judged by their text alone."""
    statements = ev.trees.get((file, block.id), lambda: parts_of(block))
    starts = ev.trees.get((file, block.id, 0), lambda: [one.start_byte for one in statements])
    data, found, at = file.source.data, [], block.start_byte
    while (at := data.find(word, at, block.end_byte)) >= 0:
        index = bisect_right(starts, at) - 1
        if index >= 0 and at < statements[index].end_byte:
            if statements[index].type not in DEFINITIONS:
                found.append(statements[index])
            at = statements[index].end_byte
        else:
            at += 1
    return found


def _reassigns(text: str, dotted: str) -> bool:
    # By hand, as a pattern for each name would be compiled and used about once.
    at = text.find(dotted)
    while at >= 0:
        before = text[at - 1 : at]
        if not (before.isalnum() or before in {"_", "."}) and _ASSIGNED.match(text, at + len(dotted)):
            return True
        at = text.find(dotted, at + 1)
    return False


def _always_leaves(statement: Node) -> bool:
    body = field(statement, "consequence")
    # With ``else``, the code after the statement may follow either branch.
    if body is None or field(statement, "alternative") is not None or not parts_of(body):
        return False
    return parts_of(body)[-1].type in JUMPS


def _fills(statement: Node, dotted: str) -> bool:
    """Is it ``if x is None: x = …``, after which ``x`` is no longer the old ``None``?"""
    if statement.type != "if_statement" or field(statement, "alternative") is not None:
        return False
    return text_of(field(statement, "condition") or statement) in {f"{dotted} is None", f"not {dotted}"}
