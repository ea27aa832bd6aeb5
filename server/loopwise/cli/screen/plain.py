"""Plain text output: for pipes, files and terminals without colours."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from loopwise.cli.screen.columns import GAP, Row, fitted
from loopwise.cli.screen.excerpts import Excerpt
from loopwise.features.hover import plain, unmarked

_WIDTH = 80  # columns, as a terminal has them


class PlainScreen:
    """A :class:`~loopwise.cli.screen.output.Screen` that writes plain text only."""

    def heading(self, text: str) -> None:
        title = unmarked(text)
        print(f"{title}\n{'=' * len(title)}\n")

    def markdown(self, text: str) -> None:
        print(f"{plain(text, _WIDTH)}\n")

    def excerpt(self, excerpt: Excerpt) -> None:
        print(f"{excerpt.number:>5} | {excerpt.code}\n      | {excerpt.carets}\n")

    def panel(self, text: str) -> None:
        print(f"{textwrap.indent(plain(text, _WIDTH - 8), ' ' * 8)}\n")

    def rule(self) -> None:
        print(f"{'-' * _WIDTH}\n")

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        wide = max(len(word) for word, _ in rows) + 2
        for word, line in rows:
            gap = " " * wide
            print(textwrap.fill(unmarked(line), _WIDTH, initial_indent=word.ljust(wide), subsequent_indent=gap))
        print()

    def table(self, rows: Sequence[Row]) -> None:
        for row in fitted(rows, _WIDTH - 2):
            print(f"  {(' ' * GAP).join(row)}".rstrip())
        print()

    def close(self) -> None:
        pass
