"""The values that a page of knowledge is made of.

A ``range`` of None holds on every Python on which the name exists.
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
    """What the headings of a page are; told from its file name."""

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
    """One line of Markdown, list marker and indentation included, its range taken off."""

    text: str
    range: VersionRange | None = None


Paragraph = tuple[Line, ...]
"""Lines that belong together: a paragraph or a list, one sentence or item a line."""


class Pitfall(msgspec.Struct, frozen=True):
    """What goes wrong: ``> **Title.** lines``. Shown or left out as a whole by its range."""

    title: str
    lines: Paragraph
    range: VersionRange | None = None


class Sample(msgspec.Struct, frozen=True):
    """Code that runs, with what it prints in ``#> `` comments; no newline at the end."""

    code: str
    range: VersionRange | None = None
    needs: frozenset[str] = frozenset()
    """Of ``threads``, ``sockets``, ``processes``, ``signals``, ``posix``, ``windows``.

    Where one of them lacks, the sample is only compiled.
    """
    shows: bool = False
    """Running it makes the card's message appear."""


PLACES = ("module", "body", "async-with")
"""Where a snippet belongs: at a module's level, in an async function's body, behind ``async with ``."""


class Snippet(msgspec.Struct, frozen=True):
    """Code to insert, with tab stops."""

    name: str
    """What a person types: short, lower case."""
    place: str
    """Of ``PLACES``."""
    versions: VersionRange
    """It is offered where the project's oldest Python is in here, and runs on all newer ones too."""
    body: str
    """An LSP snippet, indented by four spaces; no newline at the end. :mod:`loopwise.cards.snippet_text` reads it."""
    imports: tuple[str, ...] = ()
    """Modules that the body names; asyncio is not among them."""


class Parameter(msgspec.Struct, frozen=True):
    """What a parameter of the card's function means."""

    name: str
    lines: Paragraph


class Reference(msgspec.Struct, frozen=True):
    """An entry of the footer: a name, on which Pythons, and after the dash when or why."""

    name: str
    range: VersionRange | None = None
    note: str = ""


class Card(msgspec.Struct, frozen=True):
    """One section of a page: what a person should know about one thing."""

    names: tuple[str, ...]
    """The heading, then the names of ``Also:``; in ``messages.md`` wordings in which ``…`` stands for anything."""
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
    parameters: tuple[Parameter, ...] = ()
    """Those that neither summary nor pitfalls explain, from ``parameters.toml``."""

    @property
    def name(self) -> str:
        """The heading."""
        return self.names[0]

    @property
    def headline(self) -> str:
        """The first sentence of the summary: what the thing is for."""
        return self.summary[0][0].text

    def on(self, target: Target) -> Card:
        """The same card with only what holds on one Python of ``target`` at least.

        What holds on some of them only keeps its range, so that it can be said.
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
