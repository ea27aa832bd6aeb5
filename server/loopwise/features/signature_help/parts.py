"""The parts of a signature, and their layout in one line."""

from __future__ import annotations

from enum import Enum

import msgspec


class Kind(Enum):
    """The ways in which a parameter can be filled."""

    POSITION = "by position only"
    EITHER = "by position or by keyword"
    STAR = "*"
    KEYWORD = "by keyword only"
    DOUBLE_STAR = "**"


class Parameter(msgspec.Struct, frozen=True):
    """A parameter; ``text`` is its full text in a signature, stars included."""

    name: str
    text: str
    kind: Kind
    documentation: str = ""


class Parts(msgspec.Struct, frozen=True):
    """The signature of one callable."""

    name: str
    parameters: tuple[Parameter, ...]
    result: str = ""
    asynchronous: bool = False
    symbol: str | None = None
    """The public asyncio name; ``None`` for a function of the user's."""
    documentation: str = ""


class ParameterInfo(msgspec.Struct, frozen=True):
    """A parameter in a label, from code point ``start`` up to ``end``; its documentation is Markdown."""

    start: int
    end: int
    name: str
    documentation: str


class SignatureInfo(msgspec.Struct, frozen=True):
    """A signature in one line; ``active`` is the index of the parameter at the cursor, ``None`` if uncertain."""

    label: str
    parameters: tuple[ParameterInfo, ...]
    active: int | None
    symbol: str | None
    documentation: str


def info(parts: Parts, active: int | None) -> SignatureInfo:
    """Join the parts: ``async wait_for(fut: Awaitable[T], timeout: float | None) -> T``."""
    label = f"{'async ' if parts.asynchronous else ''}{parts.name}("
    found = []
    for index, parameter in enumerate(parts.parameters):
        label += (", " if index else "") + _mark_before(parts.parameters, index)
        start = len(label)
        label += parameter.text
        found.append(ParameterInfo(start, len(label), parameter.name, parameter.documentation))
    label += ", /)" if parts.parameters and parts.parameters[-1].kind is Kind.POSITION else ")"
    label += f" -> {parts.result}" if parts.result else ""
    return SignatureInfo(label, tuple(found), active, parts.symbol, parts.documentation)


def _mark_before(parameters: tuple[Parameter, ...], index: int) -> str:
    """The ``/`` or ``*`` to write before the parameter at ``index``, if any."""
    kind = parameters[index].kind
    before = parameters[index - 1].kind if index else None
    mark = "/, " if before is Kind.POSITION and kind is not Kind.POSITION else ""
    if kind is Kind.KEYWORD and before not in {Kind.KEYWORD, Kind.STAR}:
        mark += "*, "
    return mark
