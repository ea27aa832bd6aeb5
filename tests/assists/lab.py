"""Imported by the programs of these pages: calls whose start, end, error and cancellation can be seen."""

from __future__ import annotations

import asyncio
from typing import TypeVar

T = TypeVar("T", int, str)


async def f(x: T, delay: float = 0, error: Exception | None = None) -> T:
    """Print the start, sleep, raise the error or return the doubled value."""
    print("start", x)
    try:
        await quiet(x, delay, error)
    except BaseException as caught:
        print(type(caught).__name__, x)
        raise
    print("end", x)
    return x * 2


async def quiet(x: T, delay: float = 0, error: Exception | None = None) -> T:
    """Do the same without a word."""
    await asyncio.sleep(delay)
    if error is not None:
        raise error
    return x * 2


def work(x: T, error: Exception | None = None) -> T:
    """Do the same in plain code."""
    print("work", x)
    if error is not None:
        raise error
    return x * 2


class ApiError(Exception):
    """An error with attributes."""

    def __init__(self, code: int) -> None:
        super().__init__(f"code {code}")
        self.code = code
