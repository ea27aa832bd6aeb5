"""The context in which code runs."""

from __future__ import annotations

from enum import Enum


class ExecutionContext(Enum):
    """The innermost scope that runs a piece of code, by kind."""

    ASYNC = "coroutine function"
    SYNC = "function"
    LAMBDA = "lambda"
    CLASS = "class body"
    MODULE = "module"
    CELL = "notebook cell"
