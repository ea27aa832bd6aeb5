"""Folds trees that are too large to read: first functions without callers, then deep branches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from loopwise.graph.tree import Branch
from loopwise.graph.values import Ref

_NAMED = 3  # functions that a folded line names


def folded(branches: tuple[Branch, ...], most: int) -> tuple[Branch, ...]:
    """A tree of at most about ``most`` lines.

    Entry points without branches become one line per module.  If that is not enough, deep branches become a line with
    their size; if there are too many entry points even so, they become one line per module.
    """
    shown = (*(one for one in branches if _matters(one)), *_alone(one for one in branches if not _matters(one)))
    if _count(shown) <= most:
        return shown
    # From the deepest that the tree shows down to the first level that fits.
    deepest = next((deep for deep in range(12, 0, -1) if _count(shown, deep) <= most), 0)
    if deepest:
        return tuple(_cut(one, deepest) for one in shown)
    return tuple(_modules(shown))


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


def _modules(branches: Iterable[Branch]) -> Iterator[Branch]:
    for module, some in _by_module(branches):
        count = sum(_count(one.branches) for one in some)
        yield _fold(f"{module}: {len(some)} entry points, {count} calls below them", some[0])


def _by_module(branches: Iterable[Branch]) -> Iterator[tuple[str, list[Branch]]]:
    found: dict[str, list[Branch]] = {}
    for one in branches:
        name = one.ref.name if one.ref is not None else ""
        found.setdefault(one.label.removesuffix(name).rstrip("."), []).append(one)
    yield from found.items()


def _fold(label: str, first: Branch) -> Branch:
    ref = Ref(first.ref.path, "") if first.ref is not None else None
    return Branch("fold", label, ref, None, first.line)
