"""Keeps hovers from loading anything: to show a picture, an editor would request it from a third party's server."""

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
    """Replace each picture by a link to it, and HTML tags by their text."""
    return _SHOWN.sub(_link, markdown) if "![" in markdown or "<" in markdown else markdown


def _link(found: re.Match[str]) -> str:
    if found["picture"]:
        return "["
    return "\\<" if found["tag"] else found[0]
