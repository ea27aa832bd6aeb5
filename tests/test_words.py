"""The words that STYLE.md rules out do not come back, and messages, titles and refusals keep their one form.

Prose is what a person reads: pages, cards, visible strings, and what colleagues read: docstrings and comments.  Code is
taken out of it: fences, words in backticks, URLs.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
LONGEST_MESSAGE = 100
LONGEST_TITLE = 50


class Line(NamedTuple):
    """A line of prose."""

    path: str
    number: int
    text: str


WORDS: Mapping[str, str] = MappingProxyType(
    {
        r"\bmend(s|ed|ing)?\b": "fix",
        r"\bgives\b(?! up)|\bgive[sn]? back\b|\bgave back\b": "returns, yields, provides",
        r"\bsilenc(e|es|ed|ing)\b": "suppress",
        r"\bfor ever\b": "forever",
        r"\bnobody\b": "the passive: it is never awaited, it is not stored",
        r"\bstands?\b(?! for)|\bstood\b": "is, comes, appears",
        r"(?<!there )(?<!where )\bis no\b(?! longer| more| less| better| opinion)": "is not a",
        r"\bthe (async )?twins?\b": "the async equivalent",
        r"\bbut for\b(?! the first)": "except, apart from",
        r"\bslips? of the pen\b|\ba slip\b": "a typo, a mistake",
        r"\bwork(s|ed)? out\b": "computes, determines",
    }
)
"""Everywhere."""

SHOWN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        r"(?<!square )\bbrackets?\b": "parentheses",
        r"\bmeanwhile\b": "at the same time, in the meantime",
        r"(?<![.\w])(aw|aws|corof|corofs|coro|coros|agen)\b(?!['.])": "awaitable, coroutine function, coroutine",
        r"\b(is|was|are) gone\b|\bgoes away\b": "was removed",
    }
)
"""In what users read: pages, cards and visible strings."""

ALLOWED: Mapping[str, frozenset[str]] = MappingProxyType({})
"""Lines that may have such a word, by file: a part of the line, which says what it is about."""


def _without_code(text: str) -> str:
    return re.sub(r"``[^`]*``|`[^`\n]*`|https?://\S+|<!--.*?-->", "``", text)


def markdown(path: Path) -> Iterator[Line]:
    """The prose of a page, a line each."""
    inside = False
    for number, text in enumerate(path.read_text("utf-8").splitlines(), 1):
        if text.lstrip().startswith("```"):
            inside = not inside
        elif not inside and not text.startswith("## "):
            yield Line(str(path.relative_to(ROOT)), number, _without_code(text))


def python(path: Path, *, visible: bool) -> Iterator[Line]:
    """The strings of a module that may be shown (they have spaces), or its docstrings and comments."""
    source = path.read_text("utf-8")
    previous = tokenize.NEWLINE
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.STRING:
            is_doc = token.string.lstrip("rR").startswith('"""') and previous in {tokenize.NEWLINE, tokenize.INDENT}
            if is_doc != visible:
                yield from _lines(path, token.start[0], token.string, visible=visible)
        elif token.type == tokenize.COMMENT and not visible:
            yield from _lines(path, token.start[0], token.string, visible=False)
        if token.type not in {tokenize.NL, tokenize.COMMENT}:
            previous = token.type


def _lines(path: Path, start: int, text: str, *, visible: bool) -> Iterator[Line]:
    if visible and (" " not in text or "\n" in text):
        return
    whole = re.sub(r"``[^`]*``|`[^`\n]*`|^\s*>>>.*$", lambda m: "\n" * m[0].count("\n"), text, flags=re.MULTILINE)
    for number, line in enumerate(whole.splitlines(), start):
        yield Line(str(path.relative_to(ROOT)), number, line)
