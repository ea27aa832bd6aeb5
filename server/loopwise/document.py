"""Documents that an editor has open: immutable, each edit gives the next one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from loopwise.semantics.carried import Carried
from loopwise.semantics.files import File
from loopwise.semantics.project import module_name
from loopwise.syntax import Edited, Tree
from loopwise.text import Edit, Source


class Document:
    """A text at one version.  ``path`` is ``None`` for what has not been saved yet."""

    def __init__(
        self,
        uri: str,
        version: int,
        path: Path | None,
        source: Source,
        edited: Edited | None = None,
        module: tuple[str, Path] | None = None,
        carried: Mapping[tuple[str, int], Carried] | None = None,
    ) -> None:
        self.uri = uri
        self.version = version
        self.path = path
        self.source = source
        # The dotted name and the folder it is imported from; looked up on disk once per opened file.
        self.module = module if module is not None or path is None else module_name(path)
        self._edited = edited
        self._carried = carried or {}

    def edited(self, version: int, edit: Edit) -> Document:
        """The document after an edit; the tree of what the edit left alone is kept for the next one."""
        source, edited = self.file.edited(edit)
        return Document(self.uri, version, self.path, source, edited, self.module, self.file.carried(edit))

    def replaced(self, version: int, text: str) -> Document:
        return Document(self.uri, version, self.path, Source.of(text), module=self.module)

    def settled(self) -> Document:
        """The same text parsed from scratch, if its tree has errors: recovery from them can depend on the way here."""
        if not self.tree.root_node.has_error:
            return self
        return Document(self.uri, self.version, self.path, self.source, module=self.module)

    @property
    def tree(self) -> Tree:
        return self.file.tree

    @cached_property
    def file(self) -> File:
        """The document as a module."""
        if self.path is None or self.module is None:
            return File("__main__", self.uri, self.source, self._edited, carried=self._carried)
        package = self.path.name == "__init__.py"
        name, key = self.module[0], str(self.path)
        return File(name, key, self.source, self._edited, package=package, carried=self._carried)
