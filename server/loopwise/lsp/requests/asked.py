"""Parameters and results of our own requests, for which the protocol has none."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from pygls.exceptions import JsonRpcInvalidParams

Column = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]  # as the protocol has it; lines too


class Asked(msgspec.Struct, frozen=True):
    """All of a folder's cheatsheet, the Python of a file, or what ``text`` or a place means."""

    uri: str | None = None
    text: str | None = None
    line: Column = 0
    character: Column = 0
    snippet: str = ""
    """The name of what is to be inserted there; without one, ``text`` is a sample to be inserted."""


def asked_of(params: Any) -> Asked:
    """Nothing at all asks for all; raises ``JsonRpcInvalidParams`` for what cannot be read."""
    try:
        return msgspec.convert(params if params is not None else {}, Asked)
    except (msgspec.ValidationError, UnicodeEncodeError) as slip:
        raise JsonRpcInvalidParams(f"params: {slip}") from slip
