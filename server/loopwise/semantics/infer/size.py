"""A limit for the size of values."""

from __future__ import annotations

from loopwise.semantics.infer.values import UNKNOWN, Value, parts

_MOST_PARTS = 40  # in aiohttp and Prefect, 86,000 values: at most 31


def bounded(value: Value) -> Value:
    """``value``; unknown if it consists of so many values that no question needs it.

    A tuple made of itself (``self.stack[-1] = self.stack[-1], self.stack[-1]``) doubles each time that it is looked at.
    """
    left, count = [*parts(value)], 0
    while left:
        count += 1
        if count > _MOST_PARTS:
            return UNKNOWN
        left += parts(left.pop())
    return value
