"""Completion: the most likely items first, with their imports, ``async``, parentheses and awaits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from loopwise.features.completion import (
    after_dot,
    arguments,
    keywords,
    library,
    postfix,
    project,
    scope,
    snippets,
    through,
)
from loopwise.features.completion.items import Item, Tier
from loopwise.features.completion.place import Place, Wants, place_of
from loopwise.features.completion.results import result_detail
from loopwise.project import View
from loopwise.semantics.infer import Module
from loopwise.settings import Completion
from loopwise.syntax import text_of
from loopwise.writing import importing

# Above every other score: a name that is used but not bound is almost certainly what the import is for.
_WAITED_FOR = 50.0
# Names followed by a dot, a call, a separator or an annotation; a keyword never is.
_BARE = re.compile(rb"(?<![\w.])[A-Za-z_]\w*(?=[.(,:)\] ])")
_DETAILED = 40  # the items visible without scrolling far: an item's result has to be computed
_LEADING, _MOST_LEADING = 5, 8  # items that are read before one goes on typing
_NEARLY = 0.75
_MOST = 400  # a longer list is of no help, and costs the client time


class Options(msgspec.Struct, frozen=True):
    """The user's options; see ``settings/fields.py``."""

    mode: Literal["auto", "companion", "full"] = "auto"
    through_await: Literal["off", "last", "on"] = "last"
    typed: bool = False
    """Did typing a space or ``=`` trigger it, rather than the user?  Then it answers only where something is
    expected."""

    @staticmethod
    def of(settings: Completion) -> Options:
        """The options for an explicit request."""
        return Options(settings.mode, through_await=settings.through_await)


class Completions(msgspec.Struct, frozen=True):
    """Items, the best first; ``incomplete``: another request may return more."""

    items: tuple[Item, ...] = ()
    incomplete: bool = False
    leading: int = 0
    """The number of leading items that fit the place; they go above the items of other servers, the rest below."""


def completions(view: View, offset: int, options: Options = Options()) -> Completions:  # noqa: B008 - it is frozen
    """The completions at byte offset ``offset``."""
    try:
        place = place_of(view, offset)
        if place is None or (options.typed and not _is_wanted(place)):
            return Completions()
        found = sorted(_distinct(_items(place, options)), key=_order)
        if place.typed.rest.startswith(b"."):  # what has a member behind it is a name, and no call or block
            found = [item for item in found if item.insert.isidentifier()]
    except RecursionError:  # code nested so deeply that no person wrote it
        return Completions()
    leading = _leading(found)
    if options.mode == "companion":
        found = found[:leading] + [item for item in found[leading:] if item.is_ours_alone]
    first = (_detailed(place, item) for item in found[:_DETAILED])
    more = len(found) > _MOST or (place.owner is None and not project.are_all(place))
    return Completions((*first, *found[_DETAILED:_MOST]), incomplete=more, leading=leading)


def _leading(found: list[Item]) -> int:
    """The number of sorted items that lead: fitting ones, up to five, and up to eight if they are nearly as good."""
    fitting = [item for item in found[:_MOST_LEADING] if item.tier in {Tier.FITS, Tier.LEADS}]
    count = min(len(fitting), _LEADING)
    while count < len(fitting) and fitting[count].score >= _NEARLY * fitting[_LEADING - 1].score:
        count += 1
    return count


def _detailed(place: Place, item: Item) -> Item:
    """The item with its result shown after its label."""
    if item.value is None or item.detail:
        return item
    if item.symbol is None or item.symbol.count(".") > 1:
        return msgspec.structs.replace(item, detail=result_detail(place, item.value))
    # What a function of asyncio returns is the same wherever it is called.
    notes, key = place.ev.stubs.notes, ("detail", item.symbol, place.wants.value)
    if key not in notes:
        notes[key] = result_detail(place, item.value)
    return msgspec.structs.replace(item, detail=notes[key])


_WANTED = frozenset({Wants.AWAITABLE, Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE, Wants.IMPORT})


def _is_wanted(place: Place) -> bool:
    """May a list open without a letter typed?"""
    return place.wants in _WANTED or (place.wants is Wants.VALUE and any(arguments.items(place)))


def _items(place: Place, options: Options) -> Iterator[Item]:
    if place.wants is Wants.IMPORT:
        yield from _in_import(place)
    elif place.owner is not None:
        owner = place.ev.value(place.view.file, place.owner)
        if not isinstance(owner, Module):
            yield from _of_unimported(place)
        made_for = arguments.made_for(place) if isinstance(owner, Module) else frozenset()
        for item in after_dot.items(place, owner, full=options.mode == "full"):
            yield keywords.with_async(place, _raised(item) if item.label in made_for else item)
        if options.through_await != "off":
            mixed = options.through_await == "on"
            for item in through.items(place, owner):
                yield msgspec.structs.replace(item, tier=Tier.OTHER) if mixed else item
        yield from postfix.items(place, owner)
    else:
        if _names_argument(place):
            yield from arguments.items(place)
            return
        yield from (keywords.with_async(place, item) for item in scope.items(place))
        yield from (keywords.with_async(place, item) for item in library.items_by_import(place))
        yield from (keywords.with_async(place, item) for item in project.items(place))
        yield from arguments.items(place)
        yield from keywords.items(place)
        yield from snippets.items(place)


def _raised(item: Item) -> Item:
    """The item, raised to the top because the file, or the current parameter, expects it."""
    return msgspec.structs.replace(item, tier=Tier.FITS, score=item.score + _WAITED_FOR)


def _of_unimported(place: Place) -> Iterator[Item]:
    """asyncio's names after ``asyncio.`` in a file that does not import it yet, with the import."""
    if place.owner is None or text_of(place.owner) != "asyncio":
        return
    written = importing(place.view.file, place.typed.span.start, "asyncio", None)
    if written.edits and written.text == "asyncio":
        for item in library.items_of_module(place, "asyncio"):
            yield keywords.with_async(place, msgspec.structs.replace(item, edits=written.edits))


def _in_import(place: Place) -> Iterator[Item]:
    """Names after ``from asyncio import``, and asyncio's modules."""
    statement = next((n for n in reversed(place.path) if n.type == "import_from_statement"), None)
    source = statement.child_by_field_name("module_name") if statement is not None else None
    if source is None or source.end_byte >= place.typed.span.start:
        return
    name = (source.text or b"").decode()
    if name not in {"asyncio", "asyncio.subprocess"}:
        return
    waiting = _unbound(place)
    for item in library.items_of_module(place, name):
        yield _raised(item) if item.label in waiting else item


def _unbound(place: Place) -> frozenset[str]:
    """The names that the file uses but does not bind, so they still have to be imported."""
    used = {name.decode() for name in _BARE.findall(place.view.file.source.data)}
    return frozenset(used - set(place.view.file.table.by_name))


def _names_argument(place: Place) -> bool:
    """Is the cursor in the name of a keyword argument that already has its value?"""
    parent = place.path[-2]
    return parent.type == "keyword_argument" and parent.child_by_field_name("name") == place.typed.node


def _order(item: Item) -> tuple[int, float, str]:
    return item.tier, -item.score, item.label


def _distinct(items: Iterator[Item]) -> list[Item]:
    """Keep each label once per origin, and the better of two items that insert the same text."""
    found: dict[tuple[str, str], Item] = {}
    for item in items:
        key = (item.label, item.insert if item.edits else "")
        known = found.get(key)
        if known is None or item.tier < known.tier:
            found[key] = item
    return list(found.values())
