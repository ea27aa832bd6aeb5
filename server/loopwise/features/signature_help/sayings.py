"""Collects the cards' sentences about a parameter."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from loopwise.cards import Card, Catalogue, Facts, Line, Pitfall
from loopwise.features.hover import range_mark
from loopwise.features.signature_help.parts import Kind, Parameter, Parts
from loopwise.versions import Target

_CODE = re.compile(r"`([^`]+)`")
_MARKER = re.compile(r"\s*(?:[-*]|\d+\.)\s+")
_MOST = 3  # sentences on one parameter: what a popup shows

_Speaks = Callable[[str], bool]
"""Is a sentence about a certain parameter?"""


def sayings(catalogue: Catalogue, target: Target, parts: Parts, parameter: Parameter, facts: Facts) -> list[str]:
    """Up to three sentences or pitfalls (Markdown) of the symbol's card that are about the parameter.

    Those written for the parameter come first, then those that name it as code, then those that say "the timeout". If
    the card has none, those of the function of the same name are used: ``create_task`` for a task group's. Only
    sentences that apply to at least one of the target's Pythons are returned.
    """
    symbol = parts.symbol or ""
    for name in dict.fromkeys((symbol, f"asyncio.{symbol.rpartition('.')[2]}")):
        card = catalogue.card(name)
        written = list(_written(card.on(target), parameter, target)) if card is not None else []
        if card is not None and written:
            warnings = _warnings(card.on(target), _as_code(parameter, name, facts), target)
            return [*written, *warnings][:_MOST]
        for speaks in (_as_code(parameter, name, facts), _in_prose(parameter)) if card is not None else ():
            found = list(_said(card.on(target), speaks, target)) if card is not None else []
            if found:
                return found[:_MOST]
    return []


def _written(card: Card, parameter: Parameter, target: Target) -> Iterator[str]:
    """The sentences of ``parameters.toml`` about the parameter."""
    for explained in card.parameters:
        if explained.name == parameter.name:
            yield from (_sentence(line, target) for line in explained.lines)


def _as_code(parameter: Parameter, symbol: str, facts: Facts) -> _Speaks:
    """Matches code that begins with the parameter or passes it by keyword: ``timeout``, ``f(timeout=0)``.

    Elsewhere in code its name may mean anything (``await queue.put(item)``).
    """
    documented = [name for name, real in facts.keyword_names.items() if real == parameter.name]
    names = "|".join(re.escape(name) for name in (parameter.name, *documented))
    pattern = rf"^\**(?:{names})(?![\w.(])|(?<![\w.])(?:{names})=(?!=)"
    if parameter.kind is Kind.STAR:
        pattern += rf"|\b{re.escape(symbol.rpartition('.')[2])}\((?:[^)]*[ (])?\*\w"
    return lambda text: any(re.search(pattern, code[1]) for code in _CODE.finditer(text))


def _in_prose(parameter: Parameter) -> _Speaks:
    pattern = re.compile(rf"\b(?:the|an?|no) {re.escape(parameter.name)}\b", re.IGNORECASE)
    return lambda text: pattern.search(_CODE.sub("`", text)) is not None


def _said(card: Card, speaks: _Speaks, target: Target) -> Iterator[str]:
    """Sentences of the summary except the first, then pitfalls."""
    lines = [line for paragraph in card.summary for line in paragraph]
    for line in lines[1:]:
        if speaks(line.text):
            yield _sentence(line, target)
    yield from _warnings(card, speaks, target)


def _warnings(card: Card, speaks: _Speaks, target: Target) -> Iterator[str]:
    for pitfall in card.pitfalls:
        if speaks(" ".join([pitfall.title, *(line.text for line in pitfall.lines)])):
            yield _pitfall(pitfall, target)


def _sentence(line: Line, target: Target) -> str:
    return range_mark(line.range, target) + _MARKER.sub("", line.text, count=1)


def _pitfall(pitfall: Pitfall, target: Target) -> str:
    title = f"**{range_mark(pitfall.range, target)}{pitfall.title.rstrip('.')}.**"
    return " ".join([title, *(_sentence(line, target) for line in pitfall.lines)])
