"""Trees: parsing, and parsing again after an edit.

tree-sitter returns a tree for any text; broken code becomes ``ERROR`` nodes among whole ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Tree

from loopwise.syntax.deep import cut, deep_statements
from loopwise.syntax.long_runs import Run, are_comments, blanked_in, long_runs, without
from loopwise.syntax.newer import with_older_syntax
from loopwise.syntax.recovery import recovered
from loopwise.text import Edit, Source, Span

# Up to this size (bytes) a text with syntax errors is parsed from scratch on each edit: tree-sitter's recovery
# from an error can differ between an edited and a fresh tree, and a fresh parse of so little takes 2 ms.
SMALL = 64 * 1024

_ROUNDS = 3  # until texts whose strings hold what looks like comments are parsed as they are
_FAR = 40  # how deep a line is looked at
_WANTS_MORE = re.compile(rb"(?:\.|\bimport)(?=[ \t]*(?:\#[^\r\n]*)?[\r\n])")


@cache
def language() -> Language:
    """Python's grammar."""
    return Language(tree_sitter_python.language())


def _parser() -> Parser:
    """A parser of its own for each text: one is not safe to share between threads, and making one costs 1 µs."""
    return Parser(language())


def parse(source: Source) -> Tree:
    """The tree of a text, from scratch (about 4 ms per 1,000 lines); of a small broken one, of what it will be."""
    tree = _fresh(source.data)
    if len(source.data) > SMALL or not _broken(tree, source.data):
        return tree
    older = with_older_syntax(source.data)
    as_older = _fresh(source.data, older) if older != source.data else tree
    if damage(as_older, source.data) < damage(tree, source.data):
        tree = as_older
    whole = recovered(source.data) if _broken(tree, source.data) else source.data
    better = _fresh(whole) if whole != source.data else tree
    return better if damage(better, whole) < damage(tree, source.data) else tree


def is_broken(source: Source) -> bool:
    """Has a text syntax errors in the eyes of the grammar, apart from newer syntax?"""
    return _fresh(source.data).root_node.has_error and _fresh(with_older_syntax(source.data)).root_node.has_error


def _fresh(data: bytes, older: bytes | None = None) -> Tree:
    """The tree of a text, parsed as the text ``older``, which is as long."""
    runs = long_runs(data)
    for _ in range(_ROUNDS):
        tree = _without(data, runs, older=older)
        comments = tuple(run for run in runs if are_comments(tree, data, run))
        if comments == runs:
            return _shallow(tree, data, runs, older)
        runs = comments
    return _shallow(_without(data, (), older=older), data, (), older)


def _shallow(tree: Tree, data: bytes, runs: Sequence[Run], older: bytes | None) -> Tree:
    """A tree of the same text without what is nested too deeply."""
    cuts: list[Span] = []
    for _ in range(_ROUNDS):
        deep = deep_statements(tree)
        if not deep:
            break
        cuts += deep
        tree = _without(data, runs, cuts=cuts, older=older)
    return tree


def _without(
    data: bytes, runs: Sequence[Run], old: Tree | None = None, cuts: Sequence[Span] = (), older: bytes | None = None
) -> Tree:
    """The tree of a text without the inner comments of runs, and with numbers for ``cuts``, parsed as ``older``.

    The text of its nodes is that of ``data``.
    """
    read = older if older is not None else data
    shown = without(read, runs) if runs or cuts or older is not None else data
    if isinstance(shown, bytearray):
        cut(shown, cuts)
    tree = _parser().parse(shown, old) if old is not None else _parser().parse(shown)
    if isinstance(shown, bytearray):
        shown[:] = data  # the tree reads the text of its nodes from here
    return tree


class Step(NamedTuple):
    """One edit as tree-sitter takes it: byte offsets, then rows and byte columns."""

    start: int
    end: int
    new_end: int
    start_point: tuple[int, int]
    end_point: tuple[int, int]
    new_end_point: tuple[int, int]

    @classmethod
    def of(cls, old: Source, edit: Edit, new: Source) -> Step:
        """The step from one text to the next."""
        start, end, new_end = edit.span.start, edit.span.end, edit.new_end
        return cls(start, end, new_end, old.point(start), old.point(end), new.point(new_end))


class Edited(NamedTuple):
    """A text of which the tree was made some edits ago; parsed when somebody asks, once for all of them."""

    tree: Tree
    source: Source
    """The text of ``tree``, before the steps."""
    steps: tuple[Step, ...]
    new: Source

    def then(self, edit: Edit, new: Source) -> Edited:
        """The text after one more edit."""
        return Edited(self.tree, self.source, (*self.steps, Step.of(self.new, edit, new)), new)

    def parse(self) -> Tree:
        """The tree of the text as it is now; what the edits left alone is taken from the old tree."""
        root, small = self.tree.root_node, max(len(self.source.data), len(self.new.data)) <= SMALL
        if small and root.text != self.source.data[root.start_byte : root.end_byte]:
            return parse(self.new)  # the tree is of a recovered text
        runs = long_runs(self.new.data)
        result = _without(self.new.data, runs, self._old(runs))
        wrong = not all(are_comments(result, self.new.data, run) for run in runs)
        again = wrong or deep_statements(result) or (len(self.new.data) <= SMALL and _broken(result, self.new.data))
        return parse(self.new) if again else result

    def _old(self, runs: Sequence[Run]) -> Tree:
        """The old tree, told where the text that the parser sees has changed since."""
        edited, blanked = self.tree.copy(), blanked_in(self.tree, self.source.data)
        if not blanked and not runs:
            for step in self.steps:
                edited.edit(*step)
            return edited
        old, new = bytes(without(self.source.data, blanked)), bytes(without(self.new.data, runs))
        start = _same(old, new, 0)
        end = _same(old[::-1], new[::-1], start)
        edit = Edit(Span(start, len(old) - end), new[start : len(new) - end])
        edited.edit(*Step.of(self.source, edit, self.new))
        return edited


def _same(one: bytes, other: bytes, taken: int) -> int:
    """With how many equal bytes two texts start; the last ``taken`` are not looked at."""
    low, high = 0, min(len(one), len(other)) - taken
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _broken(tree: Tree, data: bytes) -> bool:
    return tree.root_node.has_error or _runs_on(tree, data)


def _runs_on(tree: Tree, data: bytes) -> bool:
    """Does a line end where the next one cannot go on (``queue.``, ``from x import``), and is taken to?"""
    for match in _WANTS_MORE.finditer(data):
        leaf = tree.root_node.descendant_for_byte_range(match.start(), match.start())
        if leaf is not None and leaf.type in {".", "import"} and not in_brackets(leaf):
            return True
    return False


def in_brackets(node: Node) -> bool:
    """Is a node inside brackets that are closed?"""
    parent = node.parent
    for _ in range(_FAR):
        if parent is None or parent.type.endswith(("_statement", "_definition", "block", "module")):
            return False
        if parent.child_count and parent.children[-1].type in {")", "]", "}"}:
            return True
        parent = parent.parent
    return False


def damage(tree: Tree, data: bytes) -> int:
    """A measure of a tree's errors: bytes in error nodes, plus one for each error and missing token."""
    total, stack = int(_runs_on(tree, data)), [tree.root_node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            total += 1 + sum(child.end_byte - child.start_byte for child in node.children if not child.child_count)
        stack += [child for child in node.children if child.has_error]
    return total
