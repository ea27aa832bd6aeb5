"""Folds trees that are too large to read: first functions without callers, then deep branches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from loopwise.graph.tree import Branch
from loopwise.graph.values import Ref

# What a reader of a large program looks for first: what runs beside what.
_NOTABLE = frozenset({"task", "group", "gathers", "thread", "process", "runs"})
_NAMED = 3  # functions that a folded line names


def folded(branches: tuple[Branch, ...], most: int) -> tuple[Branch, ...]:
    """A tree of at most about ``most`` lines.

    Entry points without branches become one line per module.  If that is not enough, deep branches become a line with
    their size; if there are too many entry points even so, each module becomes a line, with what it starts and blocks
    on below it, or, if even that is too much, with what needs attention.
    """
    shown = (*(one for one in branches if _matters(one)), *_alone(one for one in branches if not _matters(one)))
    if _count(shown) <= most:
        return shown
    # From the deepest that the tree shows down to the first level that fits.
    deepest = next((deep for deep in range(12, 0, -1) if _count(shown, deep) <= most), 0)
    if deepest:
        return tuple(_cut(one, deepest) for one in shown)
    ways = (tuple(_modules(branches, which)) for which in (_is_notable, _is_marked))
    return next((found for found in ways if _count(found) <= most), tuple(_modules(branches, lambda _: False)))


def _is_notable(branch: Branch) -> bool:
    return branch.kind in _NOTABLE or _is_marked(branch)


def _is_marked(branch: Branch) -> bool:
    return branch.kind == "blocks" or branch.lost


def _matters(branch: Branch) -> bool:
    return bool(branch.branches) or branch.why != "not called here"


def _count(branches: Iterable[Branch], deepest: int = 99) -> int:
    return sum(1 + (_count(one.branches, deepest - 1) if deepest > 1 else bool(one.branches)) for one in branches)


def _cut(branch: Branch, deepest: int) -> Branch:
    if deepest > 1:
        return msgspec.structs.replace(branch, branches=tuple(_cut(one, deepest - 1) for one in branch.branches))
    count = _count(branch.branches)
    return msgspec.structs.replace(branch, branches=(_fold(f"{count} more", branch),) if count else ())


def _alone(branches: Iterable[Branch]) -> Iterator[Branch]:
    """One line per module: ``3 coroutine functions that nothing here calls: a, b, c``."""
    for module, some in _by_module(branches):
        names = [one.ref.name for one in some if one.ref is not None]
        named = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
        if len(some) == 1:
            yield some[0]
        else:
            yield _fold(f"{module}: {len(some)} async functions that nothing here calls: {named}", some[0])


def _modules(branches: Iterable[Branch], shows: Callable[[Branch], bool]) -> Iterator[Branch]:
    """One line per module, ``app.net: 3 entry points``, with the calls in it that are shown, and their functions."""
    groups = list(_by_module(branches))
    names = {some[0].ref.path: module for module, some in groups if some[0].ref is not None}
    found: dict[str, dict[object, Branch]] = {}
    for module, some in groups:
        for one in _all(some):
            if shows(one):
                where = names.get(one.place.path, module) if one.place is not None else module
                found.setdefault(where, {})[one.place, one.line] = _placed(one)
    for module, some in groups:
        words = "1 entry point" if len(some) == 1 else f"{len(some)} entry points"
        below = tuple(found.get(module, {}).values())
        yield msgspec.structs.replace(_fold(f"{module}: {words}", some[0]), branches=below)


def _placed(branch: Branch) -> Branch:
    """A call by itself, with the function that it is in."""
    within = f"in {branch.place.name}()" if branch.place is not None and branch.place.name else ""
    return msgspec.structs.replace(branch, branches=(), again=False, why=within)


def _all(branches: Iterable[Branch]) -> Iterator[Branch]:
    for one in branches:
        yield one
        yield from _all(one.branches)


def _by_module(branches: Iterable[Branch]) -> Iterator[tuple[str, list[Branch]]]:
    found: dict[str, list[Branch]] = {}
    for one in branches:
        name = one.ref.name if one.ref is not None else ""
        found.setdefault(one.label.removesuffix(name).rstrip("."), []).append(one)
    yield from found.items()


def _fold(label: str, first: Branch) -> Branch:
    ref = Ref(first.ref.path, "") if first.ref is not None else None
    return Branch("fold", label, ref, None, first.line)
