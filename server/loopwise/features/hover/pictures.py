"""Markdown that loads nothing: an editor that shows a picture asks a server of others for it."""

from __future__ import annotations

import re

# Code is left as it is: a fenced block, or a part of a line; else what begins a picture, or a tag of HTML.
_SHOWN = re.compile(
    r"^ {0,3}(?P<fence>(?P<mark>[`~])(?P=mark){2,})(?!(?P=mark))[^\n]*\n(?:.*?\n)?? {0,3}(?P=fence)[^\n]*$"
    r"|(?<!`)(?P<ticks>`+)(?!`)(?:[^`\n]|(?!(?P=ticks)(?!`))`+)*(?P=ticks)(?!`)"
    r"|(?P<picture>!\[)|(?P<tag><(?=[A-Za-z/!?](?!\w*:)))",
    re.MULTILINE | re.DOTALL,
)


def without_pictures(markdown: str) -> str:
    """The text with each picture as a link to it, and tags of HTML as text."""
    return _SHOWN.sub(_link, markdown) if "![" in markdown or "<" in markdown else markdown


def _link(found: re.Match[str]) -> str:
    if found["picture"]:
        return "["
    return "\\<" if found["tag"] else found[0]
