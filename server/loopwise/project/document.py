"""Open documents: immutable, each edit returns the next version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from loopwise.semantics.bindings import Carried, File
from loopwise.semantics.modules import module_name
from loopwise.syntax import Edited, Tree
from loopwise.text import Edit, Source, Span


class Document:
    """A text at one version.  ``path`` is ``None`` if it has not been saved yet.

    A notebook is a document too: ``cells`` are the byte offsets at which its cells start; each ends with a line end.
    """

    def __init__(
        self,
        uri: str,
        version: int,
        path: Path | None,
        source: Source,
        edited: Edited | None = None,
        module: tuple[str, Path] | None = None,
        carried: Mapping[tuple[str, int], Carried] | None = None,
        cells: tuple[int, ...] = (),
    ) -> None:
        self.uri = uri
        self.version = version
        self.path = path
        self.source = source
        self.cells = cells
        # The dotted name and the folder it is imported from; looked up on disk once per opened file.
        self.module = module if module is not None or path is None or cells else module_name(path)
        self._edited = edited
        self._carried = carried or {}

    def edited(self, version: int, edit: Edit, cells: tuple[int, ...] | None = None) -> Document:
        """The document after an edit; the parts of the tree that the edit left alone are reused.

        ``cells`` are the new starts of cells; an edit within one cell moves those below it.
        """
        source, edited = self.file.edited(edit)
        if cells is None:
            shift = edit.new_end - edit.span.end
            cells = tuple(at if at <= edit.span.start else at + shift for at in self.cells)
        return Document(self.uri, version, self.path, source, edited, self.module, self.file.carried(edit), cells)

    def replaced(self, version: int, text: str) -> Document:
        return Document(self.uri, version, self.path, Source.of(text), module=self.module, cells=self.cells)

    def settled(self) -> Document:
        """The same text parsed from scratch, if its tree has errors: recovery from them can depend on earlier edits."""
        if not self.tree.root_node.has_error:
            return self
        return Document(self.uri, self.version, self.path, self.source, module=self.module, cells=self.cells)

    @property
    def folder(self) -> Path | None:
        """The folder that its imports are resolved from; ``None`` if it is that of its root."""
        if self.module is not None:
            return self.module[1]
        return self.path.parent if self.path is not None else None

    def part(self, offset: int) -> Span:
        """The bytes of the cell around an offset, without the line end that ends it; or all bytes."""
        start = self.file.cell_start(offset)
        end = len(self.source.data) - bool(self.cells)
        return Span(start, min((at - 1 for at in self.cells if at > offset), default=end))

    @property
    def tree(self) -> Tree:
        return self.file.tree

    @cached_property
    def file(self) -> File:
        """The document as a module."""
        if self.path is None or self.module is None:
            return File("__main__", self.uri, self.source, self._edited, cells=self.cells, carried=self._carried)
        package = self.path.name == "__init__.py"
        name, key = self.module[0], str(self.path)
        return File(name, key, self.source, self._edited, package=package, carried=self._carried)
