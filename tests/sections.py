"""Markdown pages of tests: a ``##`` section is a test, its prose says why, its fenced blocks are the files."""

from __future__ import annotations

import re
from itertools import pairwise

FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\w+)(?: +(?P<name>\S+))?\n(?P<text>.*?)^(?P=fence)\n", re.MULTILINE | re.DOTALL
)
"""A fenced block: its language, the name of its file (or none), and its text."""


def prose_of(text: str) -> str:
    """Replace the blocks of a text by blanks, so that offsets stay and a ``##`` in a block is not a heading."""
    return FENCE.sub(lambda fence: " " * len(fence[0]), text)


def raw_sections(text: str) -> list[str]:
    """Split a page into its sections, each from its ``##`` to the next."""
    starts = [found.start() for found in re.finditer("^## ", prose_of(text), re.MULTILINE)]
    return [text[start:end] for start, end in pairwise([*starts, len(text)])]


def title_of(raw: str) -> str:
    """Return the heading of a section."""
    return raw.partition("\n")[0].removeprefix("## ").strip()
