"""Methods that are placeholders for others, and methods that others may replace."""

from __future__ import annotations

import re

from loopwise.analysis.unit import Unit
from loopwise.semantics.infer import Function, Instance, decorator_names, definitions, each, inheritance
from loopwise.syntax import FUNCTIONS, Node, field, is_async, nodes_of, parts_of, text_of, unwrap
from loopwise.text import encode


def is_stub(function: Node) -> bool:
    """Is a function a placeholder: abstract, or with only ``...``, a docstring or ``raise NotImplementedError``?"""
    if "abstractmethod" in decorator_names(function):
        return True
    body = field(function, "body")
    statements = [child for child in parts_of(body) if child.type != "comment"] if body is not None else []
    first = next((one for one in statements if not is_said(one)), None)
    if first is None:
        return bool(statements)
    return first.type == "raise_statement" and "NotImplemented" in text_of(first)


def is_said(statement: Node) -> bool:
    """Is a statement a docstring, or ``...``?"""
    return statement.type == "expression_statement" and unwrap(statement).type in {"string", "ellipsis"}


def is_replaced(unit: Unit, attribute: Node) -> bool:
    """May something else replace a method: an assignment in the file, or a subclass?"""
    name = field(attribute, "attribute") or attribute
    assigned = rb"\." + re.escape(name.text or b"") + rb"[ \t]*(?::[^=\n]*)?=(?!=)"
    if re.search(assigned, unit.file.source.data):
        return True
    methods = [m for m in each(unit.value(attribute)) if isinstance(m, Function) and isinstance(m.bound, Instance)]
    return any(overridden(unit, method) for method in methods)


def overridden(unit: Unit, method: Function) -> bool:
    """Does a subclass of the method's class override it with another kind of function?"""
    name, kind = method.qualname.rpartition(".")[2], _kind(method.nodes[0])
    if method.owner is None:
        return False
    full = f"{method.owner.qualname.rpartition('.')[2]}.{name}"
    # For a plain method it is known only that another module overrides it, and that the name is also that of a
    # coroutine function; that is enough doubt.
    if kind != (True, True) and full in unit.project_overrides:
        return True
    pattern = rb"\bdef[ \t]+" + re.escape(encode(name)) + rb"\b"
    if len(re.findall(pattern, unit.file.source.data)) < 2:
        return False
    for node in nodes_of(unit.file.root, FUNCTIONS):
        owner = unit.owner(node) if text_of(field(node, "name") or node) == name and _kind(node) != kind else None
        bases = inheritance.mro(unit.ev, owner)[1:] if owner is not None else ()
        if any(base.node == method.owner.node for base in bases):
            return True
    return False


def chooses(unit: Unit, call: Node) -> bool:
    """Does a function of the project return different things, depending on a parameter, whatever its annotation is?"""
    functions = [one for one in each(unit.called(call)) if isinstance(one, Function)] if call.type == "call" else []
    return any(
        not one.file.is_stub and len(one.file.table_of(node).returns) > 1 for one in functions for node in one.nodes
    )


def _kind(function: Node) -> tuple[bool, bool]:
    return is_async(function), definitions.is_generator(function)
