"""Which fixes can be made at once."""

from __future__ import annotations

from collections.abc import Iterable

from loopwise.analysis.rule import Fix
from loopwise.diagnosis.run import Found
from loopwise.text import Edit


def best(found: Found, *, unsafe: bool = False) -> Fix | None:
    """The fix that is made without a request: the first one if it is safe (or unsafe ones are wanted)."""
    fixes = [fix for fix in found.fixes() if fix.edits]
    return fixes[0] if fixes and (fixes[0].safe or unsafe) else None


def joined(fixes: Iterable[Fix]) -> list[Edit]:
    """The edits of fixes that do not clash, in source order; one that several have (an import) is made once."""
    edits: list[Edit] = []
    for fix in fixes:
        edits += [edit for edit in fix.edits if edit not in edits]
    return sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))


def together(found: Iterable[Found]) -> tuple[list[Edit], list[Found]]:
    """The edits of the best safe fixes that do not clash, and the findings that they fix."""
    chosen: list[tuple[Found, Fix]] = []
    for one in found:
        fix = best(one)
        if fix is not None and not any(clash(fix, other) for _, other in chosen):
            chosen.append((one, fix))
    return joined(fix for _, fix in chosen), [one for one, _ in chosen]


def clash(fix: Fix, other: Fix) -> bool:
    """Can two fixes not both be made, because they touch the same code?"""
    return any(_clash(edit, another) for edit in fix.edits for another in other.edits)


def _clash(edit: Edit, other: Edit) -> bool:
    """Can the two not both be made?  The same import is made once; two insertions at one place have no order."""
    if edit == other and b"import" in edit.text:
        return False
    if edit.span == other.span or edit.span.start == other.span.start:
        return True
    first, second = sorted((edit.span, other.span), key=lambda span: (span.start, span.end))
    return first.end > second.start
