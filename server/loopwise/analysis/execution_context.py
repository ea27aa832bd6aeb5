"""The context in which code runs."""

from __future__ import annotations

from enum import Enum

from loopwise.syntax import Node, field, is_async, parts_of


class ExecutionContext(Enum):
    """The innermost scope that runs a piece of code, by kind."""

    ASYNC = "coroutine function"
    SYNC = "function"
    LAMBDA = "lambda"
    CLASS = "class body"
    MODULE = "module"
    CELL = "notebook cell"


def context_of(outer: Node, inner: Node) -> ExecutionContext | None:
    """The context in which ``outer`` runs ``inner``; ``None`` if the outer node does not decide it."""
    if outer.type == "lambda" and inner == field(outer, "body"):
        return ExecutionContext.LAMBDA
    if outer.type == "function_definition" and inner == field(outer, "body"):
        return ExecutionContext.ASYNC if is_async(outer) else ExecutionContext.SYNC
    if outer.type == "class_definition" and inner == field(outer, "body"):
        return ExecutionContext.CLASS
    if outer.type == "generator_expression" and inner != _first_iterable(outer):
        return ExecutionContext.LAMBDA  # runs when somebody asks for its items
    return None


def _first_iterable(generator: Node) -> Node | None:
    return next((child for child in parts_of(generator) if child.type == "for_in_clause"), None)
