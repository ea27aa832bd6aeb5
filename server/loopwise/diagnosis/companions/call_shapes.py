"""The shapes of calls and of their results."""

from __future__ import annotations

import builtins

from loopwise.diagnosis.companions.definitions import called, own
from loopwise.diagnosis.companions.naming import named
from loopwise.diagnosis.companions.places import around, function_of, position, runs_in
from loopwise.semantics.bindings import File
from loopwise.syntax import Node, field, nodes_of, parts_of, text_of, unwrap

UNKNOWN = "?"
"""Stands for an unknown part of a shape."""


def name_of(file: File, node: Node | None) -> str:
    found = named(file, node) if node is not None else None
    return str(found) if found is not None else UNKNOWN


def callee_of(node: Node) -> Node | None:
    return field(node, "function") if node.type == "call" else None


def outside_async(node: Node) -> str:
    """The kind of scope that runs a node; empty for a coroutine function."""
    where = runs_in(node)
    return "" if where == "async" else f" in {where}"


def blocking_call(file: File, node: Node) -> str:
    """A blocking call."""
    name = name_of(file, callee_of(node))
    mode = ""
    if name.startswith("os.spawn") and (arguments := field(node, "arguments")) is not None:
        mode = next((f" {text_of(n).rpartition('.')[2]}" for n in parts_of(arguments) if "P_" in text_of(n)), "")
    return UNKNOWN if name == UNKNOWN else f"{name}{mode}{outside_async(node)}"


def started_task(file: File, node: Node) -> str:
    """A started task, and the use of its result."""
    callee = callee_of(node)
    name = name_of(file, callee)
    if name == UNKNOWN and callee is not None and callee.type == "attribute":
        name = f"?.{text_of(field(callee, 'attribute') or callee)}"
    return f"{name} as {position(node)}"


def unawaited(file: File, node: Node) -> str:
    """A coroutine that is never awaited."""
    return f"{called(file, node)} as {position(node)}"


def used_as_value(file: File, node: Node) -> str:
    """A coroutine that is used as if it were its result."""
    inner = unwrap(node)
    outer = inner.parent
    if outer is None:
        return UNKNOWN
    index = parts_of(outer).index(inner) if inner in parts_of(outer) else -1
    extra = ""
    if outer.type in {"binary_operator", "comparison_operator"}:
        extra = " " + next((text_of(child) for child in outer.children if not child.is_named), "")
    if outer.type == "argument_list" and outer.parent is not None:
        extra = f" of {name_of(file, callee_of(outer.parent))}"
    return f"{called(file, inner)} as {outer.type} {index}{extra}"


def dropped_name(file: File, node: Node) -> str:
    """A name that is assigned a coroutine and never read."""
    outer = around(node, "assignment", "named_expression", "block", "module")
    target = field(outer, "left") or field(outer, "name") if outer is not None else None
    if outer is None or target is None:
        return UNKNOWN
    name = text_of(target)
    scope = function_of(outer) or file.root
    uses = sum(text_of(node) == name for node in nodes_of(scope, frozenset({"identifier"})))
    dummy = " dummy" if name.startswith("_") or name in {"unused", "ignored"} else ""
    annotated = " annotated" if field(outer, "type") is not None else ""
    return f"{outer.type} {target.type}{dummy}{annotated} used {min(uses - 1, 1)}{outside_async(outer)}"


def managed(file: File, node: Node) -> str:
    """A context manager or iterable, by its definition."""
    inner = unwrap(node)
    if inner.type not in {"identifier", "attribute", "call"}:
        return inner.type
    name = name_of(file, inner)
    module, _, builtin = name.partition("(")[0].rpartition(".")
    is_known = name != UNKNOWN and (module != "builtins" or hasattr(builtins, builtin))
    return name if is_known else own(file, inner)


def consumed(file: File, node: Node) -> str:
    """An object of the wrong kind for its consumer: a call, ``await``, unpacking, ``in``."""
    what = node.type if node.type == "generator_expression" else managed(file, node)
    outer = node.parent
    if outer is None:
        return UNKNOWN
    if outer.type in {"call", "argument_list"}:
        place = parts_of(outer).index(node) if outer.type == "argument_list" else "all"
        call = around(outer, "call")
        callee = callee_of(call) if call is not None else None
        return f"{what} as {place} of {_consumer(file, callee)}"
    target = field(outer, "left")
    return f"{what} as {outer.type}{f' to {target.type}' if target is not None and target != node else ''}"


def _consumer(file: File, callee: Node | None) -> str:
    """The name of a function, or that of a method of a literal text."""
    owner = field(callee, "object") if callee is not None and callee.type == "attribute" else None
    if callee is not None and owner is not None and owner.type == "string":
        return f"str.{text_of(field(callee, 'attribute') or callee)}"
    return name_of(file, callee)


def argument(file: File, node: Node) -> str:
    """A function that is passed where a coroutine is expected."""
    outer = node.parent
    call = outer.parent if outer is not None and outer.type == "argument_list" else None
    if outer is None or call is None:
        return UNKNOWN
    return f"{own(file, node)} as {parts_of(outer).index(node)} of {name_of(file, callee_of(call))}"


def dated(file: File, node: Node) -> str:
    """A name or parameter of asyncio that some Pythons lack."""
    statement = around(node, "import_from_statement")
    module = field(statement, "module_name") if statement is not None else None
    if module is not None:
        return f"import {text_of(module)}.{text_of(node)}"
    argument = node if node.type == "keyword_argument" else node.parent
    name = field(argument, "name") if argument is not None and argument.type == "keyword_argument" else None
    call = around(node, "call") if name is not None and node in {name, argument} else None
    if name is not None and call is not None:
        return f"{text_of(name)}= of {name_of(file, callee_of(call))}"
    outer = around(node, "type", "block", "module")
    return f"{dotted(file, node)}{' in annotation' if outer is not None and outer.type == 'type' else ''}"


def dotted(file: File, node: Node) -> str:
    return name_of(file, node) if node.type in {"identifier", "attribute"} else UNKNOWN
