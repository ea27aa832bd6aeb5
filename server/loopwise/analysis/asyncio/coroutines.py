"""Shared by the rules about lost coroutines: is a value one for certain, where is it held, and where awaited."""

from __future__ import annotations

import re
from collections.abc import Sequence

from loopwise.analysis.asyncio.evidence import coroutine, of_property
from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.flow import asked_about, dropped, own, read_at_once
from loopwise.analysis.prefilter import callee_word
from loopwise.analysis.rule import Evidence, Fix
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.infer import UNKNOWN, Function, Unknown, Value, each, reaching
from loopwise.syntax import (
    FUNCTIONS,
    IDENTIFIERS,
    TRAILERS,
    Node,
    await_of,
    field,
    node_at,
    nodes_of,
    parts_of,
    path_to,
    span_of,
    text_of,
    unwrap,
)
from loopwise.text import Edit, Span, decode
from loopwise.writing import awaited, in_list, merged

# Tests that pass a coroutine on purpose, to see a TypeError or the "never awaited" warning.
_EXPECTS = re.compile(r"\b(?:raises|assertRaises\w*)\(\s*[\w.\s,(]*TypeError\b|\b(?:warns|assertWarns\w*)\(")
# The field in which a name is a label or a target of its own, by the type of its parent.
_LABELS = {"attribute": "attribute", "keyword_argument": "name", "for_in_clause": "left"}
# asyncio functions whose result is a future or task even if it is never awaited.
_FUTURE_MAKERS = frozenset("create_task ensure_future gather shield wrap_future run_in_executor create_future".split())
_MAKES_FUTURES = re.compile(rb"\b(?:" + "|".join(sorted(_FUTURE_MAKERS)).encode() + rb")\(")
# Judged by text, because evaluating every call of a large file to find a few futures is too slow.
_GIVEN_FUTURES = re.compile(rb"\b(\w+)[ \t]*(?::[^=\n]*)?:?=[^=\n]*?" + _MAKES_FUTURES.pattern)


def call_label(unit: Unit, call: Node) -> str:
    """The callee's name for a message: ``Client.send()``."""
    callee = field(call, "function")
    functions = [member for member in each(unit.called(call)) if isinstance(member, Function)]
    name = functions[0].qualname if functions else " ".join(text_of(callee or call).split())
    return f"{name.rpartition('<locals>.')[2]}()"


def held_call(unit: Unit, name: Node) -> Node | None:
    """The call that created the coroutine in a local name; ``None`` if the name may be anything else there.

    Bindings to awaited results on other paths are ignored: they show that the coroutine's result was meant here too.
    """
    if name.type != "identifier" or unit.root.type == "module":
        return None
    somewhere = unit.per_edit.get(("coroutine locals", unit.root.id), lambda: _somewhere(unit))
    function = unit.function(name) if text_of(name) in somewhere else None
    made = coroutine_names(unit, function) if function is not None else {}
    if function is None or text_of(name) not in made:
        return None
    bindings = unit.file.table_of(function).by_name[text_of(name)]
    reached = reaching.reaching_bindings(bindings, function, path_to(unit.file.root, span_of(name)), name)
    found = {binding: call for binding, call in made[text_of(name)] if binding in reached}
    if not found or not all(one in found or _is_awaited_value(function, one) for one in reached):
        return None
    if len(found) < len(reached) and re.search(rf"\bawait\s+{text_of(name)}\b", text_of(function)):
        return None  # perhaps only where it is one
    return next(iter(found.values()))


def _is_awaited_value(function: Node, binding: Binding) -> bool:
    """Is a name bound to the result of an ``await``, as it should have been on the other path too?"""
    span = binding.value
    node = node_at(function, span.shifted(function.start_byte)) if span is not None else None
    return binding.kind is Kind.ASSIGN and node is not None and unwrap(node).type == "await"


def given(unit: Unit, node: Node) -> Evidence:
    """The evidence that a call, local name or attribute (a property) is a coroutine that was not awaited."""
    if node.type == "call":
        return coroutine(unit, node)
    if node.type == "attribute":
        name = field(node, "attribute")
        may_be = name is not None and (unit.coroutines is None or text_of(name) in unit.coroutines)
        is_one = may_be and unit.gives_coroutine(node) and not asked_about(unit, node)
        return of_property(unit, node) if is_one else Evidence.NONE
    call = held_call(unit, node)
    return Evidence.NONE if call is None or asked_about(unit, node) else coroutine(unit, call)


def is_future(unit: Unit, node: Node) -> bool:
    """Is a call or a local name a future or task of asyncio, regardless of annotations?"""
    made = unit.per_edit.get(("makes futures", unit.root.id), lambda: _future_words(unit.root.text or b""))
    word = callee_word(node, unit.aliases) if node.type == "call" else text_of(node)
    if node.type not in {"call", "identifier"} or word not in made:
        return False
    return unit.is_instance(unit.value(node), "asyncio.Future") and unit.is_instance(
        unit.doubting.value(unit.file, node), "asyncio.Future"
    )


def _future_words(data: bytes) -> frozenset[str]:
    """The names that a text assigns futures to, and those of the functions that create futures."""
    if _MAKES_FUTURES.search(data) is None:
        return frozenset()
    return _FUTURE_MAKERS | {decode(name) for name in _GIVEN_FUTURES.findall(data)}


def _somewhere(unit: Unit) -> frozenset[str]:
    """The names that any function of the unit assigns a coroutine to."""
    functions = nodes_of(unit.root, FUNCTIONS)
    return frozenset(name for function in functions for name in coroutine_names(unit, function))


def coroutine_names(unit: Unit, function: Node) -> dict[str, list[tuple[Binding, Node]]]:
    """The local names of a function that are assigned a coroutine, each with the calls that create it."""
    return unit.per_edit.get(("coroutine names", function.id), lambda: _coroutine_names(unit, function))


def _coroutine_names(unit: Unit, function: Node) -> dict[str, list[tuple[Binding, Node]]]:
    found: dict[str, list[tuple[Binding, Node]]] = {}
    for binding in unit.file.table_of(function).bindings:
        if binding.kind is not Kind.ASSIGN or binding.path or binding.value is None:
            continue
        node = node_at(function, binding.value.shifted(function.start_byte))
        value = unwrap(node) if node is not None else None
        if value is not None and coroutine(unit, value):
            found.setdefault(binding.name, []).append((binding, value))
    return found


def reads(unit: Unit, function: Node, name: str) -> Sequence[Node]:
    """The nodes in a function, nested functions included, that read a name bound in it."""
    return unit.per_edit.get(("reads", function.id), lambda: _reads(unit, function)).get(name, ())


def _reads(unit: Unit, function: Node) -> dict[str, list[Node]]:
    """The nodes that read names bound by the function, by name."""
    found: dict[str, list[Node]] = {}
    by_name = unit.file.table_of(function).by_name
    bound = {one.at.shifted(function.start_byte) for bindings in by_name.values() for one in bindings}
    for node in nodes_of(function, IDENTIFIERS):
        name = text_of(node)
        if name in by_name and span_of(node) not in bound and not _is_label(node):
            found.setdefault(name, []).append(node)
    return found


def is_expected(unit: Unit, node: Node) -> bool:
    """Does a test around ``node`` expect the call itself to fail, or Python to warn about it?"""
    heads = (child for outer in unit.around(node) if outer.type == "with_statement" for child in parts_of(outer))
    return any(head.type == "with_clause" and _EXPECTS.search(text_of(head)) for head in heads)


def drops_coroutine(unit: Unit, block: Node) -> bool:
    """Does a statement of a block drop a coroutine?  With the ``await`` that it lacks, the block waits."""
    statements = own(block, frozenset({"expression_statement"}))
    calls = (call for statement in statements for call in dropped(statement))
    return any(given(unit, call) and not is_expected(unit, call) for call in calls)


def await_fix(unit: Unit, node: Node, title: str = "Await the call", *, safe: bool = True) -> Fix:
    """A fix that puts ``await`` before an expression, if that is allowed there."""
    if unit.runs(node) in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        taken, value = _taken(unit, node)
        wait = await_of(taken) if taken != node else None
        if wait is None or _is_awaitable(unit, value):
            return Fix(title, awaited(node), safe=safe)
        known = safe and not isinstance(value, Unknown)
        return Fix("Move the await", (_without_await(wait), *awaited(node)), safe=known)
    generator = read_at_once(unit, node)
    if generator is not None:
        return Fix("Await the call in a list comprehension", merged((*in_list(generator), *awaited(node))), safe=False)
    return Fix(title, (), safe=False, refused=f"'await' is only allowed in an async function, and {_where(unit, node)}")


def _taken(unit: Unit, node: Node) -> tuple[Node, Value]:
    """The outermost of the attributes, items and calls on a coroutine, and its value if the coroutine were awaited."""
    value, outer = unit.ev.awaited(unit.value(node)), node.parent
    while outer is not None and outer.type in TRAILERS and parts_of(outer)[0] == node:
        if outer.type == "attribute":
            value = unit.ev.attribute(value, text_of(field(outer, "attribute") or outer))
        else:
            value = unit.ev.called(value) if outer.type == "call" else UNKNOWN
        node, outer = outer, outer.parent
    return node, value


def _is_awaitable(unit: Unit, value: Value) -> bool:
    return unit.is_coroutine(value) or unit.is_instance(value, "asyncio.Future", "asyncio.Task")


def _without_await(wait: Node) -> Edit:
    return Edit(Span(wait.start_byte, parts_of(wait)[0].start_byte), b"")


def _where(unit: Unit, node: Node) -> str:
    if unit.runs(node) is ExecutionContext.LAMBDA:
        return "this is a lambda or generator expression"
    function = unit.function(node)
    name = field(function, "name") if function is not None else None
    return f"{text_of(name)}() is not one" if name is not None else "this is not in one"


def _is_label(name: Node) -> bool:
    """Is a name the label of an attribute or keyword argument, or the target of a comprehension?"""
    outer = name.parent
    part = _LABELS.get(outer.type) if outer is not None else None
    return outer is not None and part is not None and field(outer, part) == name
