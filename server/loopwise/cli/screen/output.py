"""Output of a command: a screen for people, JSON for programs."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from loopwise.cli.screen.columns import Row
from loopwise.cli.screen.excerpts import Excerpt
from loopwise.problem import Problem, tell

# JSON may hold them as they are; on a terminal they are commands.
_CONTROLS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class Screen(Protocol):
    """A display for answers.  All texts are Markdown, except for an excerpt's code."""

    def heading(self, text: str) -> None:
        """A title above the output that follows."""

    def markdown(self, text: str) -> None:
        """Blocks of text and code."""

    def excerpt(self, excerpt: Excerpt) -> None:
        """A line of code with an underlined part."""

    def panel(self, text: str) -> None:
        """Text in a frame, like an editor's hover."""

    def rule(self) -> None:
        """A line between two parts."""

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        """Two columns: a word and its description."""

    def table(self, rows: Sequence[Row]) -> None:
        """Three columns of text without Markdown, one line per row: a name, its result, its origin."""

    def close(self) -> None:
        """Finish the output."""


def make_screen(svg: str | None) -> Screen:
    """rich's screen on a terminal (or for a picture saved to ``svg``), else plain text."""
    if svg is None and not (sys.stdout.isatty() or os.environ.get("FORCE_COLOR")):
        from loopwise.cli.screen.plain import PlainScreen

        return PlainScreen()
    from loopwise.cli.screen.rich import RichScreen  # Costs 0.2 s.

    return RichScreen(svg)


def write_json(value: Any) -> None:
    """Write structs or built-in values to standard output as JSON; in ASCII if its encoding requires that."""
    ascii_only = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    text = json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=ascii_only)
    print(_CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def warn(problems: Iterable[Problem]) -> None:
    """Print problems with settings and cards to standard error, each once."""
    for problem in problems:
        tell(problem)
