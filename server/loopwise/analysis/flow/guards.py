"""Guards: tests before a name is used that it exists, by version, by ``hasattr`` or by ``try``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.syntax import HANDLERS, JUMPS, Node, decorators_of, field, last_of, parts_of, previous_of, text_of

# Idioms for "is this feature available": version tests, hasattr(), and constants such as PY311 or HAS_UVLOOP.
_ASKS = re.compile(r"(?i)version|hasattr|getattr|\bpy_?3|py3\d|is_py|(?:^|\W)_?has_|supports|TYPE_CHECKING|skip_?if")
# What using a missing module, name or parameter raises.
_ABSENT = re.compile(
    r"\b(?:ImportError|ModuleNotFoundError|AttributeError|NameError|TypeError|Exception|BaseException)\b"
)
# Contexts in which a deprecation warning, or an error, is the expected outcome.
_WARNS = re.compile(r"\b(?:warns|deprecated_call|catch_warnings|assertWarns\w*|raises|assertRaises\w*|suppress)\b")


def asked_first(node: Node) -> bool:
    """Does code around ``node`` or before it test the version, or that a name exists?"""
    inner, outer = node, node.parent
    while outer is not None:
        if _asks(outer, inner):
            return True
        inner, outer = outer, outer.parent
    return False


def raises_expected(node: Node, *errors: str) -> bool:
    """Is ``node`` in a ``try`` that catches one of the errors, or in a ``with`` that expects or suppresses errors?"""
    inner, outer = node, node.parent
    while outer is not None and outer.type != "function_definition":
        if outer.type == "try_statement" and field(outer, "body") == inner and _catches(outer, errors):
            return True
        if outer.type == "with_statement" and _WARNS.search(_head(outer)):
            return True
        inner, outer = outer, outer.parent
    return False


def handlers(statement: Node) -> Iterator[str]:
    """The classes that each ``except`` of a ``try`` statement catches, as written; empty for a bare one."""
    for clause in parts_of(statement):
        if clause.type in HANDLERS:
            yield " ".join(text_of(child) for child in parts_of(clause) if child.type != "block")


def _asks(outer: Node, inner: Node) -> bool:
    if outer.type in {"if_statement", "while_statement"}:
        return any(_ASKS.search(text) for text in _conditions(outer))
    if outer.type in {"conditional_expression", "boolean_operator", "assert_statement"}:
        return any(_ASKS.search(text_of(part)) for part in parts_of(outer) if part != inner)
    if outer.type == "try_statement":
        return inner.type != "finally_clause" and any(not text or _ABSENT.search(text) for text in handlers(outer))
    if outer.type == "with_statement":
        return _WARNS.search(_head(outer)) is not None
    if outer.type in {"function_definition", "class_definition"}:
        return any(_ASKS.search(text_of(decorator)) for decorator in decorators_of(outer))
    return outer.type in {"block", "module"} and _left_before(outer, inner)


def _conditions(statement: Node) -> Iterator[str]:
    for part in (statement, *statement.children_by_field_name("alternative")):
        condition = field(part, "condition")
        if condition is not None:
            yield text_of(condition)


def _left_before(block: Node, statement: Node) -> bool:
    """Does an ``if`` before the statement leave on some versions: ``if sys.version_info < (3, 11): return``?"""
    sibling = previous_of(statement)
    while sibling is not None:
        if sibling.type == "if_statement" and any(_ASKS.search(text) for text in _conditions(sibling)):
            body = field(sibling, "consequence")
            last = last_of(body) if body is not None else None
            if last is not None and (last.type in JUMPS or "skip" in text_of(last) or "exit" in text_of(last)):
                return True
        sibling = previous_of(sibling)
    return False


def _catches(statement: Node, errors: tuple[str, ...]) -> bool:
    caught = (*errors, "Exception")
    return any(not text or any(error in text for error in caught) for text in handlers(statement))


def _head(statement: Node) -> str:
    return " ".join(text_of(child) for child in parts_of(statement) if child.type == "with_clause")
