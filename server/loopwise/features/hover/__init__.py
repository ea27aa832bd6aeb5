"""Hover: documentation of the thing under the cursor, its pitfalls, and its alternatives."""

from __future__ import annotations

from loopwise.features.hover import by_jedi
from loopwise.features.hover.card_text import range_mark
from loopwise.features.hover.facts_text import docs_link
from loopwise.features.hover.findings import explain_found, hover_found, hover_word
from loopwise.features.hover.kinds import (
    ContainerHover,
    FunctionHover,
    HolderHover,
    Hover,
    KeywordHover,
    PageHover,
    SymbolHover,
)
from loopwise.features.hover.pictures import without_pictures
from loopwise.features.hover.plain import plain, unmarked
from loopwise.features.hover.present import markdown
from loopwise.features.hover.resolve import card_hover, hover

__all__ = [
    "ContainerHover",
    "FunctionHover",
    "HolderHover",
    "Hover",
    "KeywordHover",
    "PageHover",
    "SymbolHover",
    "by_jedi",
    "card_hover",
    "docs_link",
    "explain_found",
    "hover",
    "hover_found",
    "hover_word",
    "markdown",
    "plain",
    "range_mark",
    "unmarked",
    "without_pictures",
]
