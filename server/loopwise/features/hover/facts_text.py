"""Renders the measured facts about a name as Markdown: its signature, its uses, a link to its documentation."""

from __future__ import annotations

import re

from loopwise.cards import Facts
from loopwise.features.hover.card_text import references
from loopwise.features.hover.kinds import (
    SymbolHover,
)
from loopwise.features.public_types import in_public_words
from loopwise.versions import Target, Version, parse_version, version_text

DOCS = "https://docs.python.org/{version}/{page}"
# What the signature does not show.
_KINDS = {"exception": "exception"}
_UNSIGNED = {"module": "module", "constant": "constant", "attribute": "attribute", "property": "property"}


def signature(name: str, facts: Facts, target: Target) -> str:
    version = _nearest(facts, target.ceiling)
    text = facts.signature(version)
    if text is None:
        return f"```python\n{name} = {facts.value}\n```" if facts.value is not None else ""
    word = {"class": "class ", "exception": "class ", "coroutine function": "async def "}
    word["coroutine method"] = "async def "
    result = _result(facts, version) if facts.kind not in {"class", "exception"} else ""
    return f"```python\n{word.get(facts.kind, 'def ')}{name}{text}{result}\n```"


def other_signature(facts: Facts, target: Target) -> str:
    """The signature on the target's oldest Python, if it differs from the one shown."""
    if not (facts.available(target.floor) and facts.available(target.ceiling)):
        return ""
    first, last = facts.signature(target.floor), facts.signature(target.ceiling)
    if first is None or first == last:
        return ""
    return f"On Python {version_text(target.floor)}: `{first}`"


def fact_line(hover: SymbolHover, facts: Facts, target: Target) -> str:
    awaited = _awaited(facts, target)
    parts = [_KINDS.get(facts.kind, "") or awaited or _UNSIGNED.get(facts.kind, "")]
    if facts.since and (parse_version(facts.since) or (3, 0)) > (3, 9):
        parts.append(f"since {facts.since}")
    if facts.deprecated and facts.available(target.ceiling) and facts.deprecated_at(target.ceiling):
        gone = f", to be removed in {facts.removal}" if facts.removal else ""
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


def _result(facts: Facts, version: Version) -> str:
    """`` -> Task[T]``: the result of the overload that takes any number of arguments, else of the first."""
    overloads = facts.types(version)
    chosen = next((text for text in overloads if re.match(r"\((self, )?\*\w", text)), overloads[0] if overloads else "")
    _, arrow, result = chosen.rpartition(" -> ")
    return arrow + in_public_words(result)


def lacking_text(hover: SymbolHover, target: Target) -> str:
    """A note that the project's oldest Python lacks the name, with its replacement; empty if it does not."""
    if hover.facts is None or hover.facts.available(target.floor):
        return ""
    instead = _instead_on(hover, target.floor)
    gone = hover.facts.removed_at(target.floor)
    where = f"was removed in Python {hover.facts.removed}" if gone else f"is not in Python {version_text(target.floor)}"
    return f" {where}" + (f": use {instead} there" if instead else "")


def _instead_on(hover: SymbolHover, version: Version) -> str:
    for entry in hover.card.prefer if hover.card is not None else ():
        if entry.range is not None and version in entry.range:
            return f"`{entry.name}`" + (f" ({entry.note})" if entry.note else "")
    return f"`{hover.facts.instead}`" if hover.facts is not None and hover.facts.instead else ""


def documentation(facts: Facts, target: Target) -> str:
    """A Markdown link to :func:`docs_link`; empty if there is none."""
    return f"[Python documentation]({docs_link(facts, target)})"


def docs_link(facts: Facts, target: Target) -> str | None:
    """The URL of a name in the documentation of the target's Python, or of the nearest one that has the name."""
    version = _nearest(facts, target.ceiling)
    return DOCS.format(version=version_text(version), page=facts.docs) if facts.docs else None


def _nearest(facts: Facts, version: Version) -> Version:
    """``version`` if it has the name, else the nearest version that does."""
    first, last = facts.lifetime.first, facts.lifetime.last
    if last is not None and version > last:
        return last
    return first if first is not None and version < first else version
