"""Answers as plain text: for pipes, files and terminals that know no colours."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from loopwise.cli.excerpt import Excerpt
from loopwise.features.present import plain

_WIDTH = 88
_CODE_SPAN = re.compile(r"`([^`\n]+)`")
_HOLE = "\x00"
_FENCED = re.compile(r"^```\w*[^\n]*\n(.*?)^```$\n?", re.M | re.S)


class PlainScreen:
    """A :class:`~loopwise.cli.output.Screen` that needs nothing but text."""

    def heading(self, text: str) -> None:
        title = _unmarked(text)
        print(f"{title}\n{'=' * len(title)}\n")

    def markdown(self, text: str) -> None:
        print(f"{plain_text(text)}\n")

    def excerpt(self, excerpt: Excerpt) -> None:
        print(f"{excerpt.number:>5} | {excerpt.code}\n      | {excerpt.carets}\n")

    def panel(self, text: str) -> None:
        print(f"{textwrap.indent(plain_text(text, _WIDTH - 8), ' ' * 8)}\n")

    def rule(self) -> None:
        print(f"{'-' * _WIDTH}\n")

    def rows(self, rows: Sequence[tuple[str, str]]) -> None:
        wide = max(len(word) for word, _ in rows) + 2
        for word, line in rows:
            gap = " " * wide
            print(textwrap.fill(_unmarked(line), _WIDTH, initial_indent=word.ljust(wide), subsequent_indent=gap))
        print()

    def close(self) -> None:
        pass


def plain_text(markdown: str, width: int = _WIDTH) -> str:
    """Markdown without its marks: code indented and left as it is, prose wrapped."""
    parts = _FENCED.split(markdown.strip("\n") + "\n")
    shown = [_code(part) if index % 2 else _prose(part, width) for index, part in enumerate(parts)]
    return "\n\n".join(part for part in shown if part)


def _code(text: str) -> str:
    return textwrap.indent(text.rstrip("\n"), "    ")


def _prose(text: str, width: int) -> str:
    return "\n".join(_wrapped(line, width) for line in _unmarked(text.strip("\n")).split("\n"))


def _unmarked(text: str) -> str:
    """``plain``, but what stands between backticks stays as it is: ``__aenter__``, ``**options``."""
    spans: list[str] = _CODE_SPAN.findall(text)
    bare = plain(_CODE_SPAN.sub(_HOLE, text))
    return re.sub(_HOLE, lambda _: spans.pop(0), bare)


def _wrapped(line: str, width: int) -> str:
    mark = re.match(r"\s*(?:[-*!]|\d+\.)?\s*", line)
    indent = " " * (mark.end() if mark else 0)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
