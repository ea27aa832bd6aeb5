"""Hovers over findings, and over the code or name of a rule in a comment."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loopwise.analysis.rule import Rule, Severity
from loopwise.diagnosis.run import Found
from loopwise.diagnosis.selection import Selection, known_rules
from loopwise.diagnosis.suppression import directives, means
from loopwise.features.hover.kinds import Hover, PageHover
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


def hover_found(
    found: Iterable[Found], offset: int, selection: Selection, card: Hover | None = None, *, shown: bool = False
) -> list[Hover]:
    """The findings at a byte offset and the card of the name there, in the order in which they are read.

    What is wrong and how to fix it come before the card, because they are short and urgent; the rule comes after it.
    ``shown``: the editor's own hover has the findings' messages, so that only the fixes are added.
    """

    def wrong(one: Found) -> str:
        severity = selection.severity(one.rule)
        return _what_is_wrong(one, titled=not shown or severity is Severity.HINT)  # hints have no hover of their own

    def about(one: Found) -> str:
        return _about_rule(one.rule, selection.severity(one.rule))

    every = list(found)
    if card is None:
        whole = _page(every, offset, lambda one: f"{wrong(one)}\n\n{about(one)}".strip())
        return [whole] if whole is not None else []
    parts = [_page(every, offset, wrong), card, _page(every, offset, about)]
    return [part for part in parts if part is not None]


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
    text = "\n\n---\n\n".join(filter(None, map(told, rules.values())))
    return PageHover(smallest, next(iter(rules)), text) if text else None


def _what_is_wrong(found: Found, *, titled: bool) -> str:
    """The rule's title, which says more than the finding's message, and the fixes."""
    titles = [fix.title for fix in found.finding.fixes() if not fix.refused]
    parts = [found.rule.title if titled else "", "Fix: " + " · ".join(titles) if titles else ""]
    return "\n\n".join(part for part in parts if part)


def _about_rule(rule: Rule, severity: Severity) -> str:
    """A link to the rule, the rules of other tools, and how to suppress it."""
    page = page_of(rule)
    name = f"[{rule.name}]({page})" if page is not None else f"`{rule.name}`"
    # Neovim hides links but wraps as if they were shown, so each tool has its own line; in Markdown it is one line.
    same = same_as(rule, "\n· ")
    parts = [f"{rule.code} · {severity.value} · {name}", same, f"Suppress: `# loopwise: ignore[{rule.name}]`"]
    return "\n\n".join(part for part in parts if part)
