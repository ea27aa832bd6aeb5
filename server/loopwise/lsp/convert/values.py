"""Our own values in messages of a client: the data that an item of ours carries, or parameters of our own requests."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


def value_of(sent: Any, kind: type[Value]) -> Value | None:
    """Convert a client's value to ``kind``; ``None`` if it is not one, such as another server's data."""
    try:
        return msgspec.convert(sent, kind)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter for half a surrogate pair
        return None
