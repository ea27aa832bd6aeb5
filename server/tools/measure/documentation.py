"""Compare the cards with the pages of Python's documentation: what it says of versions, what it warns of, what raises.

    python documentation.py DOC/LIBRARY

The folder holds the sources of the pages (``asyncio-task.rst``; ``.rst.txt`` as the built documentation has them).
Printed is each directive and each error that no card tells, and each note, warning and important box that
``tests/knowledge/boxes.toml`` does not place; the exit code is 1 if there is one. Run it when a Python comes out, and
add its directives to ``tests/knowledge/directives.toml``: the tests have no documentation at hand.

A directive is told where the card has something that begins or ends with its Python: a line, a pitfall, a parameter,
the signature, the name itself. A patch release has to be named. An error is told where the card names it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from itertools import dropwhile, takewhile
from operator import not_
from pathlib import Path

import msgspec

from loopwise.cards.api import Facts, knowledge_folder, load_api
from loopwise.cards.card import Card
from loopwise.cards.catalogue import builtin
from loopwise.versions import Version, VersionRange, parse_version

_OBJECT = re.compile(
    r"\.\. (?:coroutine|awaitable|abstract|class|static)?(?:function|method|class|attribute|data|exception|property)"
    r":: (.+)"
)
_DIRECTIVE = re.compile(r"\.\. (versionadded|versionchanged|deprecated(?:-removed)?)::\s*(\d+\.\d+(?:\.\d+)?)?")
_BOX = re.compile(r"\.\. (note|warning|important)::\s*(.*)")
_BOXES = frozenset({"note", "warning", "important"})
_RAISES = re.compile(r"[Rr]aise[sd]?\b")
_ERROR = re.compile(r":exc:`~?!?([\w.]+)`")
_OLDEST: Version = (3, 11)
"""Changes in 3.10 or before apply to every Python that the cards cover."""


class Told(msgspec.Struct, frozen=True, order=True):
    """A statement of the documentation about a name."""

    symbol: str
    """``asyncio.loop.create_task``; empty for a page as a whole."""
    kind: str
    """``versionadded``, ``versionchanged``, ``deprecated``; ``note``, ``warning``, ``important``; ``raises``."""
    what: str
    """The version, the first words, or the error."""


def told(folder: Path) -> list[Told]:
    """All statements of the pages on asyncio, without duplicates."""
    pages = [path for path in sorted(folder.glob("asyncio*")) if path.name.endswith((".rst", ".rst.txt"))]
    return sorted({one for page in pages for one in _page(page.read_text(encoding="utf-8").splitlines())})


def _page(lines: list[str]) -> Iterator[Told]:
    owners: list[tuple[int, str]] = []
    for index, line in enumerate(lines):
        indent, bare = len(line) - len(line.lstrip()), line.strip()
        if bare and not bare.startswith(".. index"):
            owners = [(at, name) for at, name in owners if at < indent]
        symbol = owners[-1][1] if owners else ""
        if found := _OBJECT.fullmatch(bare):
            owners.append((indent, _full(found[1], symbol)))
        elif (found := _DIRECTIVE.match(bare)) and found[2]:
            yield Told(symbol, found[1].partition("-")[0], found[2])
        elif found := _BOX.match(bare):
            yield Told(symbol, found[1], " ".join(_paragraph(found[2], lines[index + 1 :]).split()[:6]))
        elif symbol and _RAISES.search(bare):
            around = " ".join(part.strip() for part in lines[index : index + 2])
            yield from (Told(symbol, "raises", error[1].rpartition(".")[2]) for error in _ERROR.finditer(around))


def _paragraph(first: str, after: list[str]) -> str:
    """The first paragraph of a box, whether it begins on the directive's line or below it."""
    rest = (line.strip() for line in after)
    below = rest if first else dropwhile(not_, rest)
    return " ".join([first, *takewhile(bool, below)])


def _full(signature: str, owner: str) -> str:
    """``create_task(coro)`` in ``asyncio`` -> ``asyncio.create_task``; members get their class."""
    name = signature.partition("(")[0].split()[-1].removeprefix("asyncio.")
    holder = owner.rpartition(".")[2]
    is_member = holder[:1].isupper() and not name.startswith((f"{holder}.", "loop."))
    return (f"{owner}.{name}" if is_member else f"asyncio.{name}").removesuffix(".__init__")


def said(one: Told) -> bool:
    """Does the card cover a directive or an error? Boxes are placed by hand."""
    card, facts = builtin().card(one.symbol), load_api().facts(one.symbol)
    if card is None:
        return not one.symbol
    if one.kind == "raises":
        return one.what in source(card)
    version = parse_version(".".join(one.what.split(".")[:2]))
    if version is None or version < _OLDEST:
        return True
    is_patch = one.what.count(".") > 1
    return one.what in source(card) if is_patch else _begins_or_ends(card, facts, version)


def _begins_or_ends(card: Card, facts: Facts | None, version: Version) -> bool:
    before = (version[0], version[1] - 1)
    ranges = [line.range for block in card.summary for line in block]
    ranges += [line.range for parameter in card.parameters for line in parameter.lines]
    for pitfall in card.pitfalls:
        ranges += [pitfall.range, *(line.range for line in pitfall.lines)]
    ranges += [entry.range for entry in (*card.prefer, *card.raises)]
    ends = {end for held in ranges if held is not None for end in _ends(held)}
    return version in ends or before in ends or (facts is not None and _measured(facts, version))


def _placed(one: Told, boxes: list[dict[str, str]]) -> bool:
    return any(box["symbol"] == one.symbol and one.what.startswith(box["begins"]) for box in boxes)


def _ends(held: VersionRange) -> tuple[Version | None, Version | None]:
    return held.first, held.last


def _measured(facts: Facts, version: Version) -> bool:
    """Did this Python add, remove or change the name, or its signature?"""
    dates = [facts.since, facts.deprecated, facts.removed, *(since for since, _ in facts.signatures)]
    dates += [since for since, _ in facts.changed]
    return version in {parse_version(date) for date in dates if date}


def source(card: Card) -> str:
    """The card's text in its page, and the explanations of its parameters."""
    lines = (knowledge_folder() / card.page).read_text(encoding="utf-8").splitlines()
    ends = [other.section_line - 1 for other in builtin().pages()[card.page] if other.section_line > card.section_line]
    parameters = [line.text for parameter in card.parameters for line in parameter.lines]
    return "\n".join([*lines[card.section_line - 1 : min(ends, default=len(lines))], *parameters])


def main() -> int:
    """Print the statements that no card covers."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, metavar="DOC/LIBRARY")
    parser.add_argument("--boxes", type=Path, default=Path(__file__).parents[3] / "tests" / "knowledge" / "boxes.toml")
    options = parser.parse_args()
    placed = msgspec.toml.decode(options.boxes.read_bytes())["boxes"] if options.boxes.exists() else []
    missing = [one for one in told(options.folder) if not (_placed(one, placed) if one.kind in _BOXES else said(one))]
    for one in missing:
        print(f"{one.symbol or '(page)'}: {one.kind} {one.what}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
