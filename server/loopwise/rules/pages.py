"""Locates the pages of rules."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from loopwise.analysis.rule import Rule

_HERE = Path(__file__).parents[1]


@cache
def rules_page() -> Path | None:
    """The generated page with all rules: beside the package in a checkout, in it when installed."""
    for place in (_HERE / "RULES.md", _HERE.parent / "RULES.md"):
        if place.is_file():
            return place
    return None


def page_of(rule: Rule) -> str | None:
    """The ``file:`` URI of a rule's section on that page; ``None`` if there is no page."""
    page = rules_page()
    return f"{page.as_uri()}#{rule.name}" if page is not None else None
