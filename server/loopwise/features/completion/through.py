"""Completes through the await: members of an awaitable's result, inserted as ``(await fetch()).json``."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from loopwise.cards import escaped
from loopwise.features.completion import after_dot
from loopwise.features.completion.items import Item, Tier, owner_text
from loopwise.features.completion.place import Place, Wants
from loopwise.features.completion.roles import FITS, Role, of_result, of_value
from loopwise.semantics import symbols
from loopwise.semantics.infer import Instance, Tuple, Value, each, join, members
from loopwise.text import Edit, Span

_MOST = 80


def items(place: Place, owner: Value) -> Iterator[Item]:
    """Members of the awaited result of ``owner``, where ``await`` is allowed; after the object's own."""
    if not place.may_await or place.owner is None or place.wants is Wants.IMPORT:
        return
    seen: set[str] = set()
    for member in each(owner):
        if isinstance(member, Instance) and of_value(place.ev, member) & Role.AWAITABLE:
            for found in _of_result(place, place.ev.awaited(member)):
                if found.label not in seen and len(seen) < _MOST:
                    seen.add(found.label)
                    yield awaited_before(place, found)


def _of_result(place: Place, result: Value) -> Iterator[Item]:
    for member in each(result):
        if isinstance(member, Tuple):
            member = place.ev.builtin("tuple", join(member.items))
        if not isinstance(member, Instance):
            continue
        if symbols.is_asyncio(member.cls.file.name):
            yield from after_dot.of_asyncio_object(place, member)
            continue
        for name in members.names_of(place.ev, member.cls):
            if not name.startswith("_"):
                yield from _fitting(place, name, place.ev.attribute(member, name))


def _fitting(place: Place, name: str, value: Value) -> Iterator[Item]:
    """A member, if it fits at the cursor: after an ``await``, only an awaitable one."""
    wanted = FITS.get(place.wants)
    if wanted is not None and not (of_result(place.ev, value) | of_value(place.ev, value)) & wanted:
        return
    yield after_dot.plain_item(place, name, value)


def awaited_before(place: Place, item: Item) -> Item:
    """The item with the expression before its dot awaited, in parentheses."""
    assert place.owner is not None
    text = owner_text(place)
    cut = Edit(Span(place.owner.start_byte, place.typed.span.start), b"")
    return msgspec.structs.replace(
        item,
        insert=f"(await {escaped(text)}).{item.insert}",
        edits=(*item.edits, cut),
        origin="(await …)",
        tier=Tier.LAST,
        score=-1.0,
    )
