"""Orders in which imports are sorted: statements by module, and names within a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

Entry = tuple[str, str]  # a statement's module, as written, and its text
_Key = tuple[int | str, ...]


def are_sorted(entries: Iterable[Entry]) -> bool:
    """Are statements sorted by their modules?"""
    return _order_of(_ALPHABETS, list(entries)) is not None


def place_of(new: Entry, entries: Sequence[Entry]) -> int:
    """The index at which a statement goes, in the order of the others; alphabetical if they have none."""
    order = _order_of((*_ALPHABETS, _by_length), entries) or _by_module
    index = next((i for i, entry in enumerate(entries) if order(entry) > order(new)), len(entries))
    while index and entries[index - 1][0] == new[0] and entries[index - 1][1] > new[1]:
        index -= 1  # one statement for each name of a module
    return index


def place_among(name: str, names: Sequence[str], others: Sequence[Sequence[str]]) -> int:
    """The index at which a name goes: in the order of ``names``, or at the end.

    If several orders fit, the one that most of ``others``, the names in other statements, are in.
    """
    orders = [order for order in _NAME_ORDERS if _is_sorted(order, names)]
    if not orders:
        return len(names)
    order = max(orders, key=lambda order: sum(_is_sorted(order, other) for other in others))
    return next((i for i, found in enumerate(names) if order(found) > order(name)), len(names))


def _order_of(orders: Iterable[Callable[[Entry], _Key]], entries: Sequence[Entry]) -> Callable[[Entry], _Key] | None:
    return next((order for order in orders if all(order(a) <= order(b) for a, b in _pairs(entries))), None)


def _pairs(entries: Sequence[Entry]) -> Iterable[tuple[Entry, Entry]]:
    return zip(entries, entries[1:], strict=False)


def _is_sorted(order: Callable[[str], _Key], names: Sequence[str]) -> bool:
    keys = [order(name) for name in names]
    return keys == sorted(keys)


def _by_module(entry: Entry) -> _Key:
    return (*_distance(entry[0]), entry[0].lower())


def _nearest_first(entry: Entry) -> _Key:
    relative, dots = _distance(entry[0])
    return (relative, -dots, entry[0].lower())


def _by_length(entry: Entry) -> _Key:
    return (len(entry[1]), entry[0])


def _distance(module: str) -> tuple[int, int]:
    """Relative modules come last, the most distant of them first, as in isort."""
    dots = len(module) - len(module.lstrip("."))
    return (int(dots > 0), -dots)


_ALPHABETS = (_by_module, _nearest_first)


def _by_kind(name: str) -> _Key:
    """Constants, classes, others: isort's default order."""
    constant, upper = name.isupper() and len(name) > 1, name[:1].isupper()
    return (0 if constant else 1 if upper else 2, name.lower())


def _without_case(name: str) -> _Key:
    return (name.lower(),)


def _with_case(name: str) -> _Key:
    return (name,)


# isort's default (constants, classes, the rest), then without and with regard to case; the first that fits is kept.
_NAME_ORDERS = (_by_kind, _without_case, _with_case)
