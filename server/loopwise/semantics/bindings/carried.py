"""Carries the tables of modules and classes over from one keystroke to the next.

A keystroke in the body of a function binds nothing in the module and classes around it, so their tables are only moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

import msgspec

from loopwise.semantics.bindings.binding import Scanned, Table
from loopwise.syntax import CLASSES_AND_FUNCTIONS, Node, field, path_to, span_of
from loopwise.text import Edit, Region, Span

OUTER = frozenset({"module", "class_definition"})
_MOST = 200  # units whose tables are carried: a module and its classes


class Carried(msgspec.Struct, frozen=True):
    """The table of a unit as last scanned, and the region changed since; offsets are the file's."""

    type: str
    span: Span
    scanned: Scanned
    region: Region | None = None

    @classmethod
    def of(cls, unit: Node, table: Table) -> Carried:
        region = table.region.shifted(unit.start_byte) if table.region is not None else None
        return cls(unit.type, Span(unit.start_byte, unit.end_byte), table.scanned, region)

    def after(self, edit: Edit) -> Carried | None:
        """The same table after an edit; ``None`` if the edit touches the unit's ends."""
        start, end = self.span.start, self.span.end
        change = Region.of(edit)
        if edit.span.start > start and edit.span.end <= end:
            region = self.region.then(edit) if self.region is not None else change
            return msgspec.structs.replace(self, span=Span(start, end + change.growth), region=region)
        span = change.moved(self.span)
        if span is None or (span != self.span and edit.span.end > start):
            return None
        moved = self.region.shifted(span.start - start) if self.region is not None else None
        return msgspec.structs.replace(self, span=span, region=moved)

    def table(self, unit: Node, root: Node) -> Table | None:
        """The present table; ``None`` if the unit has to be scanned again."""
        if self.type != unit.type or self.span != Span(unit.start_byte, unit.end_byte):
            return None
        if self.region is None:
            return Table(self.scanned)
        inner = _definition_around(root, unit, self.region)
        if inner is None or not _binds_nothing(self.scanned, inner, unit, self.region):
            return None
        return Table(self.scanned, self.region.shifted(-unit.start_byte))


def carry(known: Iterable[Carried], edit: Edit) -> dict[tuple[str, int], Carried]:
    """The tables that can still be used after an edit, by the type and start offset of their unit."""
    moved = [each for each in (one.after(edit) for one in known) if each is not None]
    return {(each.type, each.span.start): each for each in moved[:_MOST]}


def _definition_around(root: Node, unit: Node, region: Region) -> Node | None:
    """The function or class in ``unit`` whose body contains the region."""
    path = path_to(root, Span(region.start, region.new))
    if unit not in path:
        return None
    inside = path[path.index(unit) + 1 :]
    found = next((node for node in inside if node.type in CLASSES_AND_FUNCTIONS), None)
    body = field(found, "body") if found is not None else None
    return found if body is not None and body in inside and body.start_byte <= region.start else None


def _binds_nothing(scanned: Scanned, inner: Node, unit: Node, region: Region) -> bool:
    """Before the edit, did the unit bind nothing inside the definition except the definition's own name?"""
    base, name = unit.start_byte, field(inner, "name")
    if name is None:
        return False
    first = bisect_left(scanned.starts, name.start_byte - base)
    last = bisect_left(scanned.starts, inner.end_byte - region.growth - base)
    if last != first + 1:
        return False
    known, inside = scanned.bindings[first], region.shifted(-base)
    if known.value is None or inside.moved(known.at) != span_of(name).shifted(-base):
        return False
    return inside.stretched(known.value) == span_of(inner).shifted(-base)
