"""What the rules about lost coroutines share: is it one for sure, where is one held, and what awaits it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.analysis.rule import Fix
from loopwise.analysis.unit import Unit
from loopwise.semantics.bindings import Binding, Kind
from loopwise.semantics.infer import (
    Arguments,
    Function,
    Instance,
    Lambda,
    Signature,
    TypeVar,
    Unknown,
    Value,
    definitions,
    each,
    inheritance,
    reaching,
)
from loopwise.syntax import Node, decorators_of, field, is_async, node_at, nodes_of, path_to, span_of, text_of, unwrap
from loopwise.text import encode
from loopwise.writing import awaited

# Decorators that leave what a call gives as it is.
_PLAIN = frozenset("overload abstractmethod staticmethod classmethod override final wraps deprecated".split())
_ASKS = re.compile(r"(?i)is_?async|is_?coro|is_?awaitable")
_EXPECTS = re.compile(r"\b(?:raises|assertRaises\w*)\(\s*[\w.\s,(]*TypeError\b|\b(?:warns|assertWarns\w*)\(")
_IDENTIFIERS = frozenset({"identifier"})
_LABELS = {"attribute": "attribute", "keyword_argument": "name", "for_in_clause": "left"}
_DEFINITIONS = frozenset({"function_definition"})


def is_sure(unit: Unit, node: Node) -> bool:
    """Does the call give a coroutine whatever decorators, branches and tests around it may do?"""
    if node.type != "call" or not unit.gives_coroutine(node):
        return False
    called = each(unit.called(node))
    return all(_gives_one(unit, member) for member in called) and not _may_be_other(unit, node)


def call_label(unit: Unit, call: Node) -> str:
    """The name of what a call calls, for a message: ``Client.send()``."""
    callee = field(call, "function")
    functions = [member for member in each(unit.called(call)) if isinstance(member, Function)]
    name = functions[0].qualname if functions else " ".join(text_of(callee or call).split())
    return f"{name.rpartition('<locals>.')[2]}()"


def held_call(unit: Unit, name: Node) -> Node | None:
    """The call that made the coroutine in a local name; ``None`` if the name may be anything else there."""
    if name.type != "identifier" or unit.root.type == "module":
        return None
    somewhere = unit.per_edit.get(("coroutine locals", unit.root.id), lambda: _somewhere(unit))
    function = unit.function(name) if text_of(name) in somewhere else None
    made = coroutine_names(unit, function) if function is not None else {}
    if function is None or text_of(name) not in made:
        return None
    bindings = unit.file.table_of(function).by_name[text_of(name)]
    reached = reaching.reaching_bindings(bindings, function, path_to(unit.file.root, span_of(name)), name)
    found = [call for binding, call in made[text_of(name)] if binding in reached]
    return found[0] if len(found) == len(reached) else None


def _somewhere(unit: Unit) -> frozenset[str]:
    """The names that any function of the unit gives a coroutine."""
    functions = nodes_of(unit.root, _DEFINITIONS)
    return frozenset(name for function in functions for name in coroutine_names(unit, function))


def coroutine_names(unit: Unit, function: Node) -> dict[str, list[tuple[Binding, Node]]]:
    """The local names of a function that are given a coroutine, each with the calls that make it."""
    return unit.per_edit.get(("coroutine names", function.id), lambda: _coroutine_names(unit, function))


def _coroutine_names(unit: Unit, function: Node) -> dict[str, list[tuple[Binding, Node]]]:
    found: dict[str, list[tuple[Binding, Node]]] = {}
    for binding in unit.file.table_of(function).bindings:
        if binding.kind is not Kind.ASSIGN or binding.path or binding.value is None:
            continue
        node = node_at(function, binding.value.shifted(function.start_byte))
        value = unwrap(node) if node is not None else None
        if value is not None and is_sure(unit, value):
            found.setdefault(binding.name, []).append((binding, value))
    return found


def reads(function: Node, bindings: tuple[Binding, ...]) -> Iterator[Node]:
    """The places in a function, nested ones included, that read the name of the bindings."""
    name = bindings[0].name if bindings else ""
    bound = {binding.at.shifted(function.start_byte) for binding in bindings}
    if encode(name) in (function.text or b""):
        for node in nodes_of(function, _IDENTIFIERS):
            if text_of(node) == name and span_of(node) not in bound and not _is_label(node):
                yield node


def is_expected(unit: Unit, node: Node) -> bool:
    """Does a test around ``node`` expect that the call itself fails, or that Python warns of it?"""
    heads = (child for outer in unit.around(node) if outer.type == "with_statement" for child in outer.named_children)
    return any(head.type == "with_clause" and _EXPECTS.search(text_of(head)) for head in heads)


def await_fix(unit: Unit, node: Node, title: str = "Await it", *, safe: bool = True) -> Fix:
    """``await`` put before an expression, where that can stand."""
    if unit.runs(node) in {ExecutionContext.ASYNC, ExecutionContext.CELL}:
        return Fix(title, awaited(node), safe=safe)
    return Fix(title, (), safe=False, refused=f"await can only stand in an async function, and {_where(unit, node)}")


def _where(unit: Unit, node: Node) -> str:
    if unit.runs(node) is ExecutionContext.LAMBDA:
        return "a lambda or generator expression is none"
    function = unit.function(node)
    name = field(function, "name") if function is not None else None
    return f"{text_of(name)}() is none" if name is not None else "this is in none"


def _is_label(name: Node) -> bool:
    """Is a name that of an attribute or a keyword argument, or what a comprehension gives its items?"""
    outer = name.parent
    part = _LABELS.get(outer.type) if outer is not None else None
    return outer is not None and part is not None and field(outer, part) == name


def _gives_one(unit: Unit, callee: Value) -> bool:
    """Does what is called say itself that it gives a coroutine, and leave its decorators it at that?"""
    if isinstance(callee, Function):
        nodes = callee.nodes
        return all(_says_so(unit, callee, node) for node in nodes) and not _is_one_of_several(callee)
    if isinstance(callee, Instance):
        method = unit.ev.attribute(callee, "__call__")
        return isinstance(method, Function) and _gives_one(unit, method)
    if isinstance(callee, Lambda):
        body = field(callee.node, "body")
        return body is not None and body.type == "call"
    return isinstance(callee, Signature)


def _says_so(unit: Unit, function: Function, node: Node) -> bool:
    if not all(_is_settled(unit, function, mark) for mark in decorators_of(node)):
        return False
    annotation = field(node, "return_type")
    if is_async(node):
        return True
    if annotation is not None:
        return unit.is_coroutine(unit.ev.annotation(function.file, annotation))
    spans = (span.shifted(node.start_byte) for span in function.file.table_of(node).returns)
    returned = (node_at(function.file.root, span) for span in spans)
    return all(value is not None and unwrap(value).type == "call" for value in returned)


def _is_settled(unit: Unit, function: Function, decorator: Node) -> bool:
    """Is it known what a decorator makes of a function?"""
    callee = field(decorator, "function") if decorator.type == "call" else decorator
    if callee is None or text_of(callee).rpartition(".")[2] in _PLAIN:
        return True
    result = unit.ev.called(unit.ev.value(function.file, decorator), Arguments.of_values((function,)))
    if isinstance(result, Signature):
        return not isinstance(result.result, (Unknown, TypeVar))
    return isinstance(result, (Function, Instance))


def _is_one_of_several(function: Function) -> bool:
    """Is the function defined a second time, and not as a coroutine function: in another branch?"""
    unit = next(iter(reversed(_scopes(function))), function.file.root)
    bindings = function.file.table_of(unit).by_name.get(function.qualname.rpartition(".")[2], ())
    if len(bindings) < 2 or definitions.has_overloads(function.file, unit, bindings):
        return False
    return any(not _is_async_def(function, unit, binding) for binding in bindings)


def _scopes(function: Function) -> list[Node]:
    node = function.nodes[0]
    path = path_to(function.file.root, span_of(node))
    return [outer for outer in path if outer.type in {"class_definition", "function_definition"} and outer != node]


def _is_async_def(function: Function, unit: Node, binding: Binding) -> bool:
    if binding.kind is not Kind.FUNCTION or binding.value is None:
        return False
    node = node_at(function.file.root, binding.value.shifted(unit.start_byte))
    return node is not None and is_async(node)


def _may_be_other(unit: Unit, call: Node) -> bool:
    """Does the code ask what it calls, or put something else in its place?"""
    callee = field(call, "function")
    if callee is None or _asks_around(unit, call):
        return True
    name, receiver = field(callee, "attribute"), field(callee, "object")
    if name is None or receiver is None:
        return False
    data = unit.file.source.data
    if re.search(rb"\." + re.escape(name.text or b"") + rb"[ \t]*(?::[^=\n]*)?=(?!=)", data):
        return True
    return _is_narrowed(unit, call, text_of(receiver)) or _is_overridden(unit, call)


def _is_overridden(unit: Unit, call: Node) -> bool:
    """Does a class of this file that derives from the receiver's class have a plain method in its place?"""
    methods = [m for m in each(unit.called(call)) if isinstance(m, Function) and isinstance(m.bound, Instance)]
    for method in methods:
        name = method.qualname.rpartition(".")[2]
        if not re.search(rb"(?<!async )\bdef[ \t]+" + re.escape(encode(name)) + rb"\b", unit.file.source.data):
            continue
        for node in nodes_of(unit.file.root, _DEFINITIONS) if method.owner is not None else ():
            owner = unit.owner(node) if text_of(field(node, "name") or node) == name and not is_async(node) else None
            bases = inheritance.mro(unit.ev, owner)[1:] if owner is not None else ()
            if any(method.owner is not None and base.node == method.owner.node for base in bases):
                return True
    return False


def _asks_around(unit: Unit, node: Node) -> bool:
    """Does a condition around ``node`` ask whether something is a coroutine?"""
    for outer in unit.around(node):
        if outer.type in {"if_statement", "while_statement"}:
            parts = [field(part, "condition") for part in (outer, *outer.children_by_field_name("alternative"))]
        elif outer.type in {"conditional_expression", "boolean_operator"}:
            parts = [part for part in outer.named_children if not _holds(part, node)]
        else:
            continue
        if any(part is not None and _ASKS.search(text_of(part)) for part in parts):
            return True
    return False


def _is_narrowed(unit: Unit, call: Node, receiver: str) -> bool:
    """Does the function ask of which class the receiver is, other than to be sure of it here?"""
    function = unit.function(call)
    asked = re.compile(rf"\bisinstance\(\s*{re.escape(receiver)}\s*,\s*(?P<cls>[\w.]+)\s*\)")
    if function is None or not asked.search(text_of(function)):
        return False
    owners = [m.owner.node for m in each(unit.called(call)) if isinstance(m, Function) and m.owner is not None]
    names = {text_of(name) for owner in owners if (name := field(owner, "name")) is not None}
    for outer in unit.around(call):
        test = field(outer, "condition") if outer.type == "if_statement" else None
        body = field(outer, "consequence")
        found = asked.fullmatch(text_of(test)) if test is not None else None
        if found is not None and body is not None and _holds(body, call):
            return found["cls"].rpartition(".")[2] not in names
    return True


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
