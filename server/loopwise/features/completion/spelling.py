"""The spelling of asyncio's names at the cursor, computed once for all of them."""

from __future__ import annotations

import msgspec

from loopwise.features.completion.candidates import kept
from loopwise.features.completion.place import Place
from loopwise.semantics.bindings import Kind
from loopwise.writing import Imported, importing

_ANY = "gather"  # any public name serves to see the file's way


class Spelling(msgspec.Struct, frozen=True):
    """Either a prefix (``asyncio.``) and edits that all names share, or a separate lookup for each name."""

    place: Place
    shared: Imported | None
    own: frozenset[str]
    """Names that the file imports individually somewhere."""

    @property
    def is_cheap(self) -> bool:
        """Can a name be spelled without a lookup?"""
        return self.shared is not None

    def of(self, name: str) -> Imported:
        """The spelling of ``asyncio.name`` here, and the edits that import it."""
        if self.shared is None or name in self.own:
            return importing(self.place.view.file, self.place.typed.span.start, "asyncio", name)
        return Imported(self.shared.text + name, self.shared.edits)


def spelling(place: Place) -> Spelling:
    """The spelling of asyncio's names at the cursor."""
    shared, own = kept(place, ("spelling", _names_at(place)), lambda: _worked_out(place))
    return Spelling(place, shared, own)


def _names_at(place: Place) -> frozenset[str]:
    """The names that the functions around the cursor bind: an import there, or a name that would shadow one."""
    around = (node for node in place.path if node.type == "function_definition")
    return frozenset(name for node in around for name in place.view.file.table_of(node).by_name)


def _worked_out(place: Place) -> tuple[Imported | None, frozenset[str]]:
    sample = importing(place.view.file, place.typed.span.start, "asyncio", _ANY)
    prefix, dot, last = sample.text.rpartition(".")
    shared = Imported(prefix + dot, sample.edits) if dot and last == _ANY else None
    if shared is None:  # `gather` itself may be imported where all else is written with the module's name
        module = importing(place.view.file, place.typed.span.start, "asyncio", None)
        shared = Imported(f"{module.text}.", ()) if not module.edits else None
    return shared, _imported_by_name(place)


def _imported_by_name(place: Place) -> frozenset[str]:
    units = [place.view.file.root, *(n for n in place.path if n.type == "function_definition")]
    bindings = (b for unit in units for b in place.view.file.table_of(unit).bindings)
    return frozenset(b.member for b in bindings if b.kind is Kind.FROM and b.module == "asyncio")
