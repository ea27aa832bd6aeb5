"""The values that a page of knowledge is parsed into.

A ``range`` of None covers every Python on which the name exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from functools import cache
from pathlib import PurePath
from typing import TypeVar

import msgspec

from loopwise.versions import Target, VersionRange


class PageKind(Enum):
    """The kind of headings on a page, determined by its file name."""

    NAMES = "names"
    SYNTAX = "syntax.md"
    PATTERNS = "patterns.md"
    MESSAGES = "messages.md"

    @staticmethod
    @cache
    def of(page_name: str) -> PageKind:
        """``docs/messages.md`` is MESSAGES; a page with any other name holds NAMES."""
        name = PurePath(page_name).name
        return next((kind for kind in PageKind if kind.value == name), PageKind.NAMES)


class Line(msgspec.Struct, frozen=True):
    """One line of Markdown with its list marker and indentation, without its version range."""

    text: str
    range: VersionRange | None = None


Paragraph = tuple[Line, ...]
"""Consecutive lines that form a paragraph or a list, one sentence or item per line."""


class Pitfall(msgspec.Struct, frozen=True):
    """A common mistake: ``> **Title.** lines``. Its range shows or hides it as a whole."""

    title: str
    lines: Paragraph
    range: VersionRange | None = None


class Sample(msgspec.Struct, frozen=True):
    """Runnable code with its output in ``#> `` comments; no newline at the end."""

    code: str
    range: VersionRange | None = None
    needs: frozenset[str] = frozenset()
    """Any of ``threads``, ``sockets``, ``processes``, ``signals``, ``posix``, ``windows``.

    On a platform that lacks one of them, the sample is compiled but not run.
    """
    shows: bool = False
    """Does running it produce the card's message?"""


PLACES = ("module", "body", "async-with")
"""The places for a snippet: at module level, in the body of an async function, after ``async with ``."""


class Snippet(msgspec.Struct, frozen=True):
    """Code to insert, with tab stops."""

    name: str
    """The word to type: short, lower case."""
    place: str
    """One of ``PLACES``."""
    versions: VersionRange
    """The snippet is offered if this range contains the project's oldest Python; it runs on all newer ones too."""
    body: str
    """An LSP snippet, indented by four spaces; no newline at the end. :mod:`loopwise.cards.snippet_text` reads it."""
    imports: tuple[str, ...] = ()
    """Modules that the body names, apart from asyncio."""


class Parameter(msgspec.Struct, frozen=True):
    """The explanation of one parameter of the card's function."""

    name: str
    lines: Paragraph


class Reference(msgspec.Struct, frozen=True):
    """An entry of the footer: a name, its range of Pythons, and after the dash a condition or reason."""

    name: str
    range: VersionRange | None = None
    note: str = ""


class Card(msgspec.Struct, frozen=True):
    """One section of a page: the documentation of one name, keyword, message or idiom."""

    names: tuple[str, ...]
    """The heading, then the names of ``Also:``; in ``messages.md``, wordings in which ``…`` matches any text."""
    page: str
    section_line: int
    """Line of the heading, counted from 1."""
    summary: tuple[Paragraph, ...]
    pitfalls: tuple[Pitfall, ...] = ()
    samples: tuple[Sample, ...] = ()
    snippets: tuple[Snippet, ...] = ()
    prefer: tuple[Reference, ...] = ()
    raises: tuple[Reference, ...] = ()
    see_also: tuple[Reference, ...] = ()
    asked: tuple[str, ...] = ()
    """Questions that the card answers, in the words of people who do not know its name; not shown."""
    parameters: tuple[Parameter, ...] = ()
    """The parameters that neither summary nor pitfalls explain, from ``parameters.toml``."""

    @property
    def name(self) -> str:
        """The heading."""
        return self.names[0]

    @property
    def headline(self) -> str:
        """The first sentence of the summary, which says what the thing is for."""
        return self.summary[0][0].text

    def on(self, target: Target) -> Card:
        """The same card, without the parts that apply to no Python of ``target``.

        Parts that apply only to some of them keep their range, so that it can be shown.
        """
        return msgspec.structs.replace(
            self,
            summary=tuple(lines for block in self.summary if (lines := _held(block, target))),
            pitfalls=tuple(
                msgspec.structs.replace(pitfall, lines=_held(pitfall.lines, target))
                for pitfall in _held(self.pitfalls, target)
            ),
            samples=_held(self.samples, target),
            snippets=tuple(snippet for snippet in self.snippets if target.touches(snippet.versions)),
            prefer=_held(self.prefer, target),
            raises=_held(self.raises, target),
            see_also=_held(self.see_also, target),
            parameters=tuple(
                Parameter(parameter.name, lines)
                for parameter in self.parameters
                if (lines := _held(parameter.lines, target))
            ),
        )


_Ranged = TypeVar("_Ranged", Line, Pitfall, Sample, Reference)


def _held(parts: Iterable[_Ranged], target: Target) -> tuple[_Ranged, ...]:
    return tuple(part for part in parts if target.touches(part.range))
