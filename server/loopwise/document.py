"""Documents that an editor has open: immutable, each edit gives the next one."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from loopwise.semantics.files import File
from loopwise.semantics.project import module_name
from loopwise.syntax import Tree, parse, reparse
from loopwise.text import Edit, Source


class Document:
    """A text at one version, with its tree.  ``path`` is ``None`` for what has not been saved yet."""

    def __init__(self, uri: str, version: int, path: Path | None, source: Source, tree: Tree | None = None) -> None:
        self.uri = uri
        self.version = version
        self.path = path
        self.source = source
        self.tree = tree if tree is not None else parse(source)

    def edited(self, version: int, edit: Edit) -> Document:
        """The document after an edit; the tree of what the edit left alone is kept."""
        source = self.source.edited(edit)
        return Document(self.uri, version, self.path, source, reparse(self.tree, self.source, edit, source))

    def replaced(self, version: int, text: str) -> Document:
        return Document(self.uri, version, self.path, Source.of(text))

    def settled(self) -> Document:
        """The same text parsed from scratch, if its tree has errors: recovery from them can depend on the way here."""
        if not self.tree.root_node.has_error:
            return self
        return Document(self.uri, self.version, self.path, self.source)

    @cached_property
    def file(self) -> File:
        """The document as a module."""
        if self.path is None:
            return File("__main__", self.uri, self.source, self.tree)
        package = self.path.name == "__init__.py"
        return File(module_name(self.path)[0], str(self.path), self.source, self.tree, package=package)
