"""The order in which VS Code shows the items of several servers: its rules in our words, as measured on 1.9x.

Items of all providers are put in one list, sorted by `sortText` (the label where there is none), then by label, then
by kind, whoever offers them.  With something typed each is scored by how its `filterText` (or label) matches
the text between the start of its edit and the cursor; without a match it is not shown; a better score comes first, and
equal scores keep the list's order.  The default settings are presumed: no locality bonus, snippets inline.
"""

from __future__ import annotations

from functools import lru_cache

UNTYPED = -100  # everybody's score while nothing is typed
_SEPARATORS = frozenset("_-. /\\'\":$<>()[]{}")
_NONE = -(10**9)


def order(items: list[list]) -> list[list]:
    """Return `[score, sortText, label, kind, …]` of the items that are shown, in order."""
    return sorted(items, key=lambda item: (-item[0], *_by_text(item)))


def _by_text(item: list) -> tuple[str, str, int]:
    _, sort, label, kind = item[:4]
    return (sort or label).lower(), label, kind or 0


@lru_cache(maxsize=500_000)
def score(typed: str, word: str) -> int | None:
    """Score how well `word` matches the typed letters; `None` if it is not shown."""
    if not typed:
        return UNTYPED
    typed, word = typed[:128], word[:128]
    if not _in_order(typed.lower(), word.lower()):
        return None
    total, last = _best(typed, word)
    if total is None or not _starts_well(typed, word):
        return None
    return total + 2 * (len(word) == len(typed)) - (last + 1 - len(typed))


def _in_order(typed: str, word: str) -> bool:
    letters = iter(word)
    return all(letter in letters for letter in typed)


def _starts_well(typed: str, word: str) -> bool:
    """Is the first letter at the word's start, after a separator, or a capital?"""
    at = len(word)
    for letter in reversed(typed.lower()):  # the last position of the first letter with room for the others after it
        at = word.lower().rindex(letter, 0, at)
    first = typed[0].lower()
    return any(word[one].lower() == first and _weight(typed, 0, word, one) > 1 for one in range(at + 1))


def _best(typed: str, word: str) -> tuple[int | None, int]:
    """Return the best sum over all ways to find the letters in the word, and the position of the last letter."""
    # best[at]: the best sum with the letters so far, the last of which is at `at`.
    best: dict[int, int] = {}
    for index in range(len(typed)):
        now: dict[int, int] = {}
        for at in range(index, len(word)):
            if typed[index].lower() != word[at].lower():
                continue
            if index == 0:
                now[at] = _letter(typed, 0, word, at, joined=False)
                continue
            ways = []
            if at - 1 in best:
                ways.append(best[at - 1] + _letter(typed, index, word, at, joined=True))
            apart = max((total for before, total in best.items() if before < at - 1), default=_NONE)
            if apart > _NONE:
                ways.append(apart - 5 + _letter(typed, index, word, at, joined=False))
            if ways:
                now[at] = max(ways)
        best = now
    if not best:
        return None, 0
    best = {at: one - (5 if at + 1 < len(word) else 0) for at, one in best.items()}  # what follows is a gap as well
    total = max(best.values())
    return total, min(at for at, one in best.items() if one == total)


def _letter(typed: str, index: int, word: str, at: int, *, joined: bool) -> int:
    """Score one letter found at `at`; `joined`: right after the previous one."""
    gap = _capital(word, at) or (at > 0 and word[at - 1] in _SEPARATORS)
    total = _weight(typed, index, word, at)
    if index == 0:
        total -= 0 if at == 0 else 3 if gap else 5
    elif joined:
        total += 0 if gap else 1
    else:
        total += 2 if gap else 0
    return total - (3 if gap else 5) if at + 1 == len(word) else total


def _weight(typed: str, index: int, word: str, at: int) -> int:
    exact = 7 if typed[index] == word[at] else 5
    if at == index or (_capital(word, at) and not (at and _capital(word, at - 1))):
        return exact
    if word[at] in _SEPARATORS and not (at and word[at - 1] in _SEPARATORS):
        return 5
    return 5 if at and word[at - 1] in _SEPARATORS else 1


def _capital(word: str, at: int) -> bool:
    return word[at] != word[at].lower()
