"""A module's text, tree and location: the input of evaluation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from loopwise.semantics.bindings.binding import Binding, Table
from loopwise.semantics.bindings.carried import OUTER, Carried, carry
from loopwise.semantics.bindings.table import table_of
from loopwise.syntax import SMALL, Edited, Node, Step, Tree, parse
from loopwise.text import Edit, Source, decode, encode

_NOTHING: Mapping[tuple[str, int], Carried] = MappingProxyType({})
SUMMARY = "#summary.pyi"
"""Suffix of the key of a library module that is loaded from a summary."""
_MOST_STEPS = 50  # edits that wait for a parse


# A star import may bind any name.
_STAR = re.compile(rb"\bimport[\s\\]*\*")
_ITEMS = rb"""(?:[\s,]|\#[^\n]*\n|"[^"\\\n]*"|'[^'\\\n]*')*"""
_LISTED = re.compile(rb"^__all__[ \t]*=[ \t]*[\[(](" + _ITEMS + rb")[\])][ \t\r]*(?:\#[^\n]*)?$", re.MULTILINE)
_QUOTED = re.compile(rb"""\#[^\n]*|["']([^"'\n]*)["']""")
# The only constructs, apart from identity and truth, by which inference narrows a class.
_ASKING = (b"isinstance(", b"hasattr(", b"case ")


class File:
    """One version of a module.  Compared by identity: a changed text is another file.

    ``name`` is the dotted module name, ``key`` says where it is from (a path or a URI).
    ``outer`` is where a quoted annotation is, when the text is one: its names are looked up from there.
    ``cells`` are the byte offsets at which the cells of a notebook start; empty for what is not one.
    ``is_summary`` is a library's module; ``is_shipped`` one of a library that is not installed: its summary comes with
    the program, and the project may use another version.
    """

    def __init__(
        self,
        name: str,
        key: str,
        source: Source,
        tree: Tree | Edited | None = None,
        *,
        package: bool = False,
        outer: tuple[File, Node] | None = None,
        cells: tuple[int, ...] = (),
        carried: Mapping[tuple[str, int], Carried] = _NOTHING,
    ) -> None:
        self.name = name
        self.key = key
        self.source = source
        self.package = package
        self.outer = outer
        self.cells = cells
        self.is_stub = key.endswith(".pyi") and outer is None
        self.is_summary = self.is_stub and key.endswith(SUMMARY)
        self.is_shipped = self.is_summary and key == f"{name}{SUMMARY}"
        self._made_of = tree
        self._tables: dict[int, Table] = {}
        self._carried = dict(carried)
        self.setting: dict[int, dict[str, list[Node]]] = {}  # by unit, what sets its names from inside; by `names`
        self.assigned: dict[int, dict[str, list[tuple[Node, Binding]]]] = {}  # by class; kept by `members`

    def __repr__(self) -> str:
        return f"File({self.name!r})"

    @cached_property
    def tree(self) -> Tree:
        """The tree, parsed on first use: a keystroke without a request costs no parse."""
        if isinstance(self._made_of, Edited):
            return self._made_of.parse()
        return self._made_of if self._made_of is not None else parse(self.source)

    def edited(self, edit: Edit) -> tuple[Source, Edited]:
        """The text after an edit, and the edited tree for the incremental parse."""
        source = self.source.edited(edit)
        waiting = self._made_of
        if "tree" not in self.__dict__ and isinstance(waiting, Edited) and len(waiting.steps) < _MOST_STEPS:
            return source, waiting.then(edit, source)
        return source, Edited(self.tree, self.source, (Step.of(self.source, edit, source),), source)

    def typed(self, edit: Edit) -> File:
        """The file as if ``edit`` had been typed; cells that start after the edit are not moved."""
        source, edited = self.edited(edit)
        return File(self.name, self.key, source, edited, package=self.package, outer=self.outer, cells=self.cells)

    def cell_start(self, offset: int) -> int:
        """Start offset of the notebook cell around a byte offset; 0 in a file that is not a notebook."""
        return max((start for start in self.cells if start <= offset), default=0)

    @cached_property
    def root(self) -> Node:
        return self.tree.root_node

    def rest(self) -> None:
        """Drop the objects that represent nodes, until they are next asked for: they take as much as the tree."""
        self.__dict__.pop("root", None)  # a node keeps its children
        self.setting.clear()
        self.assigned.clear()

    @cached_property
    def table(self) -> Table:
        return self.table_of(self.root)

    def may_bind(self, name: str) -> bool:
        """Can the module level bind ``name``?  Determined by words as long as the file has not been parsed.

        A package that star-imports a thousand modules would have all of them parsed for each of its names.
        """
        if self._tables or not self.source.data.isascii():  # Python normalises other spellings of a name
            return True
        return encode(name) in self.source.data or self._has_stars

    @cached_property
    def _has_stars(self) -> bool:
        return _STAR.search(self.source.data) is not None

    @cached_property
    def exported(self) -> frozenset[str] | None:
        """The names in a literal ``__all__``; ``None`` if there is none, or it is computed or changed."""
        found = _LISTED.findall(self.source.data) if self.source.data.count(b"__all__") == 1 else ()
        return frozenset(map(decode, filter(None, _QUOTED.findall(found[0])))) if found else None

    @cached_property
    def asks_for_classes(self) -> bool:
        """Can a condition in the file narrow the class of a value?"""
        return any(word in self.source.data for word in _ASKING)

    def table_of(self, unit: Node) -> Table:
        """The table of a unit of this file; looked up by node first, which saves hashing the unit's text."""
        table = self._tables.get(unit.id)
        if table is None:
            table = self._tables[unit.id] = self._outer_table(unit) if unit.type in OUTER else table_of(unit)
        return table

    def _outer_table(self, unit: Node) -> Table:
        if not self._carries:
            return table_of(unit)
        key = (unit.type, unit.start_byte)
        before = self._carried.get(key)
        table = before.table(unit, self.root) if before is not None else None
        if table is None:
            table = table_of(unit)
        self._carried[key] = Carried.of(unit, table)
        return table

    def carried(self, edit: Edit) -> Mapping[tuple[str, int], Carried]:
        """The tables that a file can take over after an edit."""
        return carry(self._carried.values(), edit) if self._carries else _NOTHING

    @property
    def _carries(self) -> bool:
        """Around errors a keystroke may change how distant code is parsed; small files are cheap to scan again."""
        return len(self.source.data) > SMALL and not self.root.has_error

    def absolute(self, module: str) -> str | None:
        """The absolute name of a module as imported here (``..x`` in ``a.b.c`` is ``a.x``)."""
        dots = len(module) - len(module.lstrip("."))
        if not dots:
            return module
        parts = self.name.split(".")
        keep = len(parts) - dots + (1 if self.package else 0)
        if keep < 0 or (keep == 0 and not module[dots:]):
            return None
        return ".".join([*parts[:keep], *([module[dots:]] if module[dots:] else [])])
