"""The shapes of statements, and of code in them."""

from __future__ import annotations

from loopwise.diagnosis.companions.call_shapes import UNKNOWN, callee_of, name_of, outside_async
from loopwise.diagnosis.companions.places import (
    around,
    function_of,
    runs_in,
    statement_of,
    statements,
    upwards,
)
from loopwise.semantics.bindings import File
from loopwise.syntax import COMPREHENSIONS, JUMPS, Node, field, is_async, nodes_of, parts_of, text_of, unwrap

_HANDLERS = ("except_clause", "except_group_clause")
_LOOPS_AND_BLOCKS = frozenset(
    "with_statement for_statement while_statement try_statement finally_clause function_definition".split()
)
_SUSPENDS = frozenset({"await", "yield", "raise_statement", "function_definition", "lambda"})
# What makes a coroutine function need its `async`, here or further in.
_ASYNC_FEATURES = frozenset("await yield function_definition for_in_clause for_statement with_statement".split())


def in_statement(file: File, node: Node) -> str:
    """A place, described by its statement."""
    return f"{node.type} of {statement_of(node).type}{outside_async(node)}"


def outside(file: File, node: Node) -> str:
    """``await`` and the like outside of a coroutine function."""
    keyword = text_of(node).split()[0] if text_of(node).strip() else ""
    statement = statement_of(node)
    inside = any(each.type in COMPREHENSIONS for each in upwards(node, statement))
    head = statement.type if statement.type in {"with_statement", "for_statement"} else "statement"
    return f"{keyword} {'in comprehension of ' if inside else ''}{head} in {runs_in(node)}"


def alias(file: File, node: Node) -> str:
    """``asyncio.TimeoutError``, by its context."""
    steps = []
    for outer in upwards(node):
        if outer.type.startswith("import"):
            return "import"
        if outer is not node:
            steps.append(outer.type)
        if outer.type in {*_HANDLERS, "raise_statement", "call", "block", "module", "lambda"}:
            break
    return f"{name_of(file, node)} in {' '.join(steps)}"


def loop(file: File, node: Node) -> str:
    """A ``while`` loop, by its test and body."""
    loop = around(node, "while_statement")
    test = field(loop, "condition") if loop is not None else None
    if loop is None or test is None:
        return UNKNOWN
    test = unwrap(test)
    inner = unwrap(parts_of(test)[0]).type if test.type == "not_operator" else ""
    body = statements(field(loop, "body"))
    first = unwrap(body[0]) if len(body) == 1 else None
    awaited = parts_of(first)[0] if first is not None and first.type == "await" else None
    sleep = name_of(file, callee_of(awaited)) if awaited is not None else ""
    alternative = " else" if field(loop, "alternative") is not None else ""
    return f"{test.type} {inner}: {min(len(body), 2)} {sleep}{alternative}{outside_async(loop)}"


def unused_async(file: File, node: Node) -> str:
    """A coroutine function that awaits nothing."""
    function = around(node, "function_definition")
    body = field(function, "body") if function is not None else None
    if function is None or body is None:
        return UNKNOWN
    outer = function.parent
    decorated = outer is not None and outer.type == "decorated_definition"
    block = outer.parent if decorated and outer is not None else outer
    holder = block.parent.type if block is not None and block.parent is not None else "module"
    found = sorted({_feature(each, function) for each in nodes_of(body, _ASYNC_FEATURES)} - {""})
    stub = " stub" if all(_is_stub(each) for each in statements(body)) else ""
    return f"{'decorated ' if decorated else ''}in {holder}{stub}{''.join(f' {each}' for each in found)}"


def _feature(node: Node, function: Node) -> str:
    """The construct that requires ``async``, and whether it is in a nested scope."""
    if node.type not in {"await", "yield"} and not is_async(node):
        return ""
    return node.type if function_of(node) == function else f"inner {node.type}"


def _is_stub(statement: Node) -> bool:
    inner = unwrap(statement)
    raises = text_of(statement).startswith("raise NotImplementedError")
    return raises or inner.type in {"string", "ellipsis", "pass_statement"}


def handler(file: File, node: Node) -> str:
    """A handler that catches a cancellation, by the classes it names and the way it may end."""
    clause = around(node, *_HANDLERS)
    if clause is None:
        return UNKNOWN
    name = "bare" if text_of(node).startswith("except") else name_of(file, node)
    body = next((child for child in parts_of(clause) if child.type == "block"), None)
    exits = sorted({each.type.partition("_")[0] for each in nodes_of(body, JUMPS)}) if body is not None else []
    among = " in tuple" if any(each.type == "tuple" for each in upwards(node, clause)) else ""
    return f"{name}{among}{''.join(f' {each}' for each in exits)}{outside_async(clause)}"


def with_item(file: File, node: Node) -> str:
    """An item of a ``with``, and the kind of its body."""
    statement = around(node, "with_statement")
    if statement is None:
        return UNKNOWN
    items = len(
        [each for each in nodes_of(statement, frozenset({"with_item"})) if around(each, "with_statement") == statement]
    )
    body = field(statement, "body")
    first = statements(body)
    found = sorted({each.type for each in nodes_of(body, _SUSPENDS)}) if body is not None else []
    only = unwrap(first[0]).type if len(first) == 1 else "several"
    body_is = " ".join([only, *found])
    return f"{name_of(file, callee_of(node))} of {min(items, 2)}: {body_is}{outside_async(statement)}"


def exit_of(file: File, node: Node) -> str:
    """``return``, ``break`` or ``yield``, and the blocks that it leaves."""
    keyword = text_of(node).split()[0] if text_of(node).strip() else ""
    blocks = []
    for each in upwards(node):
        if each.type in _LOOPS_AND_BLOCKS:
            blocks.append(each.type.partition("_")[0])
        if each.type == "function_definition":
            break
    nearest = around(node, "with_statement")
    item = next(iter(nodes_of(nearest, frozenset({"with_item"}))), None) if nearest is not None else None
    target = unwrap(parts_of(item)[0]) if item is not None else None
    if target is not None and target.type == "as_pattern":
        target = parts_of(target)[0]
    name = name_of(file, callee_of(target)) if target is not None and keyword != "yield" else ""
    return f"{keyword} under {' '.join(blocks)} {name}{outside_async(node)}"


def in_holder(file: File, node: Node) -> str:
    """A place, described by its parent node."""
    return f"{node.type} in {node.parent.type if node.parent is not None else ''}"


def attribute(file: File, node: Node) -> str:
    """An attribute by its name."""
    name = field(node, "attribute")
    return f".{text_of(name)}" if name is not None else UNKNOWN


def mark(file: File, node: Node) -> str:
    """A mark by the last part of its name, and what makes a fixture of the function below it."""
    callee = callee_of(node) or node
    name = field(callee, "attribute")
    holder = around(node, "decorated_definition")
    others = [parts_of(each)[0] for each in parts_of(holder) if each.type == "decorator"] if holder else []
    fixtures = (name_of(file, callee_of(each) or each) for each in others)
    fixture = next((each for each in fixtures if each.endswith("fixture")), UNKNOWN)
    return f"{node.type} {text_of(name) if name is not None else UNKNOWN} on {fixture.removesuffix(' as alias')}"
