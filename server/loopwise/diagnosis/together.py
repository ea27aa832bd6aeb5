"""Fixes of several findings at once."""

from __future__ import annotations

from collections.abc import Iterable

from loopwise.analysis.rule import Fix
from loopwise.diagnosis.run import Found
from loopwise.text import Edit


def together(found: Iterable[Found], *, unsafe: bool = False) -> tuple[list[Edit], list[Found]]:
    """The edits of the best fix of each finding, in source order, and the findings that they mend.

    Only safe fixes, if not asked for others too.  Where two fixes would touch the same code the first one counts and
    the other finding waits for the next round; an edit that both have (an import) is made once.
    """
    taken: list[Edit] = []
    mended: list[Found] = []
    for one in found:
        fix = best(one, unsafe=unsafe)
        if fix is not None and not any(_clash(edit, other) for edit in fix.edits for other in taken):
            taken += [edit for edit in fix.edits if edit not in taken]
            mended.append(one)
    return sorted(taken, key=lambda edit: (edit.span.start, edit.span.end)), mended


def best(found: Found, *, unsafe: bool = False) -> Fix | None:
    """The fix that is made when nobody is asked: the first one if it is safe (or unsafe ones are wanted)."""
    fixes = [fix for fix in found.finding.fixes() if fix.edits]
    return fixes[0] if fixes and (fixes[0].safe or unsafe) else None


def _clash(edit: Edit, other: Edit) -> bool:
    """Can the two not both be made?  The same import is made once; two insertions at one place have no order."""
    if edit == other and b"import" in edit.text:
        return False
    if edit.span == other.span or edit.span.start == other.span.start:
        return True
    first, second = sorted((edit.span, other.span), key=lambda span: (span.start, span.end))
    return first.end > second.start
