"""The shape of a finding: what decides whether a rule of another tool reports the same place.

A shape is a short text, as exact as it takes for a peer to report either every finding of that shape or none.
``server/tools/measure_companions.py`` runs the peers and writes down which shapes each of their codes reports;
a shape that is not in that table is reported by nobody, and the finding is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loopwise.diagnosis.companions.definitions import called, own
from loopwise.diagnosis.companions.naming import named
from loopwise.diagnosis.companions.places import (
    around,
    function_of,
    position,
    runs_in,
    statement_of,
    statements,
    upwards,
)
from loopwise.semantics.bindings import File
from loopwise.syntax import COMPREHENSIONS, Node, field, is_async, nodes_of, path_to, text_of, unwrap
from loopwise.text import Span

UNKNOWN = "?"
_HANDLERS = ("except_clause", "except_group_clause")
_LOOPS_AND_BLOCKS = frozenset(
    "with_statement for_statement while_statement try_statement finally_clause function_definition".split()
)
_EXITS = frozenset({"raise_statement", "return_statement", "break_statement", "continue_statement"})
_SUSPENDS = frozenset({"await", "yield", "raise_statement", "function_definition", "lambda"})
# What makes a coroutine function need its `async`, here or further in.
_ASYNC_FEATURES = frozenset("await yield function_definition for_in_clause for_statement with_statement".split())


def shape_of(file: File, rule: str, span: Span) -> str:
    """The shape of what a rule (by its name) finds at a span; ``?`` where nothing is known of it."""
    node = _node(file.root, span)
    make = _SHAPES.get(rule)
    return make(file, node) if make is not None else UNKNOWN


def _node(root: Node, span: Span) -> Node:
    """The smallest node around a span; of a name behind a dot all that it is a member of."""
    node = path_to(root, span)[-1]
    outer = node.parent
    is_member = outer is not None and outer.type == "attribute" and field(outer, "attribute") == node
    return outer if is_member and outer is not None else node


def _name(file: File, node: Node | None) -> str:
    found = named(file, node) if node is not None else None
    return str(found) if found is not None else UNKNOWN


def _callee(node: Node) -> Node | None:
    return field(node, "function") if node.type == "call" else None


def _in(node: Node) -> str:
    """What runs a node, where it is no coroutine function."""
    where = runs_in(node)
    return "" if where == "async" else f" in {where}"


def _call(file: File, node: Node) -> str:
    """A call that blocks."""
    name = _name(file, _callee(node))
    mode = ""
    if name.startswith("os.spawn") and (arguments := field(node, "arguments")) is not None:
        mode = next((f" {text_of(n).rpartition('.')[2]}" for n in arguments.named_children if "P_" in text_of(n)), "")
    return UNKNOWN if name == UNKNOWN else f"{name}{mode}{_in(node)}"


def _task(file: File, node: Node) -> str:
    """A task that is started, and what becomes of it."""
    callee = _callee(node)
    name = _name(file, callee)
    if name == UNKNOWN and callee is not None and callee.type == "attribute":
        name = f"?.{text_of(field(callee, 'attribute') or callee)}"
    return f"{name} as {position(node)}"


def _unawaited(file: File, node: Node) -> str:
    """A coroutine that nobody awaits."""
    return f"{called(file, node)} as {position(node)}"


def _used(file: File, node: Node) -> str:
    """A coroutine that is used as the value it returns."""
    inner = unwrap(node)
    outer = inner.parent
    if outer is None:
        return UNKNOWN
    index = outer.named_children.index(inner) if inner in outer.named_children else -1
    extra = ""
    if outer.type in {"binary_operator", "comparison_operator"}:
        extra = " " + next((text_of(child) for child in outer.children if not child.is_named), "")
    if outer.type == "argument_list" and outer.parent is not None:
        extra = f" of {_name(file, _callee(outer.parent))}"
    return f"{called(file, inner)} as {outer.type} {index}{extra}"


def _dropped_name(file: File, node: Node) -> str:
    """A name that is given a coroutine and never read."""
    outer = around(node, "assignment", "named_expression", "block", "module")
    target = field(outer, "left") or field(outer, "name") if outer is not None else None
    if outer is None or target is None:
        return UNKNOWN
    name = text_of(target)
    scope = function_of(outer) or file.root
    uses = sum(text_of(node) == name for node in nodes_of(scope, frozenset({"identifier"})))
    dummy = " dummy" if name.startswith("_") or name in {"unused", "ignored"} else ""
    annotated = " annotated" if field(outer, "type") is not None else ""
    return f"{outer.type} {target.type}{dummy}{annotated} used {min(uses - 1, 1)}{_in(outer)}"


def _head(file: File, node: Node) -> str:
    """A place by the statement that it is in."""
    return f"{node.type} of {statement_of(node).type}{_in(node)}"


def _managed(file: File, node: Node) -> str:
    """A context manager or an iterable, by what it is."""
    inner = unwrap(node)
    if inner.type not in {"identifier", "attribute", "call"}:
        return inner.type
    name = _name(file, inner)
    return own(file, inner) if name == UNKNOWN or name.startswith("builtins.") else name


def _outside(file: File, node: Node) -> str:
    """``await`` and its like outside of a coroutine function."""
    keyword = text_of(node).split()[0] if text_of(node).strip() else ""
    statement = statement_of(node)
    inside = any(each.type in COMPREHENSIONS for each in upwards(node, statement))
    head = statement.type if statement.type in {"with_statement", "for_statement"} else "statement"
    return f"{keyword} {'in comprehension of ' if inside else ''}{head} in {runs_in(node)}"


def _alias(file: File, node: Node) -> str:
    """``asyncio.TimeoutError``, by where it stands."""
    steps = []
    for outer in upwards(node):
        if outer.type.startswith("import"):
            return "import"
        if outer is not node:
            steps.append(outer.type)
        if outer.type in {*_HANDLERS, "raise_statement", "call", "block", "module", "lambda"}:
            break
    return f"{_name(file, node)} in {' '.join(steps)}"


def _loop(file: File, node: Node) -> str:
    """A ``while`` loop, by its test and body."""
    loop = around(node, "while_statement")
    test = field(loop, "condition") if loop is not None else None
    if loop is None or test is None:
        return UNKNOWN
    test = unwrap(test)
    inner = unwrap(test.named_children[0]).type if test.type == "not_operator" else ""
    body = statements(field(loop, "body"))
    first = unwrap(body[0]) if len(body) == 1 else None
    awaited = first.named_children[0] if first is not None and first.type == "await" else None
    sleep = _name(file, _callee(awaited)) if awaited is not None else ""
    alternative = " else" if field(loop, "alternative") is not None else ""
    return f"{test.type} {inner}: {min(len(body), 2)} {sleep}{alternative}{_in(loop)}"


def _unused_async(file: File, node: Node) -> str:
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
    """What asks for ``async``, and whether it stands further in."""
    if node.type not in {"await", "yield"} and not is_async(node):
        return ""
    return node.type if function_of(node) == function else f"inner {node.type}"


def _is_stub(statement: Node) -> bool:
    inner = unwrap(statement)
    raises = text_of(statement).startswith("raise NotImplementedError")
    return raises or inner.type in {"string", "ellipsis", "pass_statement"}


def _handler(file: File, node: Node) -> str:
    """A handler that takes a cancellation, by what it names and how it may end."""
    clause = around(node, *_HANDLERS)
    if clause is None:
        return UNKNOWN
    name = "bare" if text_of(node).startswith("except") else _name(file, node)
    body = next((child for child in clause.named_children if child.type == "block"), None)
    exits = sorted({each.type.partition("_")[0] for each in nodes_of(body, _EXITS)}) if body is not None else []
    among = " in tuple" if any(each.type == "tuple" for each in upwards(node, clause)) else ""
    return f"{name}{among}{''.join(f' {each}' for each in exits)}{_in(clause)}"


def _with_item(file: File, node: Node) -> str:
    """An item of a ``with``, and what its body does."""
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
    return f"{_name(file, _callee(node))} of {min(items, 2)}: {only}{''.join(f' {each}' for each in found)}{_in(statement)}"


def _exit(file: File, node: Node) -> str:
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
    target = unwrap(item.named_children[0]) if item is not None else None
    if target is not None and target.type == "as_pattern":
        target = target.named_children[0]
    name = _name(file, _callee(target)) if target is not None and keyword != "yield" else ""
    return f"{keyword} under {' '.join(blocks)} {name}{_in(node)}"


def _holder(file: File, node: Node) -> str:
    """A place by the node around it."""
    return f"{node.type} in {node.parent.type if node.parent is not None else ''}"


def _attribute(file: File, node: Node) -> str:
    """An attribute by its name."""
    name = field(node, "attribute")
    return f".{text_of(name)}" if name is not None else UNKNOWN


def _last_name(file: File, node: Node) -> str:
    """A decorator by the last part of its name."""
    callee = _callee(node) or node
    name = field(callee, "attribute")
    return f"{node.type} {text_of(name) if name is not None else UNKNOWN}"


def _argument(file: File, node: Node) -> str:
    """A function that is handed over where a coroutine is wanted."""
    outer = node.parent
    call = outer.parent if outer is not None and outer.type == "argument_list" else None
    if outer is None or call is None:
        return UNKNOWN
    return f"{own(file, node)} as {outer.named_children.index(node)} of {_name(file, _callee(call))}"


def _dotted(file: File, node: Node) -> str:
    return _name(file, node) if node.type in {"identifier", "attribute"} else UNKNOWN


Shape = Callable[[File, Node], str]
_SHAPES: Mapping[str, Shape] = {
    "async-for-on-sync-iterable": _managed,
    "async-with-on-other": _managed,
    "await-outside-async": _outside,
    "blocking-file-method": _call,
    "blocking-http": _call,
    "blocking-http-client": _call,
    "blocking-input": _call,
    "blocking-open": _call,
    "blocking-path": _call,
    "blocking-process-wait": _call,
    "blocking-sleep": _call,
    "blocking-subprocess": _call,
    "busy-wait": _loop,
    "cancelled-not-reraised": _handler,
    "control-flow-in-taskgroup": _exit,
    "coroutine-in-condition": _unawaited,
    "coroutine-never-awaited": _dropped_name,
    "coroutine-used-as-value": _used,
    "dangling-task": _task,
    "deprecated-asyncio": _dotted,
    "except-star-attribute": _attribute,
    "function-not-called": _argument,
    "group-subclass-without-derive": _holder,
    "loop-without-checkpoint": _loop,
    "missing-await": _unawaited,
    "pytest-mark-on-fixture": _last_name,
    "pytest-raises-group": _holder,
    "raise-child-of-group": _holder,
    "resource-dies-before-task": _holder,
    "sync-for-on-async-iterable": _managed,
    "sync-with-on-async-cm": _managed,
    "timeout-error-alias": _alias,
    "timeout-without-await": _with_item,
    "unused-async": _unused_async,
    "unused-awaitable": _unawaited,
    "useless-taskgroup": _with_item,
    "yield-from-in-async": _head,
    "yield-in-cm-in-async-gen": _exit,
    "yield-in-taskgroup": _exit,
}
