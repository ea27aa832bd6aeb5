"""One cause, one finding: findings that share a helper or lock are shown once, at the first place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import msgspec

from loopwise.analysis.rule import Fix, Related
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.together import clash

# In so many functions of one file the cause is what is worth a look; where two call a helper, each place is still fixed
# by itself. Of 150 findings in 20 packages, 21 were the callers of four helpers.
_MANY = 3


def grouped(found: Iterable[Found]) -> list[Found]:
    """Merge findings with the same cause, in order; the other places become related ones."""
    groups: dict[object, list[Found]] = {}
    for one in found:
        cause = one.finding.cause
        key = (one.rule.name, cause.key) if cause is not None else (one.rule.name, one.finding.span)
        groups.setdefault(key, []).append(one)
    return [each for group in groups.values() for each in ([_joined(group)] if _is_one(group) else group)]


def _is_one(group: Sequence[Found]) -> bool:
    causes = [one.finding.cause for one in group if one.finding.cause is not None]
    if len(group) < 2 or len(causes) < len(group):
        return False
    return all(cause.is_minor for cause in causes) or len({cause.function for cause in causes}) >= _MANY


def _joined(group: Sequence[Found]) -> Found:
    first, *others = group
    related = (*first.finding.related, *(Related(one.finding.span, "Here too") for one in others))
    finding = msgspec.structs.replace(first.finding, fixes=partial(_fixes, tuple(group)), related=related)
    return first._replace(finding=finding)


def _fixes(group: Sequence[Found]) -> tuple[Fix, ...]:
    """The first fix of each finding, combined into one; empty if one of them cannot be applied."""
    firsts = [fixes[0] for one in group if (fixes := one.fixes())]
    # One fix for all places or none: half of it would hide the rest.
    if len(firsts) < len(group) or any(fix.refused or not fix.edits for fix in firsts):
        return ()
    if any(clash(fix, other) for index, fix in enumerate(firsts) for other in firsts[:index]):
        return ()
    edits = tuple(dict.fromkeys(edit for fix in firsts for edit in fix.edits))
    title = f"{firsts[0].title} ({len(group)} places)"
    return (Fix(title, edits, all(fix.safe for fix in firsts)),)
