"""Raising an exception of a group inside the group's handler overwrites the exception's context.

``raise group.exceptions[0]`` changes the exception itself: its context becomes the group that contains it, and its
traceback is extended by this place.  The report no longer shows what happened first.

Raise a new exception ``from group``, re-raise the group (``raise``), raise a copy (``copy.copy``), or leave the
``except`` block first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.rule import Example, Finding, Fix, Related, Rule, Severity, page
from loopwise.analysis.unit import Unit
from loopwise.syntax import Node, field, first_of, nodes_of, parts_of, span_of, text_of, unwrap
from loopwise.writing import insert

_GROUPS = ("ExceptionGroup", "BaseExceptionGroup")
# Methods of a group that return a group again.
_GIVES_GROUP = frozenset({"subgroup", "split", "derive", "with_traceback"})
_SETS_CONTEXT = re.compile(r"\.__(?:context|cause)__\s*=(?!=)")
_DEEPEST = 8  # assignments between the group and what is raised


def check(node: Node, unit: Unit) -> Iterator[Finding]:
    raised = first_of(node)
    handler = _handler(node)
    if raised is None or handler is None or _keeps_context(node, handler):
        return
    name = _group_of(handler)
    if name is None or not _is_child(raised, node, handler, text_of(name), 0):
        return
    found, group = raised, name
    yield Finding(
        span_of(found),
        "Raising an exception of the group inside its handler overwrites its context",
        lambda: tuple(_fixes(unit, found)),
        (Related(span_of(group), "The group"),),
    )


def _keeps_context(statement: Node, handler: Node) -> bool:
    """Does the code preserve the exception's cause and context by hand?"""
    cause = field(statement, "cause")
    if cause is not None and text_of(cause) != "None":
        return True
    return _SETS_CONTEXT.search(text_of(handler)) is not None


def _handler(node: Node) -> Node | None:
    """The enclosing ``except`` clause, in the same function."""
    outer = node.parent
    while outer is not None and outer.type not in {"function_definition", "lambda", "class_definition"}:
        if outer.type == "except_clause":
            return outer
        outer = outer.parent
    return None


def _group_of(handler: Node) -> Node | None:
    """The name that a clause binds to an exception group."""
    pattern = next((child for child in parts_of(handler) if child.type == "as_pattern"), None)
    if pattern is None or len(parts_of(pattern)) < 2:
        return None
    caught, alias = parts_of(pattern)[0], parts_of(pattern)[-1]
    starred = any(child.type == "*" for child in handler.children)
    if not starred and text_of(caught).rpartition(".")[2] not in _GROUPS:
        return None
    name = parts_of(alias)[0] if alias.type == "as_pattern_target" else alias
    return name if name.type == "identifier" else None


def _is_child(node: Node, use: Node, handler: Node, group: str, depth: int) -> bool:
    """Is an expression one of the group's exceptions?"""
    node = unwrap(node)
    if depth > _DEEPEST:
        return False
    if node.type == "call":  # raise group.exceptions[0].with_traceback(None)
        callee = field(node, "function")
        owner = field(callee, "object") if callee is not None and _last(callee) == "with_traceback" else None
        return owner is not None and _is_child(owner, use, handler, group, depth + 1)
    if node.type == "subscript":
        held = field(node, "value")
        return held is not None and _holds_children(held, handler, group, depth + 1)
    if node.type == "identifier":
        given = _given(node, use, handler)
        if given is None:
            return False
        value, iterated = given
        if iterated:
            return _holds_children(value, handler, group, depth + 1)
        return _is_child(value, value, handler, group, depth + 1)
    return False


def _holds_children(node: Node, handler: Node, group: str, depth: int) -> bool:
    """Is an expression the tuple of a group's exceptions?"""
    node = unwrap(node)
    if node.type == "attribute" and _last(node) == "exceptions":
        owner = field(node, "object")
        return owner is not None and _is_group(owner, handler, group, depth + 1)
    given = _given(node, node, handler) if node.type == "identifier" and depth <= _DEEPEST else None
    return given is not None and not given[1] and _holds_children(given[0], handler, group, depth + 1)


def _is_group(node: Node, handler: Node, group: str, depth: int) -> bool:
    """Is an expression the group, a part of it, or a group inside it?"""
    node = unwrap(node)
    if depth > _DEEPEST:
        return False
    if node.type == "identifier" and text_of(node) == group:
        return True
    if node.type == "identifier":
        given = _given(node, node, handler)
        return given is not None and _is_group(given[0], handler, group, depth + 1)
    callee = field(node, "function") if node.type == "call" else None
    if callee is not None and callee.type == "attribute" and _last(callee) in _GIVES_GROUP:
        owner = field(callee, "object")
        return owner is not None and _is_group(owner, handler, group, depth + 1)
    return node.type == "subscript" and _is_child(node, node, handler, group, depth + 1)


def _given(name: Node, use: Node, handler: Node) -> tuple[Node, bool] | None:
    """The only value that the handler binds to a name before its use, and whether the name iterates over it."""
    found: list[tuple[Node, bool]] = []
    for statement in nodes_of(handler, frozenset({"assignment", "for_statement", "named_expression"})):
        target = field(statement, "left") or field(statement, "name")
        value = field(statement, "right") or field(statement, "value")
        if target is None or value is None or statement.start_byte > use.start_byte:
            continue
        named = [one for one in nodes_of(target, frozenset({"identifier"})) if one.text == name.text]
        if named:
            found.append((value, statement.type == "for_statement"))
    # With several bindings the value depends on the path.
    return found[0] if len(found) == 1 else None


def _last(node: Node) -> str:
    name = field(node, "attribute") if node.type == "attribute" else node
    return text_of(name) if name is not None else ""


def _fixes(unit: Unit, raised: Node) -> Iterator[Fix]:
    copied = unit.imported(raised, "copy", "copy")
    edits = (*copied.edits, insert(raised.start_byte, f"{copied.text}("), insert(raised.end_byte, ")"))
    yield Fix("Raise a copy of the exception", edits, safe=False)


RULE = Rule(
    code="LW318",
    name="raise-child-of-group",
    severity=Severity.HINT,
    nodes=("raise_statement",),
    check=check,
    triggers=frozenset({"exceptions"}),
    **page(__doc__),
    peers=("ASYNC123",),
    cards=("except*",),
    examples=(
        Example(
            bad="""\
async def main(work):
    try:
        await work()
    except ExceptionGroup as group:
        raise group.exceptions[0]
#             ^^^^^^^^^^^^^^^^^^^
""",
            fixed=(
                """\
import copy


async def main(work):
    try:
        await work()
    except ExceptionGroup as group:
        raise copy.copy(group.exceptions[0])
""",
            ),
        ),
        Example(
            good="""\
import copy

def first(work):
    try:
        work()
    except ExceptionGroup as group:
        raise copy.copy(group.exceptions[0])
""",
        ),
    ),
)
