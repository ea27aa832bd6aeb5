"""Renders hovers: as Markdown if the client accepts it, else as plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from loopwise.cards import Card, Line, Sample
from loopwise.features.hover.card_text import TERMS, headings, line_text, pitfall_text, prefer_text, see_also_text
from loopwise.features.hover.facts_text import documentation, fact_line, lacking_text, other_signature, signature
from loopwise.features.hover.kinds import (
    ContainerHover,
    FunctionHover,
    HolderHover,
    Hover,
    KeywordHover,
    PageHover,
    SymbolHover,
)
from loopwise.features.hover.own_functions import Outline
from loopwise.features.hover.pictures import without_pictures
from loopwise.versions import Target

# Beyond three, the fact that matters here is not found; the cheatsheet has all of them.
_MOST_PITFALLS = 3
# Lines of a hover that are not blank: VS Code shows 12 before one scrolls.  What is left out is in the cheatsheet.
_GOAL = 14
# Together with signature, summary, facts and a pitfall this fills _GOAL.
_MOST_DETAILS = 4
# Lines; a longer one would push the pitfalls below VS Code's fold.
_LONGEST_SAMPLE = 6
_WIDEST = 88  # columns of a line of a sample
_SHORT_FOR = re.compile(r"^Short for [^:]*: ")  # as the cards of terms begin
_PARAMETER = re.compile(r"(?:- )?`\*{0,2}[a-z_]\w*(?:=[^`]*)?`")


def markdown(hover: Hover, target: Target, *, samples: str = "first", pitfalls: int | None = _MOST_PITFALLS) -> str:
    """The hover for ``target``; ``samples``: "first", "all" or "none"; ``pitfalls``: how many at most.

    ``pitfalls=None`` renders everything, as the cheatsheet does; a number renders what is needed at the cursor.
    """
    match hover:
        case SymbolHover():
            parts = _symbol(hover, target, samples, whole=pitfalls is None)
        case HolderHover():
            parts = _holder(hover, target)
        case ContainerHover():
            parts = _container(hover, target)
        case FunctionHover():
            parts = _function(hover, target, samples, whole=pitfalls is None)
        case KeywordHover():
            title = f"**`{hover.card.name}`**"
            parts = _laid_out([title], "", hover.card, target, samples, "", whole=pitfalls is None)
        case PageHover():
            parts = [hover.text]
    return without_pictures("\n\n".join(part for part in parts if part))


def _symbol(hover: SymbolHover, target: Target, samples: str, *, whole: bool) -> list[str]:
    facts, card = hover.facts, hover.card
    head = [signature(hover.name, facts, target) if facts is not None else ""]
    lacking = lacking_text(hover, target)
    if whole or lacking or not head[0]:
        head = [f"**`{hover.name}`**{lacking}", *head]
    head += [f"**Here:** {hover.use}"] if hover.use else []
    said = fact_line(hover, facts, target) if facts is not None else ""
    link = documentation(facts, target) if facts is not None and facts.docs else ""
    older = other_signature(facts, target) if facts is not None and whole else ""
    if card is None:
        return [*head, said, older, link]
    if facts is not None and facts.kind == "module" and not whole:  # it is on each line that imports it
        first = card.on(target)
        return [*head, line_text(first.summary[0][0], target), headings(first.pitfalls[:2], target), link]
    there = facts is None or facts.available(target.ceiling)
    shown = card if there else msgspec.structs.replace(card, prefer=())  # the facts have said it
    return _laid_out(head, said, shown, target, samples, link, whole=whole, older=older)


def _laid_out(
    head: list[str], facts: str, card: Card, target: Target, samples: str, link: str, *, whole: bool, older: str = ""
) -> list[str]:
    """Lay out the most important parts first: signature, summary, facts, first pitfall, alternative.

    The sample, parameters and version notes, other pitfalls, and links follow.
    """
    card = card.on(target)
    first, *paragraphs = card.summary
    top = [*head, line_text(first[0], target), facts]
    top += [pitfall_text(pitfall, target, whole=whole) for pitfall in card.pitfalls[:1]] + [prefer_text(card, target)]
    shown = _samples(card, target, samples, whole=whole)
    code = [f"```python\n{sample.code if whole else _narrow(sample.code)}\n```" for sample in shown]
    links = " · ".join(part for part in (see_also_text(card, target), link) if part)
    if whole:
        details = ["\n".join(line_text(line, target) for line in block) for block in (first[1:], *paragraphs)]
        rest = [pitfall_text(pitfall, target) for pitfall in card.pitfalls[1:]]
        said = [f"- {line_text(line, target)}" for line in _parameter_lines(card)]
        parameters = "\n".join(["Parameters:", *said]) if said else ""
        return [*top, *code, *details, older, *rest, parameters, links]
    rest = [headings(card.pitfalls[1:], target)] if card.pitfalls[1:] else []
    room = _GOAL - sum(_height(part) for part in (*top, *code, *rest, links))
    blocks = [first[1:], *paragraphs, _parameter_lines(card)]
    return [*top, *code, _details(blocks, target, room), *rest, links]


def _parameter_lines(card: Card) -> list[Line]:
    """One line for each of the card's parameters that ``parameters.toml`` explains."""
    return [
        msgspec.structs.replace(line, text=f"`{parameter.name}`: {line.text}" if not index else line.text)
        for parameter in card.parameters
        for index, line in enumerate(parameter.lines)
    ]


def _narrow(code: str) -> str:
    """A sample in which output that fits is moved onto the line that prints it."""
    lines: list[str] = []
    for line in code.splitlines():
        output = line.lstrip()
        if output.startswith("#> ") and lines and len(lines[-1]) + len(output) + 2 <= _WIDEST:
            lines[-1] += f"  {output}"
        else:
            lines.append(line)
    return "\n".join(lines)


def _height(block: str) -> int:
    return sum(bool(line.strip()) for line in block.splitlines())


def _samples(card: Card, target: Target, samples: str, *, whole: bool) -> Sequence[Sample]:
    """The samples to show; at the cursor, the first short one of those that run on all of the project's Pythons."""
    if samples == "none":
        return ()
    if samples == "all":
        return card.samples
    everywhere = [sample for sample in card.samples if target.within(sample.range)] or card.samples
    fitting = [sample for sample in everywhere if whole or _height(sample.code) <= _LONGEST_SAMPLE]
    shortest = sorted(everywhere, key=lambda sample: _height(sample.code))
    return (fitting or shortest)[:1]


def _details(blocks: Sequence[Sequence[Line]], target: Target, room: int) -> str:
    """As many further lines of the summary as fit; those about parameters come first.

    Lines that do not apply to all of the project's Pythons come last.  Each line is a sentence or a list item.
    """
    lines = [line for block in blocks for line in block]
    ordered = sorted(lines, key=lambda line: (not target.within(line.range), _PARAMETER.match(line.text) is None))
    shown = ordered[: min(max(room, 0), _MOST_DETAILS)]
    return "\n".join(f"- {line_text(line, target).removeprefix('- ')}" for line in shown)


def _holder(hover: HolderHover, target: Target) -> list[str]:
    parts = [f"**`{hover.name}: {hover.type}`**"]
    if hover.card is not None:
        card = hover.card.on(target)
        parts.append(line_text(card.summary[0][0], target))
        parts += [pitfall_text(pitfall, target, whole=False) for pitfall in card.pitfalls[:1]]
    parts += _names("Most used" if hover.used else "Members", hover.members)
    if hover.facts is not None and hover.facts.docs:
        parts.append(documentation(hover.facts, target))
    return parts


def _container(hover: ContainerHover, target: Target) -> list[str]:
    parts = [f"**`{hover.name}: {hover.type}`**"]
    for held in hover.held:
        if held.card is not None:
            name = held.name if isinstance(held, SymbolHover) else held.card.name
            said = _SHORT_FOR.sub("", line_text(held.card.on(target).summary[0][0], target))
            parts.append(f"{TERMS[name].capitalize() if name in TERMS else f'`{name}`'}: {said}")
    return parts


def _function(hover: FunctionHover, target: Target, samples: str, *, whole: bool) -> list[str]:
    if hover.card is None:
        return _outline(hover.outline)
    title = f"**`{hover.card.name}`**"
    return [*_laid_out([title], "", hover.card, target, samples, "", whole=whole), *_outline(hover.outline)]


def _outline(found: Outline) -> list[str]:
    if found.library:
        return _of_library(found)
    word = "def" if found.kind == "function" else "async def"
    parts = [f"```python\n{word} {found.name}{found.signature}\n```", _USE.get(found.kind, "")]
    return [*parts, *_names("Awaits", found.awaits), *_names("Starts", found.starts)]


_USE = {
    "coroutine function": "Calling it only creates a coroutine; await it or start a task.",
    "async generator function": "Use it with `async for`; leaving the loop early does not close it.",
    "async context manager function": "Enter it with `async with`.",
}


def _of_library(found: Outline) -> list[str]:
    word = "async def" if found.kind.startswith(("coroutine", "async")) else "def"
    code = f"```python\n{word} {found.name.rpartition('.')[2]}{found.signature}\n```"
    return [f"**`{found.name}`**", code, f"{found.kind} · {found.library}", found.documentation]


def _names(label: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{label}: " + ", ".join(f"`{name}`" for name in names)
