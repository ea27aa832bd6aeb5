"""Fix all: applies the fixes of a whole document, round by round, as long as they improve it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from loopwise.analysis.rule import Fix
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.together import best, clash, joined
from loopwise.diagnosis.verify import applied, broken, moved, worse
from loopwise.project import Document
from loopwise.text import Edit, Span
from loopwise.writing import without_unused

_MOST_ROUNDS = 20  # each round fixes what does not overlap; what is left then is fixed in a circle


class Rejected(msgspec.Struct, frozen=True):
    """A fix that is not applied because it would leave the code worse."""

    found: Found
    """The finding, in the document with all other fixes applied."""
    fix: Fix
    reason: str


class Fixed(msgspec.Struct, frozen=True):
    """A document with its fixes applied."""

    document: Document
    found: tuple[Found, ...]
    """The findings in that document."""
    count: int = 0
    """The number of findings that were fixed."""
    rejected: tuple[Rejected, ...] = ()


def fixed(
    document: Document,
    find: Callable[[Document], Iterable[Found]],
    *,
    unsafe: bool = False,
    wanted: Callable[[Document, Found], bool] = lambda _, __: True,
) -> Fixed:
    """Apply all fixes that are safe without review, except those that leave the code worse.

    ``find`` returns all findings of a document, ``wanted`` decides which of them are to be fixed.
    """
    state = Fixed(document, tuple(find(document)))
    for _ in range(_MOST_ROUNDS):
        after = _Round(state, find, wanted, unsafe=unsafe).made()
        if after.count == state.count and len(after.rejected) == len(state.rejected):
            break
        state = after
    return _without_unused(document, state, find) if state.count else state


def _without_unused(before: Document, state: Fixed, find: Callable[[Document], Iterable[Found]]) -> Fixed:
    """Remove the imports that the fixes left unused."""
    edits = without_unused(before.file, state.document.file, state.document.file)
    if not edits:
        return state
    document = applied(state.document, edits)
    rejected = (msgspec.structs.replace(one, found=_moved(one.found, edits)) for one in state.rejected)
    return Fixed(document, tuple(find(document)), state.count, tuple(rejected))


class _Chosen(msgspec.Struct, frozen=True):
    """A finding, and the fix chosen for it."""

    found: Found
    fix: Fix


class _Round:
    """One round of compatible fixes; those that leave the code worse are rejected."""

    def __init__(
        self,
        state: Fixed,
        find: Callable[[Document], Iterable[Found]],
        wanted: Callable[[Document, Found], bool],
        *,
        unsafe: bool,
    ) -> None:
        self.state = state
        self.find = find
        self.wanted = wanted
        self.unsafe = unsafe
        self.best = state
        self.accepted: list[_Chosen] = []
        self.rejected: list[Rejected] = []

    def made(self) -> Fixed:
        """The state after the round."""
        self._settle(self._chosen())
        edits = joined(one.fix for one in self.accepted)
        before = [
            msgspec.structs.replace(one, found=_moved(one.found, edits))
            for one in (*self.state.rejected, *self.rejected)
        ]
        count = self.state.count + len(self.accepted)
        return Fixed(self.best.document, self.best.found, count, tuple(before))

    def _chosen(self) -> list[_Chosen]:
        chosen: list[_Chosen] = []
        # Rejected fixes are not tried again, so that the rounds end.
        refused = {_key(one.found) for one in self.state.rejected}
        for found in self.state.found:
            if _key(found) in refused or not self.wanted(self.state.document, found):
                continue
            fix = best(found, unsafe=self.unsafe)
            if fix is not None and not any(clash(fix, other.fix) for other in chosen):
                chosen.append(_Chosen(found, fix))
        return chosen

    def _settle(self, group: list[_Chosen]) -> None:
        """Accept the harmless fixes of a group, given those already accepted."""
        if not group:
            return
        tried = [*self.accepted, *group]
        after, reason = self._tried(tried)
        if not reason:
            self.accepted, self.best = tried, after
        elif len(group) == 1:
            self.rejected.append(Rejected(group[0].found, group[0].fix, reason))
        else:
            # Halving finds the harmful fixes in few checks, as most are harmless.
            middle = len(group) // 2
            self._settle(group[:middle])
            self._settle(group[middle:])

    def _tried(self, group: Sequence[_Chosen]) -> tuple[Fixed, str]:
        edits = joined(one.fix for one in group)
        document = applied(self.state.document, edits)
        reason = broken(self.state.document, document, edits)
        if reason:
            return self.state, reason
        found = tuple(self.find(document))
        return Fixed(document, found), worse(self.state.found, found, [one.found for one in group])


def _key(found: Found) -> tuple[str, Span]:
    return found.rule.name, found.finding.span


def _moved(found: Found, edits: Iterable[Edit]) -> Found:
    return found._replace(finding=msgspec.structs.replace(found.finding, span=moved(found.finding.span, edits)))


def difference(old: bytes, new: bytes) -> list[Edit]:
    """Edits that turn one text into the other, line by line."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    from difflib import SequenceMatcher  # Costs 3 ms, which a run that fixes nothing need not pay.

    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return [
        Edit(Span(starts[first], starts[last]), b"".join(after[begin:end]))
        for tag, first, last, begin, end in matcher.get_opcodes()
        if tag != "equal"
    ]
