"""The files of one conversion: their units, and the edits to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loopwise.analysis.prefilter import aliases_of
from loopwise.analysis.unit import Unit
from loopwise.assists.conversion.values import Part, RefusedError, Written
from loopwise.graph import Function, Ref
from loopwise.project import View
from loopwise.semantics.infer import definitions
from loopwise.syntax import FUNCTIONS, Node, node_at, nodes_of
from loopwise.text import Edit, Span


class Files:
    """The units by file key, created when asked for, and the edits written to each file."""

    def __init__(self, view_of: Callable[[str], View | None]) -> None:
        self._view_of = view_of
        self._units: dict[str, Unit | None] = {}
        self._edits: dict[str, dict[Edit, Part]] = {}
        self._counts: dict[str, dict[str, int]] = {}

    def unit(self, path: str) -> Unit | None:
        """The entire file as a unit; ``None`` if it cannot be read."""
        if path not in self._units:
            view = self._view_of(path)
            aliases = aliases_of(view.file.source.data) if view is not None else {}
            self._units[path] = Unit(view, view.file.root, aliases) if view is not None else None
        return self._units[path]

    def node(self, path: str, start: int, end: int) -> Node | None:
        """The node at a span of a file; ``None`` if the file cannot be read, or has changed since the graph."""
        unit = self.unit(path)
        return node_at(unit.file.root, Span(start, end)) if unit is not None else None

    def definition(self, ref: Ref, function: Function | None) -> tuple[Unit, Node]:
        """A function's file and definition; raises :class:`RefusedError` if it is not the only one of its name."""
        unit = self.unit(ref.path)
        node = self.node(ref.path, function.start, function.end) if function is not None else None
        if unit is None or node is None:
            raise RefusedError(f"{ref.name}() cannot be read")
        if self.count(ref) > 1:
            raise RefusedError(f"{ref.name}() is defined more than once in {self.short(ref.path)}")
        return unit, node

    def count(self, ref: Ref) -> int:
        """The number of functions in the file that have the name."""
        if ref.path not in self._counts:
            unit, found = self.unit(ref.path), self._counts.setdefault(ref.path, {})
            for node in nodes_of(unit.file.root, FUNCTIONS) if unit is not None else ():
                name = definitions.qualname(unit.file, node) if unit is not None else ""
                found[name] = found.get(name, 0) + 1
        return self._counts[ref.path].get(ref.name, 0)

    def write(self, path: str, edit: Edit, part: Part) -> None:
        """Add an edit; duplicates are ignored."""
        self._edits.setdefault(path, {}).setdefault(edit, part)

    def written(self) -> Iterator[tuple[str, tuple[Written, ...]]]:
        """The edits by file, insertions at one place merged, in source order."""
        for path, edits in sorted(self._edits.items()):
            found: dict[Span, Written] = {}
            for edit, part in edits.items():
                before = found.get(edit.span)
                text = _both(before.edit.text, edit.text) if before is not None else edit.text
                found[edit.span] = Written(Edit(edit.span, text), before.part if before is not None else part)
            yield path, tuple(sorted(found.values(), key=lambda one: one.edit.span))

    def short(self, path: str) -> str:
        """A file's name, for messages."""
        return path.replace("\\", "/").rpartition("/")[2]

    def at(self, path: str, node: Node) -> str:
        """``net.py:12``."""
        return f"{self.short(path)}:{node.start_point[0] + 1}"


def _both(first: bytes, second: bytes) -> bytes:
    """Join two insertions at one place: of nested calls, the outer one is written first and closes last."""
    return second + first if first.startswith(b")") or second.startswith(b")") else first + second
