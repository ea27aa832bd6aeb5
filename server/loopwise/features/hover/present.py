"""Hovers as text: Markdown where the client takes it, plain text where not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from loopwise.cards import Card, Facts, Line, Pitfall, Reference, Sample
from loopwise.features.hover.resolve import (
    ContainerHover,
    FunctionHover,
    HolderHover,
    Hover,
    KeywordHover,
    PageHover,
    SymbolHover,
)
from loopwise.versions import Target, Version, VersionRange, parse_version, version_text

DOCS = "https://docs.python.org/{version}/{page}"
_MOST_PITFALLS = 3
# Lines of a hover that are not blank: VS Code shows 12 before one scrolls.  What is left out is in the cheatsheet.
_GOAL = 14
_MOST_DETAILS = 4
_LONGEST_SAMPLE = 6
_WIDEST = 88  # columns of a line of a sample
# Short for the cheatsheet's readers, who learn the terms on its first page; nobody has at the cursor.
_TERMS = {
    "aw": "awaitable",
    "aws": "awaitables",
    "corof": "coroutine function",
    "corofs": "coroutine functions",
    "coro": "coroutine",
    "coros": "coroutines",
    "agen": "async generator",
    "agens": "async generators",
}
_SHORT_FOR = re.compile(r"^Short for [^:]*: ")  # as the cards of terms begin
_PARAMETER = re.compile(r"(?:- )?`\*{0,2}[a-z_]\w*(?:=[^`]*)?`")
_TERM = re.compile(r"(`[^`]*`)|\b(" + "|".join(sorted(_TERMS, key=len, reverse=True)) + r")\b")


def markdown(hover: Hover, target: Target, *, samples: str = "first", pitfalls: int | None = _MOST_PITFALLS) -> str:
    """The hover for ``target``; ``samples``: "first", "all" or "none"; ``pitfalls``: how many at most.

    With ``None`` for ``pitfalls`` all that is known is said, as the cheatsheet does; else what one wants at the cursor.
    """
    match hover:
        case SymbolHover():
            parts = _symbol(hover, target, samples, whole=pitfalls is None)
        case HolderHover():
            parts = _holder(hover, target)
        case ContainerHover():
            parts = _container(hover, target)
        case FunctionHover():
            parts = _function(hover)
        case KeywordHover():
            title = f"**`{hover.card.name}`**"
            parts = _laid_out([title], "", hover.card, target, samples, "", whole=pitfalls is None)
        case PageHover():
            parts = [hover.text]
    return "\n\n".join(part for part in parts if part)


def _symbol(hover: SymbolHover, target: Target, samples: str, *, whole: bool) -> list[str]:
    facts, card = hover.facts, hover.card
    head = [_signature(hover.name, facts, target) if facts is not None else ""]
    lacking = _lacking(hover, target)
    if whole or lacking or not head[0]:
        head = [f"**`{hover.name}`**{lacking}", *head]
    said = _fact_line(hover, facts, target) if facts is not None else ""
    link = documentation(facts, target) if facts is not None and facts.docs else ""
    older = _other_signature(facts, target) if facts is not None and whole else ""
    if card is None:
        return [*head, said, older, link]
    if facts is not None and facts.kind == "module" and not whole:  # it stands on each line that imports it
        first = card.on(target)
        return [*head, _line(first.summary[0][0], target), _headings(first.pitfalls[:2], target), link]
    there = facts is None or facts.available(target.ceiling)
    shown = card if there else msgspec.structs.replace(card, prefer=())  # the facts have said it
    return _laid_out(head, said, shown, target, samples, link, whole=whole, older=older)


def _laid_out(
    head: list[str], facts: str, card: Card, target: Target, samples: str, link: str, *, whole: bool, older: str = ""
) -> list[str]:
    """What one needs first on top: the signature, the summary, the facts, the first pitfall, what to prefer.

    Then the sample, the parameters and what depends on the version, the other pitfalls, links.
    """
    card = card.on(target)
    first, *paragraphs = card.summary
    top = [*head, _line(first[0], target), facts]
    top += [_pitfall(pitfall, target, whole=whole) for pitfall in card.pitfalls[:1]] + [_prefer(card, target)]
    shown = _samples(card, samples, whole=whole)
    code = [f"```python\n{sample.code if whole else _narrow(sample.code)}\n```" for sample in shown]
    links = " · ".join(part for part in (_see_also(card, target), link) if part)
    if whole:
        details = ["\n".join(_line(line, target) for line in block) for block in (first[1:], *paragraphs)]
        rest = [_pitfall(pitfall, target) for pitfall in card.pitfalls[1:]]
        return [*top, *code, *details, older, *rest, links]
    rest = [_headings(card.pitfalls[1:], target)] if card.pitfalls[1:] else []
    room = _GOAL - sum(_height(part) for part in (*top, *code, *rest, links))
    return [*top, *code, _details([first[1:], *paragraphs], target, room), *rest, links]


def _narrow(code: str) -> str:
    """A sample with what a line prints behind it, where there is room."""
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


def _samples(card: Card, samples: str, *, whole: bool) -> Sequence[Sample]:
    """Which samples are shown: at the cursor the first one that is short."""
    if samples == "none":
        return ()
    if samples == "all":
        return card.samples
    fitting = [sample for sample in card.samples if whole or _height(sample.code) <= _LONGEST_SAMPLE]
    shortest = sorted(card.samples, key=lambda sample: _height(sample.code))
    return (fitting or shortest)[:1]


def _details(blocks: Sequence[Sequence[Line]], target: Target, room: int) -> str:
    """As many further lines of the summary as there is room for: what is said of parameters goes first.

    What does not hold on all of the project's Pythons goes last.  Each line is a sentence, or an item, of its own.
    """
    lines = [line for block in blocks for line in block]
    ordered = sorted(lines, key=lambda line: (not target.within(line.range), _PARAMETER.match(line.text) is None))
    shown = ordered[: min(max(room, 0), _MOST_DETAILS)]
    return "\n".join(f"- {_line(line, target).removeprefix('- ')}" for line in shown)


def _headings(pitfalls: Sequence[Pitfall], target: Target) -> str:
    """The titles of the pitfalls that are told elsewhere."""
    titles = (f"{range_mark(pitfall.range, target)}{pitfall.title.rstrip('.')}" for pitfall in pitfalls)
    return "> " + " ".join(f"**{_written_out(title)}.**" for title in titles)


def _written_out(text: str) -> str:
    """Text without the cheatsheet's short terms; what is code stays."""
    return _TERM.sub(lambda found: found[1] or _TERMS[found[2]], text)


def _lacking(hover: SymbolHover, target: Target) -> str:
    """That the oldest of the project's Pythons lacks the name, and what to use there."""
    if hover.facts is None or hover.facts.available(target.floor):
        return ""
    instead = _instead_on(hover, target.floor)
    gone = hover.facts.removed_at(target.floor)
    where = f"is gone from Python {hover.facts.removed}" if gone else f"is not in Python {version_text(target.floor)}"
    return f" {where}" + (f": use {instead} there" if instead else "")


def _instead_on(hover: SymbolHover, version: Version) -> str:
    for entry in hover.card.prefer if hover.card is not None else ():
        if entry.range is not None and version in entry.range:
            return f"`{entry.name}`" + (f" ({entry.note})" if entry.note else "")
    return f"`{hover.facts.instead}`" if hover.facts is not None and hover.facts.instead else ""


def _signature(name: str, facts: Facts, target: Target) -> str:
    version = _nearest(facts, target.ceiling)
    text = facts.signature(version)
    if text is None:
        return f"```python\n{name} = {facts.value}\n```" if facts.value is not None else ""
    word = {"class": "class ", "exception": "class ", "coroutine function": "async def "}
    word["coroutine method"] = "async def "
    result = _result(facts, version) if facts.kind not in {"class", "exception"} else ""
    return f"```python\n{word.get(facts.kind, 'def ')}{name}{text}{result}\n```"


def _result(facts: Facts, version: Version) -> str:
    """`` -> Task[T]``; of several overloads that of the one that takes any number of arguments, else the first's."""
    overloads = facts.types(version)
    chosen = next((text for text in overloads if re.match(r"\((self, )?\*\w", text)), overloads[0] if overloads else "")
    _, arrow, result = chosen.rpartition(" -> ")
    result = re.sub(r"\b_R\b", "T", result)
    result = re.sub(r"\b_(T|KT|VT)\w*", r"\1", result)
    return arrow + re.sub(r"\b_(\w+)T\b", r"\1", result)


def _fact_line(hover: SymbolHover, facts: Facts, target: Target) -> str:
    awaited = _awaited(facts, target)
    parts = [_KINDS.get(facts.kind, "") or awaited or _UNSIGNED.get(facts.kind, "")]
    if facts.since and (parse_version(facts.since) or (3, 0)) > (3, 9):
        parts.append(f"since {facts.since}")
    if facts.deprecated and facts.available(target.ceiling) and facts.deprecated_at(target.ceiling):
        gone = f", to go in {facts.removal}" if facts.removal else ""
        parts.append(f"**deprecated since {facts.deprecated}{gone}**")
    if facts.removed:
        parts.append(f"**removed in {facts.removed}**")
    if facts.instead and (facts.deprecated or facts.removed):
        parts.append(f"use `{facts.instead}`")
    if facts.platforms:
        parts.append("POSIX only" if "posix" in facts.platforms else "Windows only")
    raises = references(hover.card.on(target).raises, target) if hover.card is not None else ""
    if raises:
        parts.append(f"raises {raises}")
    return " · ".join(part for part in parts if part)


# What the signature does not show.
_KINDS = {"exception": "exception"}
_UNSIGNED = {"module": "module", "constant": "constant", "attribute": "attribute", "property": "property"}


def _awaited(facts: Facts, target: Target) -> str:
    if facts.kind.startswith("coroutine"):
        return "await it"
    flags = {
        "awaitable": facts.awaitable,
        "`async with`": facts.async_context_manager,
        "`with`": facts.context_manager,
        "`async for`": facts.async_iterable,
    }
    found = [name for name, present in flags.items() if present]
    result = _result(facts, target.ceiling)
    if facts.kind in {"function", "method"} and ("Future[" in result or "Task[" in result):
        return "returns an awaitable"
    return ", ".join(found)


def _other_signature(facts: Facts, target: Target) -> str:
    """The signature at the floor, where it differs from the one shown."""
    if not (facts.available(target.floor) and facts.available(target.ceiling)):
        return ""
    first, last = facts.signature(target.floor), facts.signature(target.ceiling)
    if first is None or first == last:
        return ""
    return f"On Python {version_text(target.floor)}: `{first}`"


def _pitfall(pitfall: Pitfall, target: Target, *, whole: bool = True) -> str:
    """The pitfall as a quotation; not ``whole``: with its first sentence alone."""
    lines = [_line(line, target) for line in pitfall.lines[: None if whole else 1]]
    mark = range_mark(pitfall.range, target)
    first = f"> **{mark}{_written_out(pitfall.title.rstrip('.'))}.**"
    return " ".join([first, *lines[:1]]) + "".join(f"\n> {line}" for line in lines[1:])


def _line(line: Line, target: Target) -> str:
    mark, text = range_mark(line.range, target), _written_out(line.text)
    if not mark:
        return text
    marker = re.match(r"\s*(?:[-*]|\d+\.)\s+", text)
    cut = marker.end() if marker else 0
    return text[:cut] + mark + text[cut:]


def range_mark(held: VersionRange | None, target: Target) -> str:
    """``Python 3.12+: `` where a statement does not hold on all of the target's Pythons."""
    return "" if held is None or target.within(held) else f"Python {held.words}: "


def _prefer(card: Card, target: Target) -> str:
    prefer = [entry for entry in card.prefer if entry.range is None or target.ceiling in entry.range]
    return f"Prefer: {references(prefer, target)}" if prefer else ""


def _see_also(card: Card, target: Target) -> str:
    return f"See also: {references(card.see_also, target)}" if card.see_also else ""


def references(entries: Iterable[Reference], target: Target) -> str:
    return ", ".join(_reference(entry, target) for entry in entries)


def _reference(entry: Reference, target: Target) -> str:
    held = f" ({entry.range.words})" if entry.range is not None and not target.within(entry.range) else ""
    note = f" - {entry.note}" if entry.note else ""
    return f"`{entry.name}`{held}{note}"


def documentation(facts: Facts, target: Target) -> str:
    """A Markdown link to :func:`docs_link`."""
    return f"[Python documentation]({docs_link(facts, target)})"


def docs_link(facts: Facts, target: Target) -> str | None:
    """The address of a name in the documentation of the target's Python, or of the nearest one that has the name."""
    version = _nearest(facts, target.ceiling)
    return DOCS.format(version=version_text(version), page=facts.docs) if facts.docs else None


def _nearest(facts: Facts, version: Version) -> Version:
    """``version`` if it has the name, else the nearest that has."""
    first, last = facts.lifetime.first, facts.lifetime.last
    if last is not None and version > last:
        return last
    return first if first is not None and version < first else version


def _holder(hover: HolderHover, target: Target) -> list[str]:
    parts = [f"**`{hover.name}: {hover.type}`**"]
    if hover.card is not None:
        card = hover.card.on(target)
        parts.append(_line(card.summary[0][0], target))
        parts += [_pitfall(pitfall, target, whole=False) for pitfall in card.pitfalls[:1]]
    parts += _names("Most used" if hover.used else "Members", hover.members)
    if hover.facts is not None and hover.facts.docs:
        parts.append(documentation(hover.facts, target))
    return parts


def _container(hover: ContainerHover, target: Target) -> list[str]:
    parts = [f"**`{hover.name}: {hover.type}`**"]
    for held in hover.held:
        if held.card is not None:
            name = held.name if isinstance(held, SymbolHover) else held.card.name
            said = _SHORT_FOR.sub("", _line(held.card.on(target).summary[0][0], target))
            parts.append(f"{_TERMS[name].capitalize() if name in _TERMS else f'`{name}`'}: {said}")
    return parts


def _function(hover: FunctionHover) -> list[str]:
    found = hover.outline
    word = "def" if found.kind == "function" else "async def"
    parts = [f"```python\n{word} {found.name}{found.signature}\n```", _USE.get(found.kind, "")]
    return [*parts, *_names("Awaits", found.awaits), *_names("Starts", found.starts)]


_USE = {
    "coroutine function": "Calling it only makes a coroutine: await it, or hand it to a task.",
    "async generator function": "Use it with `async for`; leaving the loop early does not close it.",
    "async context manager function": "Enter it with `async with`.",
}


def _names(label: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{label}: " + ", ".join(f"`{name}`" for name in names)
