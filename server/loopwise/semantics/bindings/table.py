"""The bindings of each name, scope by scope.

A *unit* is a function, a class body or the module level; its :class:`Table` lists the bindings made in it. A table's
spans are relative to its unit's start, so that a table stays valid as long as the unit's bytes do not change.
"""

from __future__ import annotations

from hashlib import blake2b

from loopwise.semantics.bindings.binding import Branch, Table
from loopwise.semantics.bindings.scan import Scan
from loopwise.syntax import Node

_MOST_BINDINGS = 80_000
"""Limit for the bindings in all cached tables, which take 25 MB: those of 200 modules.

Each keystroke leaves a table of the whole module.
"""


class _Tables:
    """Tables by node type and digest of the unit's bytes; the least recently used are dropped."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, bytes], Table] = {}
        self._bindings = 0

    def get(self, key: tuple[str, bytes]) -> Table | None:
        table = self._kept.pop(key, None)
        if table is not None:
            self._kept[key] = table
        return table

    def put(self, key: tuple[str, bytes], table: Table) -> None:
        self._kept[key] = table
        self._bindings += _size(table)
        while self._bindings > _MOST_BINDINGS and len(self._kept) > 1:
            self._bindings -= _size(self._kept.pop(next(iter(self._kept))))


def _size(table: Table) -> int:
    return 1 + len(table.scanned.bindings) + len(table.scanned.attributes)


_TABLES = _Tables()


def table_of(unit: Node) -> Table:
    """The table of a function, lambda, class or module node, or of broken code.

    Cached by content, except for broken code: the parser's recovery from an error depends on the surroundings too.
    """
    if unit.has_error:
        return Scan(unit).table()
    key = (unit.type, blake2b(unit.text or b"", digest_size=16).digest())
    table = _TABLES.get(key)
    if table is None:
        table = Scan(unit).table()
        _TABLES.put(key, table)
    return table


def branches_of(path: tuple[Node, ...], unit: Node) -> tuple[Branch, ...]:
    """The branches around a node, within its unit; ``path`` leads from the root to the node."""
    found: list[Branch] = []
    inside = False
    for index, node in enumerate(path):
        if node == unit:
            inside, found = True, []
        elif inside and node.type in _ARMED and index + 1 < len(path):
            arm = path[index + 1]
            if node.type == "match_statement":  # the clauses of a match are in a block of their own
                index, arm = index + 1, path[index + 2] if index + 2 < len(path) else arm
            deeper = path[index + 2] if index + 2 < len(path) else arm
            block = deeper if arm.type in _CLAUSES and deeper.type == "block" else arm
            if block.type == "block":
                found.append(Branch(node.start_byte - unit.start_byte, block.start_byte - unit.start_byte, node.type))
    return tuple(found)


_ARMED = frozenset(
    {"if_statement", "for_statement", "while_statement", "try_statement", "with_statement", "match_statement"}
)
_CLAUSES = frozenset(
    {"elif_clause", "else_clause", "except_clause", "except_group_clause", "finally_clause", "case_clause"}
)
# Only one branch of these runs; both parts of a ``try`` or a loop may.
EXCLUSIVE = frozenset({"if_statement", "match_statement"})
