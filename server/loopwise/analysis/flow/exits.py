"""Exits: where control goes after a statement: out of its block, into the next iteration, out of the function."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from enum import Enum
from functools import partial

import msgspec

from loopwise.analysis.flow.waits import own
from loopwise.memo import Memo
from loopwise.syntax import LOOPS, Node, field, parts_of, text_of, unwrap


class Exit(Enum):
    """The ways in which a statement can be left."""

    FALL = "goes on below"
    RETURN = "returns"
    RAISE = "raises, or ends the process"
    BREAK = "leaves the loop"
    CONTINUE = "starts the next round"


class _Block(msgspec.Struct, frozen=True):
    """The statements of a block, and the ways in which each and those below it can be left."""

    statements: list[Node]
    starts: list[int]
    ways: list[frozenset[Exit]]

    @classmethod
    def of(cls, block: Node) -> _Block:
        statements, ways = parts_of(block), frozenset({Exit.FALL})
        found = [ways]
        for statement in reversed(statements):
            if statement.type != "comment":
                own_ways = _of(statement)
                ways = own_ways - {Exit.FALL} | ways if Exit.FALL in own_ways else own_ways
            found.append(ways)
        return cls(statements, [one.start_byte for one in statements], found[::-1])


class After(msgspec.Struct, frozen=True):
    """The code that follows a statement in its function when it completes normally."""

    repeats: bool
    """Does a loop around it start its next round?"""
    parts: tuple[tuple[list[Node], int], ...] = ()
    """Statements of the blocks around it, the innermost first, and how many of each come before it."""

    @property
    def statements(self) -> Iterator[Node]:
        """Yield the statements up to the end of the function or the iteration, lazily: there may be thousands."""
        return (nodes[at] for nodes, first in self.parts for at in range(first, len(nodes)))

    @property
    def last_first(self) -> Iterator[Node]:
        """The same from the end."""
        return (nodes[at] for nodes, first in reversed(self.parts) for at in range(len(nodes) - 1, first - 1, -1))


_ENDS = frozenset({"sys.exit", "os._exit", "os.abort", "os.kill", "exit", "quit", "pytest.fail", "pytest.skip"})
_JUMPS = {
    "return_statement": Exit.RETURN,
    "raise_statement": Exit.RAISE,
    "break_statement": Exit.BREAK,
    "continue_statement": Exit.CONTINUE,
}
_ALL = frozenset(_JUMPS)


def exits(block: Node) -> frozenset[Exit]:
    """The ways in which a block can be left."""
    ways = frozenset({Exit.FALL})
    for statement in parts_of(block):
        if statement.type != "comment":
            ways = ways - {Exit.FALL} | _of(statement)
            if Exit.FALL not in ways:
                break
    return ways


def may_return_nothing(function: Node) -> bool:
    """May a function end without a value: at its end, or by a bare ``return``?"""
    body = field(function, "body")
    if body is None or Exit.FALL in exits(body):
        return True
    return any(not parts_of(one) for one in own(body, frozenset({"return_statement"})))


def after(node: Node, memo: Memo) -> After:
    """The code that may run after a statement completes; ``memo`` lives as long as the tree."""
    found: list[tuple[list[Node], int]] = []
    inner, outer = node, node.parent
    while outer is not None and outer.type not in {"function_definition", "module", "lambda"}:
        if outer.type == "block":
            block = memo.get(("exits", outer.id), partial(_Block.of, outer))
            below = bisect_left(block.starts, inner.end_byte)
            found.append((block.statements, below))
            if Exit.CONTINUE in block.ways[below]:
                return After(repeats=True, parts=tuple(found))
            if Exit.FALL not in block.ways[below]:
                leaves = Exit.BREAK in block.ways[below]
                return _beyond(inner, found, memo) if leaves else After(repeats=False, parts=tuple(found))
        elif outer.type in LOOPS and inner == field(outer, "body"):
            return After(repeats=True, parts=tuple(found))
        elif outer.type == "try_statement":
            found.append((list(_clauses(outer, inner)), 0))
        inner, outer = outer, outer.parent
    return After(repeats=False, parts=tuple(found))


def after_loop(node: Node, memo: Memo) -> After:
    """The code that may run after the innermost loop around a statement."""
    return _beyond(node, [], memo)


def _beyond(node: Node, found: list[tuple[list[Node], int]], memo: Memo) -> After:
    loop = node.parent
    while loop is not None and loop.type not in LOOPS:
        loop = loop.parent
    if loop is None:
        return After(repeats=False, parts=tuple(found))
    rest = after(loop, memo)
    return After(rest.repeats, (*found, *rest.parts))


def _clauses(statement: Node, inner: Node) -> Iterator[Node]:
    """The clauses of a ``try`` that run after one of its blocks completes normally."""
    wanted = {"finally_clause", "else_clause"} if inner == field(statement, "body") else {"finally_clause"}
    for clause in parts_of(statement):
        if clause.type in wanted and clause != inner:
            yield clause


def _of(node: Node) -> frozenset[Exit]:
    jump = _JUMPS.get(node.type)
    if jump is not None:
        return frozenset({jump})
    if node.type == "expression_statement":
        return frozenset({Exit.RAISE if _ends(node) else Exit.FALL})
    if node.type == "if_statement":
        return _of_if(node)
    if node.type in LOOPS:
        return _of_loop(node)
    if node.type == "try_statement":
        return _of_try(node)
    if node.type == "with_statement":
        body = field(node, "body")
        return exits(body) if body is not None else frozenset({Exit.FALL})
    if node.type == "match_statement":
        return frozenset({Exit.FALL, *(_JUMPS[jump.type] for jump in own(node, _ALL))})
    return frozenset({Exit.FALL})


def _ends(statement: Node) -> bool:
    call = unwrap(statement)
    callee = field(call, "function") if call.type == "call" else None
    return callee is not None and text_of(callee) in _ENDS


def _of_if(node: Node) -> frozenset[Exit]:
    clauses = [node, *node.children_by_field_name("alternative")]
    blocks = (field(clause, "consequence") or field(clause, "body") for clause in clauses)
    ways = frozenset(way for block in blocks if block is not None for way in exits(block))
    return ways if clauses[-1].type == "else_clause" else ways | {Exit.FALL}


def _of_loop(node: Node) -> frozenset[Exit]:
    body, condition = field(node, "body"), field(node, "condition")
    ways = exits(body) if body is not None else frozenset({Exit.FALL})
    endless = condition is not None and text_of(condition) == "True" and Exit.BREAK not in ways
    ways -= {Exit.BREAK, Exit.CONTINUE, Exit.FALL}
    return ways if endless else ways | {Exit.FALL}


def _of_try(node: Node) -> frozenset[Exit]:
    blocks = {c.type: exits(_block(c)) for c in parts_of(node) if c.type in {"finally_clause", "else_clause"}}
    body = field(node, "body")
    ways = exits(body) if body is not None else frozenset({Exit.FALL})
    if "else_clause" in blocks and Exit.FALL in ways:
        ways = ways - {Exit.FALL} | blocks["else_clause"]
    handlers = [exits(_block(c)) for c in parts_of(node) if c.type.startswith("except")]
    if handlers:
        ways -= {Exit.RAISE}
    ways |= frozenset(way for handler in handlers for way in handler)
    last = blocks.get("finally_clause", frozenset({Exit.FALL}))
    return ways if last == {Exit.FALL} else last


def _block(clause: Node) -> Node:
    return next((child for child in parts_of(clause) if child.type == "block"), clause)
