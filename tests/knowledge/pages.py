"""Reads the samples in the knowledge base's pages (knowledge/README.md describes their form)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Version = tuple[int, ...]

OLDEST: Version = (3, 10)
NEWEST: Version = (3, 99)
NEEDS = frozenset({"threads", "sockets", "processes", "signals", "posix", "windows"})

_VERSION = r"3\.\d+(?:\.\d+)?"
_RANGE = re.compile(rf"(?P<low>{_VERSION})?(?P<dash>-)?(?P<high>{_VERSION})?(?P<plus>\+)?")
_FENCE = re.compile(r"(?P<ticks>`{3,})(?P<words>.*)")
_OUTPUT = re.compile(r"\s*#>(?: (?P<text>.*))?")


class PageError(ValueError):
    """Raised for a page that is not written as knowledge/README.md requires."""


@dataclass(frozen=True)
class Sample:
    """A fenced ``python`` block of a card."""

    page: str
    card: str
    line: int  # of the fence
    first: Version
    last: Version
    needs: frozenset[str]
    messages: tuple[str, ...]  # wordings of which one must appear; only with the word "shows"
    code: str
    expected: str  # what it prints

    def holds_on(self, version: Version) -> bool:
        """Do readers with this Python see the sample?"""
        return self.first <= version <= self.last


def parse_range(text: str) -> tuple[Version, Version]:
    """Parse ``3.11+``, ``-3.10``, ``3.11-3.13`` or ``3.12``; experiments name patch releases too: ``3.13.2+``."""
    match = _RANGE.fullmatch(text)
    if match is None or not text:
        raise PageError(f"not a range of versions: {text!r}")
    low, dash, high, plus = match["low"], match["dash"], match["high"], match["plus"]
    if low and plus and not dash and not high:
        return _version(low), NEWEST
    if high and dash and not plus:
        return _version(low) if low else OLDEST, _version(high)
    if low and not dash and not high:
        return _version(low), _version(low)
    raise PageError(f"not a range of versions: {text!r}")


def read_samples(path: Path, symbols: Mapping[str, Any]) -> Iterator[Sample]:
    """Yield a page's samples; ``symbols`` (from api.json) tells since which version their names exist."""
    card = path.name
    wordings: list[str] = []
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    for number, line in lines:
        if line.startswith("## "):
            card = line[3:].strip()
            wordings = [card]
        elif line.startswith("Also:"):
            wordings.append(line[5:].strip())
        elif fence := _FENCE.match(line):
            body = _until(lines, fence["ticks"])
            words = fence["words"].split()
            if words[:1] == ["python"]:
                sample = Sample(
                    path.name, card, number, *_lifetime(card, symbols), _platforms(card, symbols), (), *_split(body)
                )
                yield _marked(sample, words[1:], tuple(wordings))


def load_symbols(knowledge: Path) -> Mapping[str, Any]:
    """Return api.json's symbols, or nothing while there is no api.json."""
    path = knowledge / "api.json"
    if not path.exists():
        return {}
    symbols: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))["symbols"]
    return symbols


def _version(text: str) -> Version:
    return tuple(map(int, text.split(".")))


def _until(lines: Iterator[tuple[int, str]], ticks: str) -> list[str]:
    body = []
    for _, line in lines:
        if line.rstrip() == ticks:
            break
        body.append(line)
    return body


def _split(body: list[str]) -> tuple[str, str]:
    """Return the code as written and the text in its ``#>`` lines."""
    outputs = [match["text"] or "" for line in body if (match := _OUTPUT.fullmatch(line))]
    return "\n".join(body) + "\n", "".join(text + "\n" for text in outputs)


def _lifetime(card: str, symbols: Mapping[str, Any]) -> tuple[Version, Version]:
    """Return the first and the last version that have the card's name, its class and module."""
    first, last = OLDEST, NEWEST
    parts = card.split(".")
    for end in range(1, len(parts) + 1):
        entry = symbols.get(".".join(parts[:end]), {})
        if entry.get("since"):
            first = max(first, _version(entry["since"]))
        if entry.get("removed"):
            major, minor = _version(entry["removed"])
            last = min(last, (major, minor - 1))
    return first, last


def _platforms(card: str, symbols: Mapping[str, Any]) -> frozenset[str]:
    platforms = symbols.get(card, {}).get("platforms") or []
    return frozenset(platforms)


def _marked(sample: Sample, words: list[str], wordings: tuple[str, ...]) -> Sample:
    """Apply the words after ``python`` on the fence."""
    first, last, needs, messages = sample.first, sample.last, set(sample.needs), sample.messages
    for word in words:
        if word == "shows":
            messages = wordings
        elif word in NEEDS:
            needs.add(word)
        else:
            low, high = parse_range(word)
            first, last = max(first, low), min(last, high)
    return Sample(
        sample.page, sample.card, sample.line, first, last, frozenset(needs), messages, sample.code, sample.expected
    )
