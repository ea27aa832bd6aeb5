"""Styled output, for terminals and pictures; the only module that imports rich."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import ClassVar

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.box import ROUNDED
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Markdown, MarkdownElement
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from loopwise.cli.arguments import Refused
from loopwise.cli.screen.columns import GAP, Row, fitted
from loopwise.cli.screen.excerpts import Excerpt

_WIDEST = 100  # columns: longer lines of prose are hard to read
_PICTURE = 92  # columns of a picture: what the README shows without scaling
_CODE = "ansi_dark"  # The terminal's own colours, on its own background.
_THEME = Theme(
    {
        "markdown.code": "bold cyan",
        "markdown.block_quote": "yellow",
        "markdown.link": "blue",
        "markdown.link_url": "blue underline",
        "excerpt.number": "dim",
        "excerpt.carets": "bold yellow",
    }
)

_TREE = Theme(
    {
        "tree.title": "bold",
        "tree.figures": "dim",
        "tree.entry": "bold green",
        "tree.task": "bold cyan",
        "tree.group": "bold cyan",
        "tree.gathers": "bold cyan",
        "tree.thread": "magenta",
        "tree.process": "magenta",
        "tree.callback": "yellow",
        "tree.fold": "dim",
        "tree.bad": "bold red",
    }
)


class _Code(CodeBlock):
    """A code block without the blank lines that rich puts around it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Syntax(str(self.text).rstrip(), self.lexer_name, theme=self.theme, word_wrap=True, padding=(0, 2))


class _Blocks(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {**Markdown.elements, "fence": _Code}


def _blocks(text: str) -> Markdown:
    return _Blocks(text, code_theme=_CODE, hyperlinks=False)


class RichScreen:
    """A :class:`~loopwise.cli.screen.output.Screen` drawn by rich; ``svg`` records its output for a picture."""

    def __init__(self, svg: str | None = None) -> None:
        self._svg = svg
        if svg is None:
            self._console = Console(theme=_THEME, highlight=False)
            self._console.width = min(self._console.width, _WIDEST)
        else:
            self._console = Console(
                file=io.StringIO(), theme=_THEME, highlight=False, record=True, force_terminal=True, width=_PICTURE
            )

    def heading(self, text: str) -> None:
        self._console.print(_blocks(text), style="bold")
        self._console.print()

    def markdown(self, text: str) -> None:
        self._console.print(_blocks(text))
        self._console.print()

    def excerpt(self, excerpt: Excerpt) -> None:
        code = Syntax("", "python", theme=_CODE).highlight(excerpt.code)
        code.rstrip()
        number = Text(f"{excerpt.number:>5} │ ", "excerpt.number")
        gutter = Text("      │ ", "excerpt.number")
        lines = Text.assemble(number, code, "\n", gutter, (excerpt.carets, "excerpt.carets"))
        self._console.print(lines, no_wrap=True, overflow="crop", crop=True)

    def panel(self, text: str) -> None:
        self._console.print(Panel(_blocks(text), box=ROUNDED, border_style="bright_black", padding=(0, 1)))
        self._console.print()

    def rule(self) -> None:
        self._console.rule(style="dim")

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold cyan", no_wrap=True)
        for word, line in rows:
            table.add_row(word, _blocks(line))
        self._console.print(table)
        self._console.print()

    def table(self, rows: Sequence[Row]) -> None:
        for name, gives, origin in fitted(rows, self._console.width - 2):
            gap = " " * GAP
            line = Text.assemble(gap, (name, "bold cyan"), gap, gives, gap, (origin, "dim"))
            self._console.print(line, no_wrap=True, overflow="crop", crop=True)
        self._console.print()

    def close(self) -> None:
        """Save the picture, if one was asked for."""
        if self._svg is None:
            return
        picture = _svg(self._console)
        try:
            with open(self._svg, "w", encoding="utf-8") as file:
                file.write(picture)
        except OSError as error:
            raise Refused(f"{self._svg}: {error.strerror}: choose a file in a writable folder") from None


def picture(lines: Sequence[tuple[str, str, str, str]]) -> str:
    """An SVG of some lines: each has a prefix, its text, a location at its end, and the name of its style."""
    wide = max((len(lead) + len(text) for lead, text, place, _ in lines if place), default=_PICTURE) + 2
    width = max(wide + max(len(place) for _, _, place, _ in lines) + 1, _PICTURE)
    console = Console(file=io.StringIO(), theme=_TREE, highlight=False, record=True, force_terminal=True, width=width)
    for lead, text, place, style in lines:
        gap = " " * (wide - len(lead) - len(text))
        line = Text.assemble((lead, "dim"), (text, f"tree.{style}" if style else ""), gap, (place, "dim"))
        console.print(line)
    return _svg(console)


def _svg(console: Console) -> str:
    """The recorded output as a picture that loads no fonts."""
    frame = re.sub(r"\s*@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    frame = frame.replace("Fira Code, monospace", "Fira Code, ui-monospace, Menlo, Consolas, monospace")
    return console.export_svg(title="loopwise", code_format=frame, unique_id="loopwise")
