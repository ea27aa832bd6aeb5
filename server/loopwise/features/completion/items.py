"""Completion items, and the text that they insert."""

from __future__ import annotations

from enum import Enum

import msgspec

from loopwise.cards import escaped
from loopwise.features.completion.lines import line_before
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.roles import Role, Roles
from loopwise.semantics.infer import Value
from loopwise.text import Edit, Span, decode


class ItemKind(Enum):
    """The kind of an item, which selects its icon."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    EXCEPTION = "exception"
    CONSTANT = "constant"
    VARIABLE = "variable"
    FIELD = "field"
    PROPERTY = "property"
    PARAMETER = "parameter"
    MODULE = "module"
    KEYWORD = "keyword"
    SNIPPET = "snippet"
    TEMPLATE = "template"


class Tier(int, Enum):
    """The quality of an item's fit; items of one tier are ordered by score."""

    FITS = 0
    LEADS = 1
    """It has a fitting member."""
    OTHER = 2
    LAST = 3
    """A better item exists."""
    DEPRECATED = 4


class Item(msgspec.Struct, frozen=True):
    """A completion item; spans and edits are in the user's text, and do not overlap."""

    label: str
    kind: ItemKind
    insert: str
    span: Span
    """The span that ``insert`` replaces: the name at the cursor."""
    snippet: bool = False
    """Is ``insert`` a snippet with tab stops?"""
    edits: tuple[Edit, ...] = ()
    """Further edits: an import, an ``async``, the expression before a dot."""
    detail: str = ""
    """Shown after the label: ``-> Task``."""
    origin: str = ""
    """Shown at the end of the line: the origin, or the version that added it."""
    filter: str = ""
    """The text that typed letters are compared with, if it is not the label."""
    qualified: str = ""
    """A longer name that finds it too, if it is not the label: ``asyncio.sleep`` for an imported ``sleep``."""
    symbol: str | None = None
    """The public name, keyword or idiom whose card documents the item."""
    documentation: str = ""
    deprecated: bool = False
    value: Value | None = None
    """The value, if known; the detail is derived from it."""
    tier: Tier = Tier.OTHER
    score: float = 0.0

    @property
    def is_ours_alone(self) -> bool:
        """Would no general server offer it?"""
        return self.kind in {ItemKind.SNIPPET, ItemKind.TEMPLATE, ItemKind.KEYWORD} or bool(self.edits)

    @property
    def plain(self) -> str:
        """The last part of the label: the letters that people type to find it."""
        return self.filter or self.label


def call_text(place: Place, name: str, *, parameters: bool, first: str = "") -> str:
    """``name`` as a snippet that calls it, unless parentheses follow or no call is wanted."""
    if place.called or place.wants in {Wants.FUNCTION, Wants.IMPORT, Wants.TYPE, Wants.EXCEPTION}:
        return escaped(name)
    stop = f"${{1:{escaped(first)}}}" if first else "$1"
    return f"{escaped(name)}({stop if parameters else ''})"


def block_text(place: Place, text: str, name: str = "") -> str:
    """An item of ``async with`` or ``async for``: with its target, and with a missing colon and body."""
    if place.called or place.wants not in {Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE}:
        return text
    rest = place.typed.rest.strip()
    if name and not rest.startswith(b"as"):
        text += f" as ${{2:{escaped(name)}}}"
    return f"{text}:\n\t$0" if not rest else text


def statement_text(place: Place, called: str, result: Roles, *, awaited: bool) -> str:
    """A call at the start of a line as a useful statement, as a call is rarely written to discard its result.

    ``awaited``: does the call return an awaitable to be awaited at once?  A task is not.
    """
    if place.wants is not Wants.STATEMENT or not place.may_await or place.owner is not None or place.typed.rest.strip():
        return called
    if awaited:
        return f"await {called}"
    if result & Role.ASYNC_CONTEXT and not result & Role.AWAITABLE:
        return f"async with {called}:\n\t$0"
    return called


def owner_text(place: Place) -> str:
    """The expression before the dot, prepared for a snippet, whose lines editors indent like its first one."""
    assert place.owner is not None
    data, start = place.view.file.source.data, place.owner.start_byte
    line = line_before(data, start)
    indent = decode(line[: len(line) - len(line.lstrip(b" \t"))])
    return decode(place.owner.text or b"").replace("\r\n", "\n").replace("\n" + indent, "\n")
