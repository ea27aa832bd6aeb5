"""Methods that are placeholders for others, and methods that others may replace."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loopwise.analysis.prefilter import library_coroutines
from loopwise.analysis.unit import Unit
from loopwise.semantics.index import coroutine_functions
from loopwise.semantics.infer import ClassObject, Function, Instance, decorator_names, definitions, each, inheritance
from loopwise.syntax import CLASSES, FUNCTIONS, Node, field, first_of, is_async, nodes_of, parts_of, text_of, unwrap
from loopwise.text import decode, encode

_OWN = re.compile(rb"\b(?:self|cls)\.(\w+)")


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
    if (kind != (True, True) and full in unit.project_overrides) or (
        kind != (True, False) and f"async {full}" in unit.project_overrides
    ):
        return True
    pattern = rb"\bdef[ \t]+" + re.escape(encode(name)) + rb"\b"
    if len(re.findall(pattern, unit.file.source.data)) < 2:
        return False
    for node in nodes_of(unit.file.root, FUNCTIONS):
        owner = unit.owner(node) if text_of(field(node, "name") or node) == name and _kind(node) != kind else None
        if owner is not None and any(_is_before(unit, owner, method.owner, cls) for cls in _classes(unit)):
            return True
    return False


def uses_overridden(unit: Unit, method: Function) -> bool:
    """Does a method use members of its object that the object's class defines anew?"""
    if method.owner is None or not isinstance(method.bound, Instance):
        return False
    names = {decode(name) for node in method.nodes for name in _OWN.findall(node.text or b"")}
    for base in inheritance.mro(unit.ev, method.bound.cls):
        if base.node == method.owner.node:
            return False
        if not base.file.is_stub and not names.isdisjoint(base.file.table_of(base.node).by_name):
            return True
    return False


def is_receiver(unit: Unit, node: Node) -> bool:
    """Is it the first parameter of a method, whose object may be of a subclass with more members?"""
    if node.type != "identifier":
        return False
    function = unit.function(node)
    while function is not None:
        parameters = field(function, "parameters")
        first = first_of(parameters) if parameters is not None else None
        if unit.owner(function) is not None and first is not None and text_of(first) == text_of(node):
            return True
        function = unit.function(function)
    return False


def _classes(unit: Unit) -> list[ClassObject]:
    """The classes of a file, outside functions."""
    return unit.per_edit.get("classes", lambda: list(_classes_of(unit)))


def _classes_of(unit: Unit) -> Iterator[ClassObject]:
    for node in nodes_of(unit.file.root, CLASSES):
        name = field(node, "name")
        values = each(unit.value(name)) if name is not None else ()
        yield from (one for one in values if isinstance(one, ClassObject) and one.node == node)


def _is_before(unit: Unit, first: ClassObject, second: ClassObject, cls: ClassObject) -> bool:
    """Does a class look for its members in the class ``first`` before it does so in ``second``?"""
    nodes = [base.node for base in inheritance.mro(unit.ev, cls)]
    return first.node in nodes and second.node in nodes[nodes.index(first.node) + 1 :]


def chooses(unit: Unit, call: Node) -> bool:
    """Does a function of the project return different things, depending on a parameter, whatever its annotation is?"""
    functions = [one for one in each(unit.called(call)) if isinstance(one, Function)] if call.type == "call" else []
    return any(
        not one.file.is_stub and len(one.file.table_of(node).returns) > 1 for one in functions for node in one.nodes
    )


def is_coroutine_name(unit: Unit, name: str) -> bool:
    """Is it the name of a coroutine function of the project, or of the file where no project is known?"""
    known = unit.coroutines
    if known is None:
        known = unit.per_edit.get("coroutine functions", lambda: frozenset(coroutine_functions(unit.file.source.data)))
    return name in known


def may_be_overridden(unit: Unit, owner: ClassObject, name: str) -> bool:
    """Does a class derive from a method's, and is its name that of a coroutine function of the project?"""
    last = owner.qualname.rpartition(".")[2]
    if f"{last}.{name}" in unit.project_overrides:
        return True
    files = (unit.file, owner.file)
    # Many names of asyncio's methods, ``stop`` and ``reset``, are those of plain methods elsewhere.
    if name in library_coroutines() and not any(name in coroutine_functions(file.source.data) for file in files):
        return False
    derived = re.compile(rb"\bclass \w+\([^)]*\b" + encode(last) + rb"\b")
    return is_coroutine_name(unit, name) and any(derived.search(file.source.data) for file in files)


def _kind(function: Node) -> tuple[bool, bool]:
    return is_async(function), definitions.is_generator(function)
