"""Parses a page of knowledge into cards; ``knowledge/README.md`` is the grammar.

Nothing here raises. A card that breaks a rule of the grammar is left out and each of its mistakes is reported; the
other cards are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from loopwise.cards.blocks import Block, Kind, Section, blocks, sections
from loopwise.cards.card import PLACES, Card, Line, PageKind, Pitfall, Sample, Snippet
from loopwise.cards.footer import Complaint, Footer, parse_footer, plain
from loopwise.cards.snippet_text import fault
from loopwise.problem import Problem
from loopwise.versions import VersionRange

NEEDS = ("threads", "sockets", "processes", "signals", "posix", "windows")
_RANGES = "3.11+, -3.10, 3.11-3.13 or 3.12"
_LINE_END = re.compile(r"\r\n|\r|\n")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
# A range followed by ``(`` is a Markdown link, not a range.
_RANGED = re.compile(r"(?P<lead>\s*(?:[-*+] |\d+[.)] )?)\[(?P<range>(?=[-+.]*\d)[-+.\d]+)\](?!\() ?(?P<text>.*)")
_SNIPPET_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_IMPORTS = re.compile(rf"import=(?P<modules>{_NAME.pattern}(?:,{_NAME.pattern})*)")
# The full stop may be inside or outside the bold text; authors write both.
_TITLE = re.compile(r"\*\*(?P<title>[^*]+?)(?:\.\*\*|\*\*\.)(?: +(?P<text>.*))?")


def parse_page(text: str, page_name: str) -> tuple[list[Card], list[Problem]]:
    """Parse a page's cards, in order, with a problem for each mistake. ``page_name`` is kept as the cards' page."""
    lines = _LINE_END.split(text.removeprefix("\ufeff"))
    cards, problems = [], list(_page_problems(lines, page_name))
    for section in sections(lines):
        card = _card(section, page_name)
        if isinstance(card, Card):
            cards.append(card)
        else:
            problems += [Problem(page_name, section.heading, slip.line, slip.message) for slip in card]
    return cards, problems


def _page_problems(lines: list[str], page: str) -> Iterator[Problem]:
    first = next((line for line in lines if line.strip()), "")
    if not first.startswith("# "):
        yield Problem(page, "", 1, "a page starts with its title: write `# Title` on the first line")
    if not any(line.startswith("## ") for line in lines):
        yield Problem(page, "", 0, "the page has no card: start each with `## name`")


class _Also(msgspec.Struct, frozen=True):
    names: tuple[str, ...]


class _Text(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]


class _Asked(msgspec.Struct, frozen=True):
    questions: tuple[str, ...]


_Part = _Also | _Asked | _Text | Pitfall | Sample | Snippet | Footer


def _card(section: Section, page: str) -> Card | list[Complaint]:
    """Parse one card; if it has mistakes, return all of them instead."""
    kind, found = PageKind.of(page), list(blocks(section))
    parts = [_part(block, kind) for block in found]
    names = (plain(section.heading), *(name for part in parts if isinstance(part, _Also) for name in part.names))
    slips = [part for part in parts if isinstance(part, Complaint)]
    slips += [*_name_slips(names, section.line, kind), *_order_slips(found, section.line)]
    summary = tuple(part.lines for part in parts if isinstance(part, _Text))
    if summary and summary[0][0].range:
        # Else a card could be left without a first sentence.
        slips.append(
            Complaint(section.line, "the first sentence must hold on every Python: put the range on a later one")
        )
    if slips:
        return sorted(slips, key=lambda slip: slip.line)
    footer = next((part for part in parts if isinstance(part, Footer)), Footer())
    return Card(
        names=names,
        page=page,
        section_line=section.line,
        summary=summary,
        asked=tuple(one for part in parts if isinstance(part, _Asked) for one in part.questions),
        pitfalls=tuple(part for part in parts if isinstance(part, Pitfall)),
        samples=tuple(part for part in parts if isinstance(part, Sample)),
        snippets=tuple(part for part in parts if isinstance(part, Snippet)),
        prefer=footer.prefer,
        raises=footer.raises,
        see_also=footer.see_also,
    )


def _part(block: Block, page: PageKind) -> _Part | Complaint:
    match block.kind:
        case Kind.ALSO:
            return _also(block, page)
        case Kind.ASKED:
            return _Asked(tuple(one.strip() for line in block.lines for one in line[6:].split(",") if one.strip()))
        case Kind.TEXT:
            lines = _lines(block.lines, block.line)
            return lines if isinstance(lines, Complaint) else _Text(lines)
        case Kind.PITFALL:
            return _pitfall(block)
        case Kind.SAMPLE:
            return _sample(block)
        case Kind.SNIPPET:
            return _snippet(block)
        case Kind.FOOTER:
            return parse_footer(block)


def _name_slips(names: tuple[str, ...], line: int, kind: PageKind) -> Iterator[Complaint]:
    for name in names:
        if not name or (kind is PageKind.NAMES and not _NAME.fullmatch(name)):
            yield Complaint(line, f"`{name}` is not a dotted name: write one such as `mylib.Client.fetch`")


def _order_slips(found: list[Block], line: int) -> Iterator[Complaint]:
    if not any(block.kind is Kind.TEXT for block in found):
        yield Complaint(line, "the card has no summary: write a sentence below its heading")
    for before, after in pairwise(found):
        if after.kind < before.kind or before.kind is after.kind is Kind.FOOTER:
            order = "Also, Asked, summary, pitfalls, samples, snippets, one footer line"
            yield Complaint(after.line, f"this part comes too late: move it up; the order is {order}")


def _also(block: Block, kind: PageKind) -> _Also:
    """Names separated by commas; on the page of messages, where commas occur in wordings, one wording per line."""
    texts = [line.removeprefix("Also:") for line in block.lines]
    if kind is not PageKind.MESSAGES:
        texts = [name for text in texts for name in text.split(",")]
    return _Also(tuple(plain(text) for text in texts))


def _lines(texts: tuple[str, ...], first: int) -> tuple[Line, ...] | Complaint:
    """The lines with their ranges; an indented line belongs to the list item above it."""
    lines: list[Line] = []
    for number, text in enumerate(texts, first):
        line = _line(text, number)
        if isinstance(line, Complaint):
            return line
        if lines and line.range is None and text.startswith("  "):
            line = Line(text, lines[-1].range)
        lines.append(line)
    return tuple(lines)


def _line(text: str, number: int) -> Line | Complaint:
    found = _RANGED.fullmatch(text)
    if not found:
        return Line(text)
    held = VersionRange.parse(found["range"])
    return Line(found["lead"] + found["text"], held) if held else _bad_range(found["range"], number)


def _pitfall(block: Block) -> Pitfall | Complaint:
    lines = _lines(tuple(line[1:].removeprefix(" ") for line in block.lines), block.line)
    if isinstance(lines, Complaint):
        return lines
    found = _TITLE.fullmatch(lines[0].text)
    if not found:
        return Complaint(block.line, "a pitfall starts with a bold phrase: write `> **What goes wrong.** Why.`")
    rest = (Line(found["text"]),) if found["text"] else ()
    return Pitfall(found["title"], rest + lines[1:], lines[0].range)


def _sample(block: Block) -> Sample | Complaint:
    language, *words = block.info.split() or [""]
    ranges = [held for word in words if (held := VersionRange.parse(word))]
    unknown = [word for word in words if not VersionRange.parse(word) and word not in {*NEEDS, "shows"}]
    if language != "python":
        return Complaint(block.line, "the language is missing or not Python: write ```python")
    if unknown or len(ranges) > 1:
        allowed = f"one range ({_RANGES}), then words of {', '.join(NEEDS)}, shows"
        return Complaint(block.line, f"`{' '.join(unknown or words)}` after ```python: allowed are {allowed}")
    if slip := _code_slip(block, "sample"):
        return slip
    needs = frozenset(words) & frozenset(NEEDS)
    return Sample("\n".join(block.lines), ranges[0] if ranges else None, needs, "shows" in words)


def _snippet(block: Block) -> Snippet | Complaint:
    name, place, *words = [*block.info.split()[1:], "", ""]
    if not place or not _SNIPPET_NAME.fullmatch(name):
        return Complaint(block.line, "the snippet lacks a name in lower case and a place: write ```snippet main module")
    if place not in PLACES:
        return Complaint(block.line, f"`{place}` is not a place for a snippet: write one of {', '.join(PLACES)}")
    words = [word for word in words if word]
    ranges = [held for word in words if (held := VersionRange.parse(word))]
    imports = [found["modules"] for word in words if (found := _IMPORTS.fullmatch(word))]
    if len(ranges) + len(imports) < len(words) or max(len(ranges), len(imports)) > 1:
        allowed = f"one range ({_RANGES}) and one import=module,module"
        return Complaint(block.line, f"`{' '.join(words)}` after the snippet's place: allowed are {allowed}")
    if slip := _code_slip(block, "snippet"):
        return slip
    body = "\n".join(block.lines)
    if wrong := fault(body):
        return Complaint(block.line, wrong)
    modules = tuple(imports[0].split(",")) if imports else ()
    return Snippet(name, place, ranges[0] if ranges else VersionRange(), body, modules)


def _code_slip(block: Block, what: str) -> Complaint | None:
    if not block.closed:
        return Complaint(block.line, f"the {what} is not closed: write ``` below it")
    if not "".join(block.lines).strip():
        return Complaint(block.line, f"the {what} is empty: write some code or leave it out")
    return None


def _bad_range(text: str, number: int) -> Complaint:
    return Complaint(number, f"[{text}] is not a range of Python versions: write one such as {_RANGES}")
