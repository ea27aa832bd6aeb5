"""Describes one of the user's own functions: its kind, what it awaits and what it starts."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.bindings import File
from loopwise.semantics.infer import Function, is_generator
from loopwise.syntax import (
    SCOPES,
    Node,
    arguments_of,
    awaited_part,
    decorators_of,
    field,
    is_async,
    parts_of,
    text_of,
    walk,
)

_STARTERS = frozenset(
    "asyncio.create_task asyncio.ensure_future asyncio.TaskGroup.create_task asyncio.loop.create_task"
    " asyncio.run_coroutine_threadsafe asyncio.gather asyncio.run asyncio.Runner.run asyncio.to_thread"
    " asyncio.loop.run_in_executor asyncio.loop.run_until_complete".split()
)
_STARTER_NAMES = frozenset(name.rpartition(".")[2] for name in _STARTERS)
_MOST = 8  # calls named in a hover: one line each for awaits and starts


class Outline(msgspec.Struct, frozen=True):
    """A short description of a function; names as written in it."""

    name: str
    kind: str  # "coroutine function", "async generator function", "function"
    signature: str  # parameters and annotated result, as written
    awaits: tuple[str, ...]
    starts: tuple[str, ...]
    library: str = ""
    """For a library's function, the library and its version; empty for the user's own."""
    documentation: str = ""
    """The first paragraph of its docstring."""


def outline(view: View, function: Function) -> Outline | None:
    """The outline of an async function, or of a plain one that starts tasks; else ``None``."""
    node = function.nodes[-1]
    body = field(node, "body")
    if body is None or node.type != "function_definition":
        return None
    starts = tuple(dict.fromkeys(_started(view, function.file, body)))[:_MOST]
    if not is_async(node) and not starts:
        return None
    awaits = tuple(dict.fromkeys(_awaited(body)))[:_MOST]
    return Outline(function.qualname, _kind(node), signature_of(node), awaits, starts)


def _kind(node: Node) -> str:
    names = [text_of(expression) for expression in decorators_of(node)]
    if any(name.endswith("asynccontextmanager") for name in names):
        return "async context manager function"
    if not is_async(node):
        return "function"
    return "async generator function" if is_generator(node) else "coroutine function"


def signature_of(node: Node) -> str:
    """Parameters and result annotation of a function, as written, on one line."""
    parameters, result = field(node, "parameters"), field(node, "return_type")
    text = " ".join(text_of(parameters).split()) if parameters is not None else "()"
    return f"{text} -> {text_of(result)}" if result is not None else text


def _awaited(body: Node) -> Iterator[str]:
    for node in walk(body, skip=SCOPES):
        if node.type == "await" and (awaited := awaited_part(node)) is not None:
            yield _called(awaited)
        elif node.type == "for_statement" and is_async(node):
            yield _called(field(node, "right") or node)
        elif node.type == "with_item" and _in_async_with(node):
            yield _called(field(node, "value") or node)


def _in_async_with(item: Node) -> bool:
    clause = item.parent
    statement = clause.parent if clause is not None else None
    return statement is not None and is_async(statement)


def _called(node: Node) -> str:
    """The name of the awaited callee: ``self.fetch`` in ``self.fetch(url)``."""
    if node.type == "as_pattern" and parts_of(node):
        node = parts_of(node)[0]
    if node.type == "call":
        function = field(node, "function")
        node = function if function is not None else node
    text = " ".join(text_of(node).split())
    return text if len(text) <= 40 else text[:39] + "…"


def _started(view: View, file: File, body: Node) -> Iterator[str]:
    for node in walk(body, skip=SCOPES):
        function = field(node, "function") if node.type == "call" else None
        if function is None or text_of(function).rpartition(".")[2] not in _STARTER_NAMES:
            continue
        name = symbols.name_of(view.api, view.evaluator.value(file, function))
        if name in _STARTERS:
            positional, _, _ = arguments_of(node)
            index = 1 if name == "asyncio.loop.run_in_executor" else 0
            yield from (_called(argument) for argument in positional[index : index + 1])
