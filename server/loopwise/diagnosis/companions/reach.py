"""Decides whether a type checker checks a place.  Findings are only left to one that certainly does."""

from __future__ import annotations

import re

from loopwise.diagnosis.companions.places import statement_of, statements, upwards
from loopwise.semantics.bindings import File
from loopwise.syntax import JUMPS, Node, field, parts_of, path_to, text_of, unwrap
from loopwise.text import Span

# Comments on a line of their own that change what a checker says of the whole file.
_WHOLE_FILE = re.compile(
    rb"(?m)^[ \t]*#[ \t]*(?:(?:mypy|pyright|basedpyright|ty|pyrefly)[ \t]*:|type[ \t]*:[ \t]*ignore)"
)
# Checkers accept each other's comments in part; if any tool is told to ignore a line, ours reports it.
_LINE = re.compile(rb"#[ \t]*(?:type|mypy|pyright|basedpyright|ty|pyrefly)[ \t]*:[ \t]*ignore")
# Functions that never return, by the last part of their names: what comes after them is not looked at.
_NEVER_RETURN = frozenset("exit _exit quit abort fail skip xfail error assert_never assert_unreachable".split())
_BRANCHES = frozenset({"if_statement", "elif_clause", "else_clause", "while_statement"})
# Checkers narrow on patterns to different degrees, so reachability cannot be predicted.
_UNSURE = frozenset({"match_statement", "case_clause", "ERROR"})
# Tests by which a checker may know that a branch never runs: of types, of versions, of constants.
_NARROWING = frozenset("isinstance issubclass callable hasattr type".split())


def is_checked(file: File, span: Span, *, untyped: bool) -> bool:
    """Does a type checker certainly check a place?

    ``untyped``: does it check functions without annotations?
    """
    data = file.source.data
    if _WHOLE_FILE.search(data):
        return False
    node = path_to(file.root, span)[-1]
    statement = statement_of(node)
    if _LINE.search(data, _line_start(data, span.start), _line_end(data, max(span.end, statement.start_byte))):
        return False
    if not untyped and any(not _is_annotated(each) for each in upwards(node) if each.type == "function_definition"):
        return False
    return _is_reached(node)


def _is_annotated(function: Node) -> bool:
    parameters = field(function, "parameters")
    typed = parameters is not None and any("type" in each.type for each in parts_of(parameters))
    return typed or field(function, "return_type") is not None


def _is_reached(node: Node) -> bool:
    """Is there nothing before or around a place that could make a checker skip it?"""
    for each in upwards(node):
        if each.type in _UNSURE or (each.type in _BRANCHES and not _is_plain(_test(each))):
            return False
        outer = each.parent
        if outer is not None and outer.type in {"block", "module"}:
            before = [s for s in statements(outer) if s.end_byte <= each.start_byte]
            if any(_ends(s) for s in before):
                return False
    return True


def _test(branch: Node) -> Node | None:
    if branch.type == "else_clause" and branch.parent is not None:
        return field(branch.parent, "condition")
    return field(branch, "condition")


def _is_plain(test: Node | None) -> bool:
    """Is it a test whose outcome no checker knows: built only from names, attributes and calls?"""
    if test is None:
        return True  # the `else` of a `for` or a `try`
    test = unwrap(test)
    match test.type:
        case "identifier" | "attribute":
            name = text_of(test)
            return not name.rpartition(".")[2].isupper() and not name.startswith(("sys.", "os.", "typing."))
        case "call":
            callee = field(test, "function")
            return callee is not None and text_of(callee).rpartition(".")[2] not in _NARROWING
        case "not_operator" | "boolean_operator" | "await" | "named_expression":
            return all(_is_plain(child) for child in parts_of(test) if child.type != "comment")
        case "comparison_operator":
            words = {text_of(child) for child in test.children if not child.is_named}
            return words <= {"<", ">", "<=", ">="} and "version" not in text_of(test)
    return False


def _ends(statement: Node) -> bool:
    """Might no code run after a statement?"""
    if statement.type in JUMPS or statement.type in {"match_statement", "ERROR"}:
        return True
    if statement.type == "while_statement":
        return unwrap(field(statement, "condition") or statement).type in {"true", "integer"}
    if statement.type in {"if_statement", "try_statement", "with_statement"}:
        return _may_leave(statement)
    inner = unwrap(statement)
    call = parts_of(inner)[0] if inner.type == "await" and parts_of(inner) else inner
    callee = field(call, "function") if call.type == "call" else None
    return statement.type == "assert_statement" or (
        callee is not None and text_of(callee).rpartition(".")[2] in _NEVER_RETURN
    )


def _may_leave(statement: Node) -> bool:
    """Might all branches of a compound statement leave the block?"""
    alternative = any(node.type == "else_clause" for node in parts_of(statement))
    if statement.type == "if_statement" and not alternative:
        return not _is_plain(field(statement, "condition")) and _last_ends(field(statement, "consequence"))
    return any(_last_ends(block) for block in _blocks(statement))


def _blocks(statement: Node) -> list[Node]:
    found = []
    for child in parts_of(statement):
        if child.type == "block":
            found.append(child)
        elif child.type.endswith("_clause"):
            found += [inner for inner in parts_of(child) if inner.type == "block"]
    return found


def _last_ends(block: Node | None) -> bool:
    last = statements(block)
    return bool(last) and _ends(last[-1])


def _line_start(data: bytes, at: int) -> int:
    return data.rfind(b"\n", 0, at) + 1


def _line_end(data: bytes, at: int) -> int:
    found = data.find(b"\n", at)
    return found if found >= 0 else len(data)
