"""Hovers over findings, and over the code or name of a rule in a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loopwise.analysis.rule import Severity
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection, known_rules
from loopwise.diagnosis.suppression import directives, means
from loopwise.features.hover.kinds import PageHover
from loopwise.project import View
from loopwise.rules.pages import page_of
from loopwise.rules.peers import same_as
from loopwise.rules.rule_card import rule_card, rules_page
from loopwise.text import Span


def hover_word(view: View, offset: int, selection: Selection | None = None) -> PageHover | None:
    """The page of the rule named in ``# noqa: LW201`` or the like; for a prefix such as ``LW2``, of all its rules."""
    source = view.file.source
    line = source.line_span(source.line_at(offset))
    if b"#" not in source.data[line.start : line.end]:
        return None
    for directive in directives(view.file, line.start, line.end):
        for word in directive.words:
            if word.span.start <= offset <= word.span.end:
                rules = [rule for rule in known_rules() if means(directive.kind, word.text, rule)]
                severity = selection.severity if selection is not None else None
                name = rules[0].name if len(rules) == 1 else word.text
                return PageHover(word.span, name, rules_page(word.text, rules, severity)) if rules else None
    return None


def hover_found(found: Iterable[Found], offset: int, selection: Selection) -> PageHover | None:
    """The findings at a byte offset with their fixes; the span is that of the smallest one."""
    return _page(found, offset, lambda one: _in_short(one, selection.severity(one.rule)))


def explain_found(found: Iterable[Found], offset: int, selection: Selection) -> PageHover | None:
    """The full pages of the rules with findings at a byte offset."""
    return _page(found, offset, lambda one: rule_card(one.rule, selection.severity(one.rule), samples="none"))


def _page(found: Iterable[Found], offset: int, told: Callable[[Found], str]) -> PageHover | None:
    """One part for each rule with a finding at the offset."""
    here = [one for one in found if one.finding.span.start <= offset <= one.finding.span.end]
    if not here:
        return None
    smallest: Span = min((one.finding.span for one in here), key=lambda span: span.end - span.start)
    rules = {one.rule.name: one for one in here}
    return PageHover(smallest, next(iter(rules)), "\n\n---\n\n".join(map(told, rules.values())))


def _in_short(found: Found, severity: Severity) -> str:
    """The rule's title, its fixes, a link and how to suppress it; editors show the finding's message themselves."""
    rule = found.rule
    titles = [fix.title for fix in found.finding.fixes() if not fix.refused]
    page = page_of(rule)
    name = f"[{rule.name}]({page})" if page is not None else f"`{rule.name}`"
    facts = f"{rule.code} · {severity.value} · {name}"
    parts = [rule.title, "Fix: " + " · ".join(titles) if titles else "", facts, same_as(rule)]
    return "\n\n".join([*(part for part in parts if part), f"Suppress: `# loopwise: ignore[{rule.name}]`"])
