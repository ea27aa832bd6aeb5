"""Finds the ``except`` that catches a cancellation, and signs that its handler does so on purpose."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.flow.exits import Exit, after, exits
from loopwise.analysis.flow.handlers import BROAD, CANCELLED
from loopwise.analysis.flow.uses import uses
from loopwise.analysis.flow.waits import own
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.memo import Memo
from loopwise.syntax import (
    IDENTIFIERS,
    JUMPS_WITHOUT_RAISE,
    RAISES,
    Node,
    caught_classes,
    field,
    nodes_of,
    parts_of,
    span_of,
    text_of,
)
from loopwise.text import Edit, Span, decode
from loopwise.writing import indent_of, insert, newline_of, replace

# Only these catch a cancellation: since Python 3.8 CancelledError derives from BaseException.
_WORDS = frozenset({"CancelledError", "BaseException"})
# Nodes with a condition, in which reading a name counts as acting on it.
_TESTS = frozenset({"if_statement", "while_statement", "elif_clause", "raise_statement", "conditional_expression"})
_WHOLE = frozenset({"raise_statement", "conditional_expression"})
# ``raise`` under this test lets Ctrl-C through but still swallows cancellations.
_INTERRUPTS_ONLY = re.compile(
    r"isinstance\(\s*\w+,\s*\(?(?:[\s,]*\b(?:KeyboardInterrupt|SystemExit|GeneratorExit)\b)+[\s,]*\)?\s*\)"
)
# Reporting functions of logging, traceback, click and the builtins; they do nothing about the exception.
_SAYS = re.compile(
    r"(?:^|\.)(?:debug|info|warn|warning|error|exception|critical|log|print|str|repr|format|type|print_exception"
    r"|format_exception|echo|write)$"
)


class Caught(msgspec.Struct, frozen=True):
    """An ``except`` that catches a cancellation."""

    clause: Node
    block: Node
    kind: Node | None
    """The node that names the class; ``None`` for a bare ``except``."""
    name: str | None
    """The name after ``as``."""
    broad: bool


def caught_by(unit: Unit, statement: Node) -> Caught | None:
    """The first ``except`` of a ``try`` that catches a cancellation."""
    for clause in parts_of(statement):
        if clause.type == "except_clause" and clause.children[0].type == "except":
            found = _caught(unit, clause)
            if found is not None:
                return found
    return None


def is_meant(statement: Node, caught: Caught, memo: Memo) -> bool:
    """Is it raised again on some path, passed on, kept, or written down for what follows?

    ``memo`` lasts as long as the tree.
    """
    raises = [one for one in _own_raises(caught.block) if not _is_for_interrupts(one, caught.block)]
    left = exits(caught.block)
    if left == {Exit.RAISE} or (not caught.broad and (raises or len(left) > 1 or _is_interrupt(caught))):
        return True
    if raises and (
        Exit.FALL not in left or not after(statement, memo).repeats or any(_asks(one, caught) for one in raises)
    ):
        return True
    if b"exc_info" in (caught.block.text or b"").replace(b"exc_info=", b""):
        return True
    if caught.name is not None and any(not _only_says(use, caught.block) for use in uses(caught.block, caught.name)):
        return True
    return _is_noted(statement, caught.block)


def _caught(unit: Unit, clause: Node) -> Caught | None:
    value = field(clause, "value")
    block = next((child for child in parts_of(clause) if child.type == "block"), None)
    if block is None:
        return None
    if value is None:
        return Caught(clause, block, None, None, broad=True) if _is_bare(clause) else None
    alias = field(value, "alias") if value.type == "as_pattern" else None
    for one in caught_classes(clause):
        last = text_of(one).rpartition(".")[2]
        if last not in _WORDS and last not in unit.aliases:
            continue
        name = unit.name(one)
        if name in BROAD or name in CANCELLED:
            return Caught(clause, block, one, text_of(alias) if alias is not None else None, broad=name in BROAD)
    return None


def _is_bare(clause: Node) -> bool:
    return len(clause.children) > 1 and clause.children[1].type == ":"


def let_pass(unit: Unit, caught: Caught) -> Iterator[Fix]:
    """The edits that let a cancellation pass a handler, the best first."""
    in_tuple = caught.kind is not None and len(_beside(caught.kind)) > 0
    if caught.broad:
        if caught.kind is None:
            edit = insert(caught.clause.start_byte + len("except"), " Exception")
        else:
            edit = replace(caught.kind, "Exception")
        yield Fix("Catch Exception instead", (edit,), safe=False)
    if in_tuple and not caught.broad and caught.kind is not None:
        yield Fix("Stop catching CancelledError", _without(caught.kind), safe=False)
    raised = _raised(unit, caught.block) if not in_tuple else None
    if raised is not None:
        yield Fix("Re-raise the exception", (raised,), safe=False)


def _own_raises(block: Node) -> Iterator[Node]:
    """The ``raise`` statements of a handler, except those for exceptions caught inside it."""
    inner = [span_of(clause) for clause in own(block, frozenset({"except_clause"}))]
    for one in own(block, RAISES):
        if not any(span.start <= one.start_byte < span.end for span in inner):
            yield one


def _is_interrupt(caught: Caught) -> bool:
    """Does it catch Ctrl-C too, as a program's main function does?"""
    others = _beside(caught.kind) if caught.kind is not None else []
    return any(re.search(rb"KeyboardInt|SystemExit", other.text or b"") for other in others)


def _is_for_interrupts(node: Node, block: Node) -> bool:
    """Is it under a test for exceptions that end the program, which a cancellation is not?"""
    outer = node.parent
    while outer is not None and outer != block:
        test = field(outer, "condition")
        if test is not None and _INTERRUPTS_ONLY.fullmatch(text_of(test)):
            return True
        outer = outer.parent
    return False


def _asks(node: Node, caught: Caught) -> bool:
    """Is a ``raise`` under a condition that examines the exception?"""
    outer = node.parent
    while outer is not None and outer != caught.block:
        test = field(outer, "condition")
        if test is not None and re.search(rf"(?i)cancel|\b{caught.name or 'cancel'}\b", text_of(test)):
            return True
        outer = outer.parent
    return False


def _only_says(use: Node, block: Node) -> bool:
    """Is the exception only reported: logged, or converted to text?"""
    outer = use.parent
    while outer is not None and outer != block:
        if outer.type == "interpolation":
            return True
        if outer.type == "call":
            callee = field(outer, "function")
            if _INTERRUPTS_ONLY.fullmatch(text_of(outer)):
                return True
            return callee is not None and _SAYS.search(text_of(callee)) is not None
        if outer.type == "binary_operator" and text_of(field(outer, "operator") or outer) == "%":
            return True
        outer = outer.parent
    return False


def _is_noted(statement: Node, block: Node) -> bool:
    """Does the handler set a name that a later condition or ``raise`` reads?"""
    targets = [left for one in own(block, frozenset({"assignment"})) if (left := field(one, "left")) is not None]
    if _ends_loop(statement, {text_of(target) for target in targets if target.type == "attribute"}):
        return True
    names = {text_of(target) for target in targets if target.type == "identifier"}
    function = statement.parent
    while function is not None and function.type != "function_definition":
        function = function.parent
    if not names or function is None:
        return False
    for test in nodes_of(function, _TESTS):
        looked = field(test, "condition") or (
            test if not test.type.endswith("_statement") or test.type in RAISES else None
        )
        if looked is not None and not (block.start_byte <= looked.start_byte < block.end_byte):
            if any(text_of(name) in names for name in nodes_of(looked, IDENTIFIERS)):
                return True
    return False


def _ends_loop(statement: Node, attributes: set[str]) -> bool:
    """Does the condition of a loop around a statement read one of the attributes: ``while self.running``?"""
    outer = statement.parent
    while outer is not None and outer.type != "function_definition":
        test = field(outer, "condition") if outer.type == "while_statement" else None
        if test is not None and any(text_of(one) in attributes for one in nodes_of(test, frozenset({"attribute"}))):
            return True
        outer = outer.parent
    return False


def _without(kind: Node) -> tuple[Edit, ...]:
    outer, others = kind.parent, _beside(kind)
    if outer is not None and outer.type == "tuple" and len(others) == 1:
        return (replace(outer, text_of(others[0])),)
    after = next((one for one in others if one.start_byte > kind.start_byte), None)
    if after is not None:
        return (Edit(Span(kind.start_byte, after.start_byte), b""),)
    return (Edit(Span(others[-1].end_byte, kind.end_byte), b""),)


def _beside(kind: Node) -> list[Node]:
    """The other classes of the tuple or, without parentheses, of the clause."""
    outer = kind.parent
    if outer is None or outer.type not in {"tuple", "except_clause"}:
        return []
    named = parts_of(outer) if outer.type == "tuple" else outer.children_by_field_name("value")
    return [one for one in named if one != kind]


def _raised(unit: Unit, block: Node) -> Edit | None:
    """Append ``raise`` to the handler; ``None`` if some path leaves it earlier."""
    statements = [child for child in parts_of(block) if child.type != "comment"]
    last, jumps = statements[-1], list(own(block, JUMPS_WITHOUT_RAISE))
    if jumps and jumps != [last]:
        return None
    if last in jumps or (last.type == "pass_statement" and len(statements) == 1):
        return replace(last, "raise")
    indent = indent_of(unit.file, last.start_byte)
    if indent is None:
        return insert(last.end_byte, "; raise")
    source = unit.file.source
    end = source.line_span(source.line_at(last.end_byte)).end
    return insert(end, decode(newline_of(unit.file, last.start_byte) + indent + b"raise"))
