"""Hover over what is found, and over the code or name of a rule in a comment."""

from __future__ import annotations

from collections.abc import Iterable

from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection, known_rules
from loopwise.diagnosis.suppression import directives, means
from loopwise.features.hover.resolve import PageHover
from loopwise.project import View
from loopwise.rules.rule_card import rule_card, rules_page
from loopwise.text import Span


def hover_word(view: View, offset: int, selection: Selection | None = None) -> PageHover | None:
    """The rule that a word means in ``# noqa: LW201`` and its like; of ``LW2`` the rules that start so."""
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
    """The rules of what is found at a place; the smallest find tells what the hover is about."""
    here = [one for one in found if one.finding.span.start <= offset <= one.finding.span.end]
    if not here:
        return None
    smallest: Span = min((one.finding.span for one in here), key=lambda span: span.end - span.start)
    rules = {one.rule.name: one.rule for one in here}
    pages = (rule_card(rule, selection.severity(rule), samples="none") for rule in rules.values())
    return PageHover(smallest, next(iter(rules)), "\n\n---\n\n".join(pages))
