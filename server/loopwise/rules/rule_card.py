"""Renders a rule as a page of Markdown, for hovers, ``explain`` and RULES.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from loopwise.analysis.rule import Example, Rule, Severity
from loopwise.rules.peers import same_as

_MOST = 3  # that are shown whole
_CARETS = re.compile(r"^\s*#?\s*\^+\s*\n", re.MULTILINE)


def rule_card(rule: Rule, severity: Severity | None = None, *, samples: str = "all") -> str:
    """The page with its heading; ``severity`` is that of the settings, ``samples``: "first", "all" or "none"."""
    return "\n\n".join([f"**`{rule.name}`** · {_facts(rule, severity)}", *rule_parts(rule, samples)])


def rules_page(title: str, rules: Iterable[Rule], severity: Callable[[Rule], Severity] | None = None) -> str:
    """The pages of a few rules in a row, or a list of many rules."""
    every = list(rules)
    if len(every) <= _MOST:
        return "\n\n---\n\n".join(
            rule_card(rule, severity(rule) if severity is not None else None, samples="first") for rule in every
        )
    lines = [f"- `{rule.name}` ({rule.code}): {rule.title}" for rule in every]
    return "\n".join([f"**`{title}`**", "", *lines])


def rule_section(rule: Rule) -> str:
    """The page as a section of RULES.md, whose heading is just the rule's name, so that it can be linked."""
    return "\n\n".join([f"## {rule.name}", _facts(rule, None), *rule_parts(rule, "all")]) + "\n"


def rule_parts(rule: Rule, samples: str) -> Iterator[str]:
    """The blocks below the heading."""
    yield rule.title
    if rule.text:
        yield rule.text
    if samples != "none":
        yield from _samples(rule, every=samples == "all")
    yield _how_to_silence(rule)
    if same := same_as(rule):
        yield same + "."
    if rule.cards:
        yield "About " + _code(rule.cards) + "."


def _facts(rule: Rule, severity: Severity | None) -> str:
    on = "" if rule.default_on else " · off by default"
    return f"{rule.code} · {(severity or rule.severity).value}{on}"


def _samples(rule: Rule, *, every: bool) -> Iterator[str]:
    bad = _first([each for each in rule.examples if each.bad])
    if bad is None:
        return
    yield _block(bad.bad if every else _CARETS.sub("", bad.bad))
    for index, fixed in enumerate(bad.fixed if every else bad.fixed[:1]):
        yield "Or:" if index else "Fixed:"
        yield _block(fixed)
    good = next((each for each in rule.examples if each.good and not each.files), None)
    if every and good is not None:
        yield "Not reported:"
        yield _block(good.good)


def _first(examples: list[Example]) -> Example | None:
    """The example to show: one with a fix, in a single file, if there is one."""
    return max(examples, key=lambda each: (not each.files, bool(each.fixed)), default=None)


def _how_to_silence(rule: Rule) -> str:
    off = f'Disable the rule with `ignore = ["{rule.name}"]` under `[tool.loopwise]`.'
    return f"Suppress one finding with `# loopwise: ignore[{rule.name}]` or `# noqa: {rule.code}`. {off}"


def _block(code: str) -> str:
    return f"```python\n{code.rstrip()}\n```"


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
