"""Renders Markdown as plain text, for clients and pipes that show it unrendered: prose without markup, code as is."""

from __future__ import annotations

import re
import textwrap

_FENCED = re.compile(r"^```\w*[^\n]*\n(.*?)^```$\n?", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")  # as many marks behind it as before it
# The end of a line of prose behind which the paragraph goes on.
_GOES_ON = re.compile(r"(?<=[^\n])(?<!  )\n(?=[^\s\n|#>!*+-])(?!\d+\.)")
# A byte that no card or docstring contains; marks where code is put back.
_HOLE = "\x00"


def plain(markdown: str, width: int | None = None) -> str:
    """Markdown as plain text: code indented, prose wrapped at ``width`` columns if given."""
    parts = _FENCED.split(markdown.strip("\n") + "\n")
    shown = [_code(part) if index % 2 else _prose(part, width) for index, part in enumerate(parts)]
    return "\n\n".join(part for part in shown if part)


def unmarked(text: str) -> str:
    """Prose without emphasis, links and quotes; text between backticks is unchanged."""
    spans = [found[2].strip() if len(found[1]) > 1 else found[2] for found in _CODE_SPAN.finditer(text)]
    bare = _CODE_SPAN.sub(_HOLE, text)
    bare = re.sub(r"\[([^\]]+)\]\(([^)]+)\)", r"\1 (\2)", bare)
    bare = re.sub(r"\*\*(.+?)\*\*", r"\1", bare)
    bare = re.sub(r"(?<![\w*])[*_]([^\s*_][^*\n]*?)[*_](?![\w*])", r"\1", bare)
    bare = re.sub(r"^> ?", "! ", bare, flags=re.MULTILINE)
    return re.sub(_HOLE, lambda _: spans.pop(0), bare)


def _code(text: str) -> str:
    return textwrap.indent(text.rstrip("\n"), "    ")


def _prose(text: str, width: int | None) -> str:
    bare = unmarked(text.strip("\n"))
    if width is None:
        return bare
    return "\n".join(_wrapped(line, width) for line in _GOES_ON.sub(" ", bare).split("\n"))


def _wrapped(line: str, width: int) -> str:
    mark = re.match(r"\s*(?:[-*!]|\d+\.)?\s*", line)
    indent = " " * (mark.end() if mark else 0)
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
