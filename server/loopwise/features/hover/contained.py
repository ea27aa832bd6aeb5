"""Hovers of names that hold asyncio objects in a container: ``list[asyncio.Task]``."""

from __future__ import annotations

from collections.abc import Iterator

from loopwise.features.describe import shown
from loopwise.features.hover.kinds import ContainerHover, KeywordHover, SymbolHover
from loopwise.project import View
from loopwise.semantics import symbols
from loopwise.semantics.infer import Instance, Tuple, Value, each
from loopwise.text import Span

# Modules of the classes that hold things.
_CONTAINERS = frozenset({"builtins", "collections", "typing", "collections.abc", "weakref", "_weakrefset"})
_MOST_HELD, _DEEPEST = 2, 2  # classes in a container, and containers in one another


def container(view: View, span: Span, name: str, value: Value) -> ContainerHover | None:
    """The hover of a name whose value holds asyncio objects, coroutines or awaitables."""
    found = dict.fromkeys(held for member in each(value) for held in _held_in(view, member, _DEEPEST))
    hovers = (_card_of(view, span, held) for held in list(found)[:_MOST_HELD])
    known = tuple(hover for hover in hovers if hover is not None)
    return ContainerHover(span, name, shown(view.api, value), known) if known else None


def _held_in(view: View, value: Value, depth: int) -> Iterator[str]:
    """Public names of the classes in a standard library container, or terms where there is no class (``coro``)."""
    if isinstance(value, Instance) and value.cls.fullname == "typing.Awaitable":
        yield "aw"
    if isinstance(value, Tuple):
        inner: tuple[Value, ...] = value.items
    elif isinstance(value, Instance) and value.cls.file.name in _CONTAINERS:
        inner = value.cls.args
    else:
        return
    for member in (member for part in inner for member in each(part)):
        held = symbols.held_class(view.api, member)
        if held is not None:
            yield held[0]
        elif is_coroutine(member):
            yield "coro"
        elif depth > 0:
            yield from _held_in(view, member, depth - 1)


def _card_of(view: View, span: Span, name: str) -> SymbolHover | KeywordHover | None:
    keyword = view.catalogue.keyword(name)
    return KeywordHover(span, keyword) if keyword is not None else symbol_hover(view, span, name)


def is_coroutine(value: Value) -> bool:
    """Is it the object that calling a coroutine function returns?"""
    return isinstance(value, Instance) and value.cls.fullname == "typing.Coroutine"


def symbol_hover(view: View, span: Span, name: str) -> SymbolHover | None:
    """The hover of a public name, however it was found."""
    card, facts = view.catalogue.card(name), view.api.facts(name)
    if card is None and facts is None:
        return None
    return SymbolHover(span, name, card, facts)
