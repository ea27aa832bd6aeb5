"""Completes names of the project's other modules, with the imports they need."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from loopwise.features.completion.candidates import kept
from loopwise.features.completion.items import Item, ItemKind, Tier, block_text, call_text
from loopwise.features.completion.place import Place, Wants
from loopwise.semantics.bindings import Kind
from loopwise.semantics.index import Entry, is_test
from loopwise.semantics.index import Kind as EntryKind
from loopwise.text import decode
from loopwise.writing import Imported, importing

_FITS: dict[Wants, tuple[EntryKind, ...]] = {
    Wants.AWAITABLE: ("coroutine function",),
    Wants.COROUTINE: ("coroutine function",),
    Wants.ASYNC_CONTEXT: ("async context manager function", "async context manager class"),
    Wants.ASYNC_ITERABLE: ("async generator function", "async iterable class"),
}
_MOST = 20  # each takes an import to be computed; more letters bring others


def items(place: Place) -> Iterator[Item]:
    """Fitting functions and classes that are not imported yet, nearest modules first."""
    kinds = _FITS.get(place.wants, ())
    for entry in _nearest(place, kinds):
        written = _written(place, entry)
        yield Item(
            written.text,
            ItemKind.CLASS if entry.kind.endswith("class") else ItemKind.FUNCTION,
            block_text(place, call_text(place, written.text, parameters=entry.parameters != "()"), _target(entry)),
            place.typed.span,
            snippet=True,
            edits=written.edits,
            origin=entry.module,
            filter=entry.name,
            tier=Tier.LAST if entry.name == "main" else Tier.FITS,  # another program's
            # Below the file's own names; nearer modules first, see ``scores``.
            score=4.0 - 0.1 * _distance(place, entry),
        )


def are_all(place: Place) -> bool:
    """Do the items include everything that fits, so that further letters bring up nothing new?"""
    kinds = _FITS.get(place.wants)
    if kinds is None or place.view.index is None:
        return True
    return place.view.index.complete and len(_fitting(place, kinds)) <= _MOST


def _nearest(place: Place, kinds: tuple[EntryKind, ...]) -> list[Entry]:
    found = _fitting(place, kinds)
    return sorted(found, key=lambda entry: (_distance(place, entry), entry.module, entry.name))[:_MOST]


def _fitting(place: Place, kinds: tuple[EntryKind, ...]) -> list[Entry]:
    if place.view.index is None or not kinds:
        return []
    here = Path(place.view.file.key)
    prefix, in_test = decode(place.typed.prefix).lower(), is_test(str(here))
    imported = _imported(place)
    return [
        entry
        for entry in place.view.index.entries(here)
        if entry.kind in kinds
        and _matches(prefix, entry.name.lower())
        and (in_test or not is_test(entry.path))
        and (entry.module, entry.name) not in imported
    ]


def _imported(place: Place) -> frozenset[tuple[str | None, str]]:
    """The names that the file has imported: these are among the names in scope."""
    file = place.view.file
    return frozenset((file.absolute(b.module), b.member) for b in file.table.bindings if b.kind is Kind.FROM)


def _matches(prefix: str, name: str) -> bool:
    """Does the name contain the typed letters, in order?"""
    letters = iter(name)
    return all(letter in letters for letter in prefix)


def _distance(place: Place, entry: Entry) -> int:
    """The distance between two modules; private ones are farther away."""
    own, other = place.view.file.name.split("."), entry.module.split(".")
    shared = next((i for i, (a, b) in enumerate(zip(own, other, strict=False)) if a != b), min(len(own), len(other)))
    private = any(part.startswith("_") for part in other)
    return len(own) + len(other) - 2 * shared + 5 * private


def _written(place: Place, entry: Entry) -> Imported:
    """The spelling of the entry, and its import."""
    file, at = place.view.file, place.typed.span.start
    make = partial(importing, file, at, entry.module, entry.name, prefer_module=False)
    return kept(place, ("import", entry.module, entry.name), make)


def _target(entry: Entry) -> str:
    return "value" if entry.kind == "async context manager function" else ""
