"""What runs a piece of code."""

from __future__ import annotations

from enum import Enum


class ExecutionContext(Enum):
    """What runs a piece of code."""

    ASYNC = "coroutine function"
    SYNC = "function"
    LAMBDA = "lambda"
    CLASS = "class body"
    MODULE = "module"
    CELL = "notebook cell"
