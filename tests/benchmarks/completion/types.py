"""Tells the class of asyncio that an expression, a name or an attribute has, as far as one file's text shows it."""

from __future__ import annotations

import ast
import asyncio
import asyncio.base_events
import asyncio.subprocess

from completion.lookup import Module, attribute_values, is_name, looked_up

# Results of calls of asyncio that are not instances of the class that is called.
GIVES: dict[str, type | tuple[type, ...]] = {
    "create_task": asyncio.Task,
    "ensure_future": asyncio.Future,
    "gather": asyncio.Future,
    "shield": asyncio.Future,
    "get_event_loop": asyncio.AbstractEventLoop,
    "get_running_loop": asyncio.AbstractEventLoop,
    "new_event_loop": asyncio.AbstractEventLoop,
}
GIVES_AWAITED: dict[str, type | tuple[type, ...]] = {
    "open_connection": (asyncio.StreamReader, asyncio.StreamWriter),
    "open_unix_connection": (asyncio.StreamReader, asyncio.StreamWriter),
    "start_server": asyncio.base_events.Server,
    "start_unix_server": asyncio.base_events.Server,
    "create_subprocess_exec": asyncio.subprocess.Process,
    "create_subprocess_shell": asyncio.subprocess.Process,
}
METHODS_GIVE = {"create_future": asyncio.Future, "create_task": asyncio.Task}


def type_of(module: Module, place: ast.AST, node: ast.AST | None) -> type | tuple[type, ...] | None:
    """Return the class of asyncio of an expression or an annotation; None if its text does not show it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return None
    if isinstance(node, ast.Await):
        called = module.asyncio_name(node.value.func) if isinstance(node.value, ast.Call) else None
        return GIVES_AWAITED.get(called or "")
    if isinstance(node, ast.Call):
        return _type_of_call(module, place, node)
    if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value is None:
        return type_of(module, place, node.left)
    if isinstance(node, ast.Subscript):
        if is_name(node.value, "Optional"):
            return type_of(module, place, node.slice)
        whole = type_of(module, place, node.value)
        if isinstance(whole, tuple) and isinstance(node.slice, ast.Constant):
            return whole[node.slice.value] if node.slice.value < len(whole) else None
        return whole
    if isinstance(node, (ast.Attribute, ast.Name)):
        return _class_named(module.asyncio_name(node))
    return None


def _type_of_call(module: Module, place: ast.AST, node: ast.Call) -> type | tuple[type, ...] | None:
    name = module.asyncio_name(node.func)
    if name:
        return GIVES.get(name) or _class_named(name)
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS_GIVE:
        owner = type_of_object(module, place, node.func.value)
        return METHODS_GIVE[node.func.attr] if hasattr(owner, node.func.attr) else None
    return None


def _class_named(name: str | None) -> type | None:
    found = getattr(asyncio, name or "", None)
    return found if isinstance(found, type) and not issubclass(found, BaseException) else None


def type_of_object(module: Module, place: ast.AST, node: ast.AST) -> type | None:
    """Return the class of asyncio that a name, or an attribute of `self`, holds, if all bindings in this file agree."""
    if isinstance(node, ast.Name):
        _, found = looked_up(module, place, node.id)
        givers = [given for _, given in found]
    elif isinstance(node, ast.Attribute) and is_name(node.value, "self"):
        owner = module.own_class(place)
        givers = attribute_values(owner, node.attr) if owner else []
    else:
        return None
    kinds = {type_of(module, place, given) for given in givers if not _is_none(given)}
    kind = kinds.pop() if len(kinds) == 1 else None
    return kind if isinstance(kind, type) else None


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
