"""Values of ours that a client sends: what it got from us with an item, or the parameters of our own requests."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

Value = TypeVar("Value")


def value_of(sent: Any, kind: type[Value]) -> Value | None:
    """What a client sent as a value of ``kind``; ``None`` if it is not one, as another server's data is not."""
    try:
        return msgspec.convert(sent, kind)
    except (msgspec.ValidationError, UnicodeEncodeError):  # the latter for half a surrogate pair
        return None
