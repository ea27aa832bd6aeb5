"""Iterations of a loop: can one run without letting other tasks run?

A *dry* path is one without a suspension; an *idle* one also has no effect: it only tests something and repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from loopwise.analysis.flow.waits import first_wait, own
from loopwise.syntax import EFFECTS, LOOP_ENDS, Node, field, parts_of, text_of, unwrap, walk


class End(Enum):
    """The ways in which a dry path leaves a block."""

    FALL = "goes on below"
    CONTINUE = "starts the next round"


class Path(NamedTuple):
    """The exit of a dry path through a block, and whether the path is idle."""

    end: End
    idle: bool


_QUIET = frozenset({"pass_statement", "comment", "global_statement", "nonlocal_statement"})
# Methods and functions that look at something and leave it as it is.
_LOOKS = frozenset(
    "empty full is_set locked done cancelled qsize is_alive is_running is_closed is_closing len isinstance bool any all"
    " hasattr getattr".split()
)
# Log output does not change the loop's condition.
_SAYS = frozenset("debug info warning error exception critical log print".split())
_ENDS = frozenset({"sys.exit", "os._exit", "exit", "quit", "os.abort"})


def dry_rounds(loop: Node) -> set[Path]:
    """The dry paths through one iteration of a ``while`` loop."""
    body, test = field(loop, "body"), field(loop, "condition")
    found = _through(parts_of(body)) if body is not None else set()
    # What an idle round leaves as it was is still true where the body tests it again.
    known = set(_conjuncts(test)) if test is not None else set()
    if body is not None and (any(_waits_if(one, known) for one in parts_of(body)) or _waits_inside(loop, body)):
        return {Path(path.end, idle=False) for path in found}
    return found


def _conjuncts(test: Node) -> Iterator[str]:
    """The texts of the conditions that all have to hold for a test to be true."""
    inner = unwrap(test)
    if inner.type == "boolean_operator" and inner.children[1].type == "and":
        for part in parts_of(inner):
            yield from _conjuncts(part)
    else:
        yield text_of(inner)


def _waits_inside(loop: Node, body: Node) -> bool:
    """Does a loop in the loop await?  If it is skipped, what it waits for is there, and the outer one may end by it."""
    ends = leaves(loop) or text_of(unwrap(field(loop, "condition") or loop)) not in {"True", "1"}
    return ends and any(first_wait(inner) is not None for inner in own(body, frozenset({"while_statement"})))


def _waits_if(statement: Node, known: set[str]) -> bool:
    """Is it an ``if`` whose condition is known to hold, and whose block always waits?"""
    test, block = field(statement, "condition"), field(statement, "consequence")
    if statement.type != "if_statement" or test is None or block is None or text_of(unwrap(test)) not in known:
        return False
    return not _through(parts_of(block))


def looks_only(expression: Node) -> bool:
    """Does it only read, so that it yields the same value until something else happens?"""
    for node in walk(expression):
        if node.type == "call":
            callee = field(node, "function")
            if callee is None or text_of(callee).rpartition(".")[2] not in _LOOKS:
                return False
        elif node.type in EFFECTS:
            return False
    return True


def leaves(loop: Node) -> bool:
    """Is there a way out of the loop other than an exception?"""
    body = field(loop, "body")
    if body is None:
        return True
    if any(node.type != "break_statement" or _loop_of(node) == loop for node in own(body, LOOP_ENDS)):
        return True
    return any(_ends(call) for call in own(body, frozenset({"call"})))


def _loop_of(node: Node) -> Node | None:
    outer = node.parent
    while outer is not None and outer.type not in {"while_statement", "for_statement"}:
        outer = outer.parent
    return outer


def _ends(call: Node) -> bool:
    callee = field(call, "function")
    return callee is not None and text_of(callee) in _ENDS


def _through(statements: Iterable[Node]) -> set[Path]:
    """The dry paths through consecutive statements."""
    out: set[Path] = set()
    states = {True}  # are the paths that came this far idle?
    for statement in statements:
        if statement.type == "comment" or not states:
            continue
        ways = _of_statement(statement)
        out |= {Path(way.end, way.idle and idle) for way in ways if way.end is not End.FALL for idle in states}
        states = {way.idle and idle for way in ways if way.end is End.FALL for idle in states}
    return out | {Path(End.FALL, idle) for idle in states}


def _of_statement(node: Node) -> set[Path]:
    if node.type in LOOP_ENDS:
        return set()
    if node.type == "continue_statement":
        return {Path(End.CONTINUE, idle=True)}
    if node.type in _QUIET:
        return {Path(End.FALL, idle=True)}
    if node.type == "if_statement":
        return _of_if(node)
    if node.type == "try_statement":
        return _of_try(node)
    if node.type == "match_statement":
        return _of_match(node)
    if node.type == "with_statement":
        return _of_with(node)
    if node.type == "while_statement" and (test := field(node, "condition")) is not None and looks_only(test):
        return _of_while(node, test)
    if first_wait(node) is not None or any(_ends(call) for call in own(node, frozenset({"call"}))):
        return set()
    return {Path(End.FALL, _is_quiet(node))}


def _is_quiet(node: Node) -> bool:
    """Does a statement have no effect, or only report something?"""
    if node.type == "assert_statement":
        return looks_only(node)
    if node.type != "expression_statement" or len(parts_of(node)) != 1:
        return False
    inner = unwrap(node)
    if inner.type == "call":
        callee = field(inner, "function")
        return callee is not None and text_of(callee).rpartition(".")[2] in _SAYS
    return inner.type in {"string", "ellipsis"}


def _of_if(node: Node) -> set[Path]:
    """The paths of an ``if``; in a chain of tests without ``else`` one mostly holds, so skipping all is not a path."""
    out: set[Path] = set()
    idle, clauses = True, [node, *node.children_by_field_name("alternative")]
    for clause in clauses:
        test = field(clause, "condition")
        if test is not None and first_wait(test) is not None:
            return out
        idle = idle and (test is None or looks_only(test))
        block = field(clause, "consequence") or field(clause, "body")
        ways = _through(parts_of(block)) if block is not None else set()
        out |= {Path(way.end, way.idle and idle) for way in ways}
    if len(clauses) == 1 or (clauses[-1].type != "else_clause" and first_wait(node) is None):
        out.add(Path(End.FALL, idle))
    return out


def _of_try(node: Node) -> set[Path]:
    """The paths of a ``try``; a suspension in its body counts in its handlers too."""
    body = field(node, "body")
    clauses = [child for child in parts_of(node) if child.type.endswith("_clause")]
    last = next((clause for clause in clauses if clause.type == "finally_clause"), None)
    if body is None or (last is not None and first_wait(last) is not None):
        return set()
    ways = _through(parts_of(body))
    after = next((clause for clause in clauses if clause.type == "else_clause"), None)
    if after is not None:
        ways = {way for way in ways if way.end is not End.FALL} | (_in_clause(after) if ways else set())
    if first_wait(body) is None:
        ways |= {way for clause in clauses if clause.type.startswith("except") for way in _in_clause(clause)}
    return {Path(way.end, idle=False) for way in ways}


def _in_clause(clause: Node) -> set[Path]:
    block = next((child for child in parts_of(clause) if child.type == "block"), None)
    return _through(parts_of(block)) if block is not None else set()


def _of_match(node: Node) -> set[Path]:
    if any(first_wait(subject) is not None for subject in node.children_by_field_name("subject")):
        return set()
    cases = [case for block in _blocks(node) for case in parts_of(block) if case.type == "case_clause"]
    return {Path(way.end, idle=False) for case in cases for way in _in_clause(case)}


def _of_while(node: Node, test: Node) -> set[Path]:
    """A loop that may be skipped if its test only reads: then its body does not run, and nothing suspends."""
    if text_of(unwrap(test)) in {"True", "1"}:
        return set() if first_wait(node) is not None else {Path(End.FALL, idle=False)}
    return {Path(End.FALL, idle=True)}


def _of_with(node: Node) -> set[Path]:
    body, head = field(node, "body"), next(iter(parts_of(node)), None)
    if body is None or head is None or first_wait(head) is not None or node.children[0].type == "async":
        return set()
    return {Path(way.end, idle=False) for way in _through(parts_of(body))}


def _blocks(node: Node) -> Iterator[Node]:
    return (child for child in parts_of(node) if child.type == "block")
