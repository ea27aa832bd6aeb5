"""What a hover can be about: one value each."""

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
    """What is seen of this very use, in Markdown: of a call that starts a task what becomes of the task."""


class HolderHover(msgspec.Struct, frozen=True):
    """A name that holds an asyncio object: ``name`` as written, ``type`` in public names, ``cls`` the class's name."""

    span: Span
    name: str
    type: str
    cls: str
    card: Card | None
    facts: Facts | None
    members: tuple[str, ...]  # most used first
    used: bool = False  # by the projects of usage.json


class ContainerHover(msgspec.Struct, frozen=True):
    """A name that holds asyncio objects in a container, or something awaitable: ``list[asyncio.Task]``."""

    span: Span
    name: str
    type: str
    """In public names."""
    held: tuple[SymbolHover | KeywordHover, ...]
    """What is in it: classes, or terms such as ``coro``; the first ones alone."""


class FunctionHover(msgspec.Struct, frozen=True):
    """One of the user's own coroutine functions or async generators, or one of a library; ``card`` is the user's."""

    span: Span
    outline: Outline
    card: Card | None = None


class KeywordHover(msgspec.Struct, frozen=True):
    """A keyword or special method of async syntax."""

    span: Span
    card: Card


class PageHover(msgspec.Struct, frozen=True):
    """A page that is written already, such as a rule's."""

    span: Span
    name: str
    text: str
    """Markdown."""


Hover = SymbolHover | HolderHover | ContainerHover | FunctionHover | KeywordHover | PageHover
