"""Hover: what the thing under the cursor is, what goes wrong with it, what to write instead."""

from __future__ import annotations

from loopwise.features.hover import by_jedi
from loopwise.features.hover.findings import hover_found, hover_word
from loopwise.features.hover.plain import plain, unmarked
from loopwise.features.hover.present import docs_link, markdown, range_mark
from loopwise.features.hover.resolve import (
    FunctionHover,
    HolderHover,
    Hover,
    KeywordHover,
    PageHover,
    SymbolHover,
    card_hover,
    hover,
)

__all__ = [
    "FunctionHover",
    "HolderHover",
    "Hover",
    "KeywordHover",
    "PageHover",
    "SymbolHover",
    "by_jedi",
    "card_hover",
    "docs_link",
    "hover",
    "hover_found",
    "hover_word",
    "markdown",
    "plain",
    "range_mark",
    "unmarked",
]
