"""Hovers as text: Markdown where the client takes it, plain text where not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from loopwise.cards import Card, Facts, Line, Pitfall, Reference
from loopwise.features.hover.own_functions import Outline
from loopwise.features.hover.resolve import FunctionHover, HolderHover, Hover, KeywordHover, PageHover, SymbolHover
from loopwise.versions import Target, Version, VersionRange, parse_version, version_text

DOCS = "https://docs.python.org/{version}/{page}"
_MOST_PITFALLS = 3


def markdown(hover: Hover, target: Target, *, samples: str = "first", pitfalls: int | None = _MOST_PITFALLS) -> str:
    """The hover for ``target``; ``samples``: "first", "all" or "none"; ``pitfalls``: how many at most."""
    match hover:
        case SymbolHover():
            parts = _symbol(hover, target, samples, pitfalls)
        case HolderHover():
            parts = _holder(hover, target)
        case FunctionHover():
            parts = _function(hover, target, samples, pitfalls)
        case KeywordHover():
            parts = [f"**`{hover.card.name}`**", *card_parts(hover.card, target, samples, pitfalls)]
        case PageHover():
            parts = [hover.text]
    return "\n\n".join(part for part in parts if part)


def _symbol(hover: SymbolHover, target: Target, samples: str, pitfalls: int | None) -> list[str]:
    facts, card = hover.facts, hover.card
    parts = [_title(hover, target)]
    if facts is not None:
        parts += [_signature(hover.name, facts, target), _fact_line(facts, card, target)]
    if card is not None:
        there = facts is None or facts.available(target.ceiling)
        shown = card if there else msgspec.structs.replace(card, prefer=())  # the title has said it
        parts += card_parts(shown, target, samples, pitfalls)
    if facts is not None and facts.docs:
        parts.append(documentation(facts, target))
    return parts


def _title(hover: SymbolHover, target: Target) -> str:
    title = f"**`{hover.name}`**"
    lacking = hover.facts is not None and not hover.facts.available(target.floor)
    if hover.facts is None or not lacking:
        return title
    instead = _instead_on(hover, target.floor)
    gone = hover.facts.removed_at(target.floor)
    where = f"is gone from Python {hover.facts.removed}" if gone else f"is not in Python {version_text(target.floor)}"
    return f"{title} {where}" + (f": use {instead} there" if instead else "")


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
    return f"```python\n{word.get(facts.kind, 'def ')}{_short(name)}{text}{result}\n```"


def _short(name: str) -> str:
    return name.removeprefix("asyncio.").rpartition(".")[2]


def _result(facts: Facts, version: Version) -> str:
    """`` -> Task[T]``; of several overloads that of the one that takes any number of arguments, else the first's."""
    overloads = facts.types(version)
    chosen = next((text for text in overloads if re.match(r"\((self, )?\*\w", text)), overloads[0] if overloads else "")
    _, arrow, result = chosen.rpartition(" -> ")
    return arrow + re.sub(r"\b_(T|KT|VT)\w*", r"\1", result)


def _fact_line(facts: Facts, card: Card | None, target: Target) -> str:
    parts = [facts.kind]
    awaited = _awaited(facts, target)
    if awaited:
        parts.append(awaited)
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
    raises = references(card.on(target).raises, target) if card is not None else ""
    if raises:
        parts.append(f"raises {raises}")
    older = _other_signature(facts, target)
    return " · ".join(parts) + (f"\n\n{older}" if older else "")


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


def card_parts(card: Card, target: Target, samples: str = "first", most: int | None = _MOST_PITFALLS) -> list[str]:
    """Summary, pitfalls (``most``; ``None``: all), samples and references of a card, as Markdown blocks."""
    card = card.on(target)
    parts = ["\n".join(_line(line, target) for line in paragraph) for paragraph in card.summary]
    parts += [_pitfall(pitfall, target) for pitfall in card.pitfalls[:most]]
    shown = {"none": (), "first": card.samples[:1], "all": card.samples}.get(samples, card.samples[:1])
    parts += [f"```python\n{sample.code}\n```" for sample in shown]
    parts.append(_footer(card, target))
    return parts


def _pitfall(pitfall: Pitfall, target: Target) -> str:
    lines = [_line(line, target) for line in pitfall.lines]
    mark = range_mark(pitfall.range, target)
    first = f"> **{mark}{pitfall.title.rstrip('.')}.**"
    return " ".join([first, *lines[:1]]) + "".join(f"\n> {line}" for line in lines[1:])


def _line(line: Line, target: Target) -> str:
    mark = range_mark(line.range, target)
    if not mark:
        return line.text
    marker = re.match(r"\s*(?:[-*]|\d+\.)\s+", line.text)
    cut = marker.end() if marker else 0
    return line.text[:cut] + mark + line.text[cut:]


def range_mark(held: VersionRange | None, target: Target) -> str:
    """``Python 3.12+: `` where a statement does not hold on all of the target's Pythons."""
    return "" if held is None or target.within(held) else f"Python {held.words}: "


def _footer(card: Card, target: Target) -> str:
    prefer = [entry for entry in card.prefer if entry.range is None or target.ceiling in entry.range]
    parts = [f"Prefer: {references(prefer, target)}" if prefer else ""]
    parts.append(f"See also: {references(card.see_also, target)}" if card.see_also else "")
    return " · ".join(part for part in parts if part)


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
        parts += ["\n".join(_line(line, target) for line in card.summary[0])]
        parts += [_pitfall(pitfall, target) for pitfall in card.pitfalls[:2]]
    parts += _names("Most used" if hover.used else "Members", hover.members)
    if hover.facts is not None and hover.facts.docs:
        parts.append(documentation(hover.facts, target))
    return parts


def _function(hover: FunctionHover, target: Target, samples: str, pitfalls: int | None) -> list[str]:
    if hover.card is None:
        return _outline(hover.outline)
    return [f"**`{hover.card.name}`**", *card_parts(hover.card, target, samples, pitfalls), *_outline(hover.outline)]


def _outline(found: Outline) -> list[str]:
    if found.library:
        return _of_library(found)
    word = "def" if found.kind == "function" else "async def"
    parts = [f"**`{found.name}`** {_article(found.kind)}"]
    parts.append(f"```python\n{word} {found.name.rpartition('.')[2]}{found.signature}\n```")
    parts += list(_names("Awaits", found.awaits)) + list(_names("Starts", found.starts))
    if found.kind == "coroutine function":
        parts.append("Calling it only makes a coroutine: await it, or hand it to a task.")
    elif found.kind == "async generator function":
        parts.append("Use it with `async for`; leaving the loop early does not close it.")
    return parts


def _of_library(found: Outline) -> list[str]:
    word = "async def" if found.kind.startswith(("coroutine", "async")) else "def"
    code = f"```python\n{word} {found.name.rpartition('.')[2]}{found.signature}\n```"
    return [f"**`{found.name}`**", code, f"{found.kind} · {found.library}", found.documentation]


def _names(label: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{label}: " + ", ".join(f"`{name}`" for name in names)


def _article(noun: str) -> str:
    return f"is {'an' if noun[0] in 'aeiou' else 'a'} {noun}"
