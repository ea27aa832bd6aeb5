"""Completes ``await`` with the edit that makes its function async, and ``except*`` below a task group."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from loopwise.analysis.execution_context import ExecutionContext
from loopwise.features.completion.items import Item, ItemKind, Tier
from loopwise.features.completion.place import Place, Wants
from loopwise.semantics.infer import PROPERTIES, decorator_names, definitions
from loopwise.syntax import Node, field, text_of
from loopwise.text import Edit, Span
from loopwise.writing import joined

# Special methods that may be coroutine functions.
_ASYNC_SPECIAL = frozenset({"__aenter__", "__aexit__", "__anext__"})
_PLAIN_DECORATORS = PROPERTIES | {"contextmanager", "overload", "setter", "getter", "deleter"}
_GROUP = re.compile(rb"\basync[ \t]+with\b[^\n]*\bTaskGroup\(")
_INDENT = re.compile(rb"[ \t]*")


def items(place: Place) -> Iterator[Item]:
    """The keywords that need more than their own letters."""
    if place.owner is None and place.wants in {Wants.STATEMENT, Wants.VALUE} and not place.parameters:
        making = made_async(place)
        if making is not None:
            yield _await(place, making)
    if place.wants is Wants.STATEMENT and _ends_group(place):
        yield _except_group(place)


def _await(place: Place, making: Edit) -> Item:
    assert place.function is not None
    name = text_of(field(place.function, "name") or place.function)
    return Item(
        "await",
        ItemKind.KEYWORD,
        "await ",
        place.typed.span,
        edits=(making,),
        detail=f" makes {name} async",
        symbol="await",
        documentation=f"`await` is only allowed in coroutine functions, so `def {name}` becomes `async def {name}` "
        "and its callers must await it.",
        tier=Tier.OTHER,
    )


def made_async(place: Place) -> Edit | None:
    """The edit that makes the function around the cursor async; ``None`` if there is none, or it cannot be async."""
    if place.context is not ExecutionContext.SYNC or place.function is None or not _may_be_async(place.function):
        return None
    start = place.function.start_byte
    return Edit(Span(start, start), b"async ")


def _may_be_async(function: Node) -> bool:
    name = text_of(field(function, "name") or function)
    if name.startswith("__") and name.endswith("__") and name not in _ASYNC_SPECIAL:
        return False
    return not definitions.is_generator(function) and not _PLAIN_DECORATORS & set(decorator_names(function))


def with_async(place: Place, item: Item) -> Item:
    """An item after an ``await``, with the edit that makes the enclosing function async."""
    making = made_async(place)
    if making is None or place.wants not in {Wants.AWAITABLE, Wants.ASYNC_CONTEXT, Wants.ASYNC_ITERABLE}:
        return item
    return msgspec.structs.replace(item, edits=joined((*item.edits, making)))


def _ends_group(place: Place) -> bool:
    """Is there a ``try`` above, at the line's own indentation, with a task group in its body?"""
    data = place.view.file.source.data
    line = data.rfind(b"\n", 0, place.typed.span.start) + 1
    indent = data[line : place.typed.span.start]
    if indent.strip() or place.view.target.floor < (3, 11):
        return False
    grouped = False
    for text in reversed(data[:line].split(b"\n")):
        own = _INDENT.match(text)
        if not text.strip() or own is None or len(own[0]) > len(indent):
            grouped = grouped or _GROUP.search(text) is not None
        elif text.lstrip().startswith(b"except"):
            continue
        else:
            return grouped and text.strip().startswith(b"try:")
    return False


def _except_group(place: Place) -> Item:
    return Item(
        "except*",
        ItemKind.KEYWORD,
        "except* ${1:Exception} as ${2:group}:\n\t$0",
        place.typed.span,
        snippet=True,
        detail=" handle errors from a TaskGroup",
        symbol="except*",
        tier=Tier.FITS,
        score=50.0,
    )
