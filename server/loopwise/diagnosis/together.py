"""Combines fixes that can be applied at the same time."""

from __future__ import annotations

from collections.abc import Iterable

from loopwise.analysis.rule import Fix
from loopwise.diagnosis.run import Found
from loopwise.text import Edit


def best(found: Found, *, unsafe: bool = False) -> Fix | None:
    """The fix that is applied without a request: the first one if it is safe (or unsafe ones are wanted)."""
    fixes = [fix for fix in found.fixes() if fix.edits]
    return fixes[0] if fixes and (fixes[0].safe or unsafe) else None


def joined(fixes: Iterable[Fix]) -> list[Edit]:
    """The edits of compatible fixes, in source order; one that several share (an import) is applied once."""
    edits: list[Edit] = []
    for fix in fixes:
        edits += [edit for edit in fix.edits if edit not in edits]
    return sorted(edits, key=lambda edit: (edit.span.start, edit.span.end))


def together(found: Iterable[Found]) -> tuple[list[Edit], list[Found]]:
    """The edits of the best safe fixes that are compatible, and the findings that they fix."""
    chosen: list[tuple[Found, Fix]] = []
    for one in found:
        fix = best(one)
        if fix is not None and not any(clash(fix, other) for _, other in chosen):
            chosen.append((one, fix))
    return joined(fix for _, fix in chosen), [one for one, _ in chosen]


def clash(fix: Fix, other: Fix) -> bool:
    """Are two fixes incompatible, because they touch the same code?"""
    return any(_clash(edit, another) for edit in fix.edits for another in other.edits)


def _clash(edit: Edit, other: Edit) -> bool:
    """Are two edits incompatible?  Equal imports are not; two insertions at one place are, as they have no order."""
    if edit == other and b"import" in edit.text:
        return False
    # Insertions at one place have no order.
    if edit.span == other.span or edit.span.start == other.span.start:
        return True
    first, second = sorted((edit.span, other.span), key=lambda span: (span.start, span.end))
    return first.end > second.start
