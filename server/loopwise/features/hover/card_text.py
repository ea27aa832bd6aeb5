"""Renders parts of a card as Markdown: lines, pitfalls, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from loopwise.cards import Card, Line, Pitfall, Reference
from loopwise.versions import Target, VersionRange

# Short for the cheatsheet's readers, who learn the terms on its first page; at the cursor they are unknown.
TERMS = {
    "aw": "awaitable",
    "aws": "awaitables",
    "corof": "coroutine function",
    "corofs": "coroutine functions",
    "coro": "coroutine",
    "coros": "coroutines",
    "agen": "async generator",
    "agens": "async generators",
}
_TERM = re.compile(r"(`[^`]*`)|\b(" + "|".join(sorted(TERMS, key=len, reverse=True)) + r")\b")


def written_out(text: str) -> str:
    """Replace the cheatsheet's abbreviations in prose; code is unchanged."""
    return _TERM.sub(lambda found: found[1] or TERMS[found[2]], text)


def pitfall_text(pitfall: Pitfall, target: Target, *, whole: bool = True) -> str:
    """The pitfall as a block quote; if not ``whole``, only its title and first sentence."""
    lines = [line_text(line, target) for line in pitfall.lines[: None if whole else 1]]
    mark = range_mark(pitfall.range, target)
    first = f"> **{mark}{written_out(pitfall.title.rstrip('.'))}.**"
    return " ".join([first, *lines[:1]]) + "".join(f"\n> {line}" for line in lines[1:])


def headings(pitfalls: Sequence[Pitfall], target: Target) -> str:
    """The titles of the pitfalls that are left to the card's page."""
    titles = (f"{range_mark(pitfall.range, target)}{pitfall.title.rstrip('.')}" for pitfall in pitfalls)
    return "> " + " ".join(f"**{written_out(title)}.**" for title in titles)


def line_text(line: Line, target: Target) -> str:
    mark, text = range_mark(line.range, target), written_out(line.text)
    if not mark:
        return text
    marker = re.match(r"\s*(?:[-*]|\d+\.)\s+", text)
    cut = marker.end() if marker else 0
    return text[:cut] + mark + text[cut:]


def range_mark(held: VersionRange | None, target: Target) -> str:
    """``Python 3.12+: `` for a statement that does not apply to all of the target's Pythons; else empty."""
    return "" if held is None or target.within(held) else f"Python {held.words}: "


def prefer_text(card: Card, target: Target) -> str:
    prefer = [entry for entry in card.prefer if entry.range is None or target.ceiling in entry.range]
    return f"Prefer: {references(prefer, target)}" if prefer else ""


def see_also_text(card: Card, target: Target) -> str:
    return f"See also: {references(card.see_also, target)}" if card.see_also else ""


def references(entries: Iterable[Reference], target: Target) -> str:
    return ", ".join(_reference(entry, target) for entry in entries)


def _reference(entry: Reference, target: Target) -> str:
    held = f" ({entry.range.words})" if entry.range is not None and not target.within(entry.range) else ""
    note = f" - {entry.note}" if entry.note else ""
    return f"`{entry.name}`{held}{note}"
