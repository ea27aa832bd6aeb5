"""The kinds of hovers, one value each."""

from __future__ import annotations

import msgspec

from loopwise.cards import Card, Facts
from loopwise.features.hover.own_functions import Outline
from loopwise.text import Span


class SymbolHover(msgspec.Struct, frozen=True):
    """A public asyncio name, or any name that has a card."""

    span: Span
    name: str
    card: Card | None
    facts: Facts | None
    use: str = ""
    """A note on this particular use, in Markdown: for a call that starts a task, the task's lifetime."""


class HolderHover(msgspec.Struct, frozen=True):
    """A name bound to an asyncio object: ``name`` as written, ``type`` in public names, ``cls`` its class's name."""

    span: Span
    name: str
    type: str
    cls: str
    card: Card | None
    facts: Facts | None
    members: tuple[str, ...]  # most used first
    used: bool = False  # by the projects of usage.json


class ContainerHover(msgspec.Struct, frozen=True):
    """A name bound to a container of asyncio objects, or to an awaitable: ``list[asyncio.Task]``."""

    span: Span
    name: str
    type: str
    """The type in public names."""
    held: tuple[SymbolHover | KeywordHover, ...]
    """The first few items: classes, or terms such as ``coro``."""


class FunctionHover(msgspec.Struct, frozen=True):
    """A coroutine function or async generator of the user or of a library; ``card`` is the user's own."""

    span: Span
    outline: Outline
    card: Card | None = None


class KeywordHover(msgspec.Struct, frozen=True):
    """A keyword or special method of async syntax."""

    span: Span
    card: Card


class PageHover(msgspec.Struct, frozen=True):
    """A page that is already rendered, such as a rule's."""

    span: Span
    name: str
    text: str
    """Markdown."""


Hover = SymbolHover | HolderHover | ContainerHover | FunctionHover | KeywordHover | PageHover
