"""The uses of a function in a file, and how each has to change if the function is made async."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.unit import Unit
from loopwise.assists.parts.call_sites import (
    called,
    expression_of,
    is_made_of,
    is_started,
    is_unknown,
    line_of_code,
    looked_up,
    mixed,
)
from loopwise.semantics.infer import each
from loopwise.syntax import (
    COMPREHENSIONS,
    IDENTIFIERS,
    IMPORTS,
    LOOP_ENDS,
    Node,
    field,
    is_async,
    node_at,
    nodes_of,
    source_of,
)
from loopwise.text import Edit, Span
from loopwise.writing import awaited, insert

_EXITS = frozenset({"sys.exit", "exit", "quit", "SystemExit"})
_MOST = 300  # uses of a function in its file: more are not looked at, and it is refused
_CLOSES = frozenset({"with_statement", "finally_clause", "except_clause"})
_LABELS = {"keyword_argument": "name", "function_definition": "name", "class_definition": "name"}


class Changed(msgspec.Struct, frozen=True):
    """The edits that adapt a function's callers."""

    edits: tuple[Edit, ...] = ()
    unfollowed: int = 0
    """The number of calls of a method with that name on receivers of unknown type."""
    refused: str = ""
    """The reason, with the place, if a caller cannot be adapted."""


def changed(unit: Unit, functions: tuple[Node, ...], *, generates: bool, hands_on: bool) -> Changed:
    """The changes to the uses of functions that share one name and become async together.

    ``generates``: they are generators.  ``hands_on``: they already return coroutines, so calls stay as they are.
    """
    edits: list[Edit] = []
    unfollowed = 0
    uses = list(_spelled(unit, functions[0])) if not hands_on else []
    if len(uses) > _MOST:
        return Changed(refused="The name occurs too often in the file to check every place")
    # Everything is checked before the first edit counts: half a conversion breaks the program.
    if by_text := looked_up(unit, functions[0]):
        return Changed(refused=by_text)
    for use in uses:
        refused = mixed(unit, use, functions)
        if refused:
            return Changed(refused=refused)
        if is_unknown(unit, use):
            if unit.function(use) in functions:
                return Changed(
                    refused=f"{line_of_code(use).capitalize()} calls .{source_of(use)}() on an object of unknown type"
                )
            unfollowed += 1
        if not _is_of(unit, use, functions):
            continue
        found = _items(unit, use, functions) if generates else _call(unit, use, functions)
        if found.refused:
            return found
        edits += [edit for edit in found.edits if edit not in edits]
    return Changed(tuple(edits), unfollowed)


def _spelled(unit: Unit, function: Node) -> Iterator[Node]:
    """The names in the file spelled like the function's: after a dot for methods, alone for other functions."""
    name, is_method = field(function, "name"), unit.owner(function) is not None
    spelling = name.text if name is not None else b""
    if not spelling:
        return
    for match in re.finditer(rb"\b" + re.escape(spelling) + rb"\b", unit.file.source.data):
        node = node_at(unit.file.root, Span(*match.span()))
        outer = node.parent if node is not None and node.type == "identifier" else None
        if node is None or outer is None or outer.type in IMPORTS:
            continue
        label = _LABELS.get(outer.type)
        is_same = (expression_of(node) != node) == is_method or (is_method and _is_in_class_of(node, function))
        if (label is None or field(outer, label) != node) and is_same:
            yield node


def _is_in_class_of(use: Node, method: Node) -> bool:
    """Is a name in the body of a method's class, where it is the method itself: ``alias = method``?"""
    statement = use.parent
    while statement is not None and not (statement.parent is not None and statement.parent.type == "block"):
        statement = statement.parent
    own = method.parent if method.parent is not None and method.parent.type == "decorated_definition" else method
    is_simple = statement is not None and statement.type == "expression_statement"
    return is_simple and statement is not None and statement.parent == own.parent


def _is_of(unit: Unit, use: Node, functions: tuple[Node, ...]) -> bool:
    """Does a name refer to one of the functions?  Methods are resolved by the receiver, others by scope."""
    expression = expression_of(use)
    if expression != use:
        return any(is_made_of(member, functions) for member in each(unit.value(expression)))
    if any(_is_in_class_of(use, one) for one in functions if unit.owner(one) is not None):
        return True
    scope = _scope(use)
    if _is_bound_between(use, scope):
        return False
    while scope is not None and not _binds(unit, scope, source_of(use)):
        scope = _scope(scope)
    return scope == _scope(functions[0])


def _binds(unit: Unit, scope: Node, name: str) -> bool:
    table = unit.file.table_of(scope)
    return name in table.by_name or any(one.name == name for one in table.parameters)


def _is_bound_between(use: Node, scope: Node | None) -> bool:
    """Is it a parameter, or does a lambda or comprehension around it bind the name?"""
    inner, outer = use, use.parent
    while outer is not None and outer != scope:
        if outer.type in {"parameters", "lambda_parameters"} and not _is_default(inner, use):
            return True
        listed = field(outer, "parameters") if outer.type == "lambda" else None
        bound: list[Node | None] = [field(one, "name") or one for one in listed.named_children] if listed else []
        if outer.type in COMPREHENSIONS:
            bound = [field(child, "left") for child in outer.named_children if child.type == "for_in_clause"]
        if any(
            source_of(one) == source_of(use)
            for node in bound
            if node is not None
            for one in nodes_of(node, IDENTIFIERS)
        ):
            return True
        inner, outer = outer, outer.parent
    return False


def _is_default(parameter: Node, use: Node) -> bool:
    value = field(parameter, "value")
    return value is not None and value.start_byte <= use.start_byte < value.end_byte


def _scope(node: Node) -> Node | None:
    """The function whose body contains a node, through lambdas and classes; ``None`` in the module's code."""
    inner, outer = node, node.parent
    while outer is not None and not (outer.type == "function_definition" and inner == field(outer, "body")):
        inner, outer = outer, outer.parent
    return outer


def _call(unit: Unit, use: Node, functions: tuple[Node, ...]) -> Changed:
    """The changes to one use of a function that will return a coroutine."""
    call, name = called(use), source_of(use)
    if call is None:
        return Changed(
            refused=f"{line_of_code(use).capitalize()} uses {name} without calling it; callers would have to await it"
        )
    if unit.is_awaited(call) or is_started(unit, call):
        return Changed()
    caller = unit.function(call)
    runs = unit.runs(call)
    if runs is ExecutionContext.SYNC and caller in functions:
        # The caller becomes async together with the function.
        runs = ExecutionContext.ASYNC
    if runs in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        callee = field(call, "function")
        is_starred = callee is not None and callee.type == "list_splat"
        # The grammar reads ``*f()`` in a list as a call of ``*f``.
        return Changed((insert(use.start_byte, "await "),) if is_starred else awaited(call))
    if runs is ExecutionContext.SYNC and caller is not None:
        sync = source_of(field(caller, "name") or caller)
        return Changed(refused=f"{sync}() calls it on {line_of_code(call)} but is not async itself")
    if runs is ExecutionContext.MODULE and can_run(unit, call):
        written = unit.imported(call, "asyncio", "run")
        return Changed((*written.edits, insert(call.start_byte, f"{written.text}("), insert(call.end_byte, ")")))
    where = {ExecutionContext.LAMBDA: "A lambda or generator", ExecutionContext.CLASS: "A class body"}
    return Changed(
        refused=f"{where.get(runs, 'The module')} calls it on {line_of_code(call)}, where it cannot be awaited"
    )


def can_run(unit: Unit, call: Node) -> bool:
    """Can a module-level call be wrapped in ``asyncio.run``: under ``__main__``, as a statement, in ``exit``?"""
    outer = call.parent
    if outer is not None and outer.type == "expression_statement":
        return True
    while outer is not None and not outer.type.endswith("_statement"):
        if outer.type == "call" and source_of(field(outer, "function") or outer) in _EXITS:
            return True
        if outer.type in COMPREHENSIONS or outer.type == "lambda":
            return False
        outer = outer.parent
    if outer is None or outer.type not in {"expression_statement", "raise_statement"}:
        return False
    return any(b"__name__" in ((field(one, "condition") or one).text or b"") for one in _conditions(outer))


def _conditions(statement: Node) -> Iterator[Node]:
    outer = statement.parent
    while outer is not None:
        if outer.type == "if_statement":
            yield outer
        outer = outer.parent


def _items(unit: Unit, use: Node, functions: tuple[Node, ...]) -> Changed:
    """The changes to one use of a generator, whose items will need ``async for``."""
    call = called(use)
    loop = call.parent if call is not None else None
    if loop is not None and loop.type in {"for_statement", "for_in_clause"} and field(loop, "right") == call:
        runs = unit.runs(loop.parent if loop.type == "for_in_clause" and loop.parent is not None else loop)
        is_right = runs is ExecutionContext.ASYNC or unit.function(loop) in functions
        # ``async for`` would turn it into an asynchronous generator, which its reader does not expect.
        is_lazy = loop.parent is not None and loop.parent.type == "generator_expression"
        if is_async(loop):
            return Changed()
        if is_right and not is_lazy and _is_left_early(loop) and any(cleans_up(one) for one in functions):
            return Changed(
                refused=f"{line_of_code(use).capitalize()} may leave the loop early, and the cleanup would come later"
            )
        if is_right and not is_lazy:
            return Changed((insert(loop.start_byte, "async "),))
    return Changed(
        refused=f"{line_of_code(use).capitalize()} takes its items without 'async for' or outside an async function"
    )


def _is_left_early(loop: Node) -> bool:
    """May a loop end before its items do?"""
    return bool(nodes_of(loop, LOOP_ENDS))


def cleans_up(generator: Node) -> bool:
    """Does a generator do something when it is closed?"""
    return bool(nodes_of(generator, _CLOSES))
