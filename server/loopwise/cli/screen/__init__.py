"""Output in a terminal: plain text, colours, code excerpts, columns."""

from __future__ import annotations

from loopwise.cli.screen.columns import Row
from loopwise.cli.screen.excerpts import Excerpt, excerpt
from loopwise.cli.screen.output import Screen, make_screen, warn, write_json

__all__ = [
    "Excerpt",
    "Row",
    "Screen",
    "excerpt",
    "make_screen",
    "rich",
    "warn",
    "write_json",
]
