"""Finds places in a file whose hovers are worth showing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice, zip_longest

from loopwise.cards import Facts
from loopwise.cli.hover import kind_and_name
from loopwise.features.hover import ContainerHover, FunctionHover, HolderHover, Hover, SymbolHover, hover
from loopwise.project import View
from loopwise.syntax import is_async, walk
from loopwise.text import Span
from loopwise.versions import Target

_IMPORTS = frozenset({"import_statement", "import_from_statement", "future_import_statement"})
_LOOKED_AT = 5_000  # names of a very long file: 1 s


def worth_seeing(view: View, most: int | None) -> list[Span]:
    """The first occurrence of each distinct asyncio name, object, function and keyword, in the order of the file.

    If there are more than ``most``, some of each kind; names that are wrong for the target go first.
    """
    found = list(_distinct(view, None if most is None else _LOOKED_AT))
    if most is not None and len(found) > most:
        kinds: dict[int, list[Hover]] = {}
        for one in found:
            kinds.setdefault(_rank(view, one), []).append(one)
        turns = zip_longest(*(kinds[rank] for rank in sorted(kinds)))
        found = [one for one in chain.from_iterable(turns) if one is not None][:most]
    return sorted(one.span for one in found)


def _distinct(view: View, looked_at: int | None) -> Iterator[Hover]:
    seen = {("name", "asyncio")}
    for offset in islice(_offsets(view), looked_at):
        found = hover(view, offset)
        key = _subject(found) if found is not None else None
        if found is not None and key is not None and key not in seen:
            seen.add(key)
            yield found


def _subject(found: Hover) -> tuple[str, str]:
    """The subject of a hover; a class and an instance of it are one subject."""
    kind, name = kind_and_name(found)
    return ("name" if kind == "object" else kind), name


def _offsets(view: View) -> Iterator[int]:
    """Offsets of names and of the keywords of async code; imports last, as they are rarely interesting."""
    later = []
    for node in walk(view.file.root):
        if node.type == "identifier":
            parent = node.parent
            imported = parent is not None and (
                parent.type in _IMPORTS or parent.type in {"dotted_name", "aliased_import"}
            )
            if imported:
                later.append(node.start_byte)
            else:
                yield node.start_byte
        elif node.type == "await" or is_async(node):
            yield node.start_byte
    yield from later


def _rank(view: View, found: Hover) -> int:
    """Priority of a hover's kind: hovers that only this server can show come first."""
    match found:
        case SymbolHover(facts=facts) if facts is not None and not _is_fine(facts, view.target):
            return 0
        case HolderHover() | ContainerHover():
            return 1
        case FunctionHover():
            return 2
        case SymbolHover():
            return 3
    return 4


def _is_fine(facts: Facts, target: Target) -> bool:
    return target.within(facts.lifetime) and not facts.deprecated_at(target.ceiling)
