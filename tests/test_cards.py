"""The knowledge base is complete: every name has a card, every reference a target, every checked fact a place."""

from __future__ import annotations

import builtins
import re
from functools import cache
from pathlib import Path

import msgspec
import pytest

from loopwise.cards.api import Facts, knowledge_folder, load_api
from loopwise.cards.card import Card
from loopwise.cards.catalogue import builtin
from loopwise.cards.page import parse_page
from loopwise.features.hover import card_hover, markdown
from loopwise.versions import Target, Version, version_text

FACTS = Path(__file__).parent / "knowledge" / "facts.toml"
ALL_FACTS = [f"F{number}" for number in range(1, 198)] + [f"M{number}" for number in range(1, 33)]
LONGEST_SUMMARY = 120
MOST_PITFALLS = 4
NOTHING_BEFORE = {
    "asyncio.future_add_to_awaited_by": "older Pythons have no call graph that could be told",
    "asyncio.future_discard_from_awaited_by": "older Pythons have no call graph that could be told",
}
"""Newer names without an equivalent on older Pythons, and why."""
MEMBERS = {"method", "coroutine method", "property", "attribute", "static method", "class method"}
CARDS = [card for cards in builtin().pages().values() for card in cards]


class Placed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The place where a checked fact is stated, or the reason why it is not."""

    card: str = ""
    says: str = ""
    left_out: str = ""


@cache
def placed() -> dict[str, Placed]:
    """facts.toml, decoded."""
    return msgspec.toml.decode(FACTS.read_bytes(), type=dict[str, Placed])


@cache
def source(card: Card) -> str:
    """Return the section of the page from which the card was read."""
    lines = (knowledge_folder() / card.page).read_text(encoding="utf-8").splitlines()
    ends = [other.section_line - 1 for other in builtin().pages()[card.page] if other.section_line > card.section_line]
    return "\n".join(lines[card.section_line - 1 : min(ends, default=len(lines))])


def public() -> list[str]:
    """Return asyncio's names, without members."""
    return [name for name, facts in load_api().symbols.items() if facts.kind not in MEMBERS | {"module"}]


def members() -> list[str]:
    """Return the members defined by classes and by the loop."""
    return [name for name, facts in load_api().symbols.items() if facts.kind in MEMBERS]


def test_a_hover_shows_a_sample_that_runs_on_all_of_the_projects_pythons() -> None:
    target = Target((3, 10), (3, 15))
    found = card_hover(builtin(), "asyncio.Queue")
    assert found is not None
    assert "queue.task_done()" in markdown(found, target)
    assert "queue.shutdown()" in markdown(found, Target((3, 13), (3, 15)))
    assert "queue.shutdown()" in markdown(found, target, samples="all")


def test_every_page_is_read_without_a_problem() -> None:
    assert [str(problem) for problem in builtin().problems] == []


def test_the_page_on_writing_cards_is_itself_readable() -> None:
    _, problems = parse_page((knowledge_folder() / "README.md").read_text(encoding="utf-8"), "README.md")
    assert not [problem for problem in problems if "closed" in problem.message]


def test_every_public_name_has_a_card_with_a_sample() -> None:
    cards = {name: builtin().card(name) for name in public()}
    assert [name for name, card in cards.items() if not card] == []
    assert [name for name, card in cards.items() if card and not card.samples] == []


def test_every_member_has_a_card() -> None:
    assert [name for name in members() if not builtin().card(name)] == []


def test_every_card_of_asyncio_is_about_something_that_exists() -> None:
    known = {name for name in builtin().names() if name.startswith("asyncio.")}
    assert [
        name for name in sorted(known) if not load_api().canonical(name) and not name.startswith("asyncio.loop")
    ] == []


def test_a_first_sentence_fits_in_a_line() -> None:
    long = {card.name: len(card.headline) for card in CARDS if len(card.headline) > LONGEST_SUMMARY}
    assert long == {}
    assert [card.name for card in CARDS if len(card.summary[0]) > 1] == []
    assert [card.name for card in CARDS if not card.headline.endswith((".", "?", "…"))] == []


def test_every_reference_leads_somewhere() -> None:
    lost = [
        f"{card.page}: {card.name}: {reference.name}"
        for card in CARDS
        for reference in (*card.prefer, *card.see_also)
        if not builtin().card(reference.name) and not _python_name(reference.name)
    ]
    assert lost == []


def test_raised_exceptions_exist() -> None:
    lost = [
        f"{card.page}: {card.name}: {reference.name}"
        for card in CARDS
        for reference in card.raises
        if not builtin().card(reference.name) and not _exception(reference.name)
    ]
    assert lost == []


def test_ranges_lie_within_the_life_of_their_name() -> None:
    facts = [(card, found) for card in CARDS if (found := load_api().facts(card.name))]
    assert [card.name for card, found in facts if not _shown_somewhere(card, found)] == []


def test_a_missing_name_says_what_to_write() -> None:
    silent = {
        name: [version_text(version) for version in versions]
        for name, facts in load_api().symbols.items()
        if (versions := [version for version in _lacking(facts) if not _instead(builtin().card(name), facts, version)])
    }
    assert silent.keys() == NOTHING_BEFORE.keys(), silent


def test_a_card_has_few_warnings() -> None:
    assert {card.name: len(card.pitfalls) for card in CARDS if _most_at_once(card) > MOST_PITFALLS} == {}


def test_each_checked_fact_is_placed_once() -> None:
    assert sorted(set(ALL_FACTS) - placed().keys()) == []
    assert sorted(placed().keys() - set(ALL_FACTS)) == []
    assert {name for name, fact in placed().items() if fact.left_out} == {"F104"}


@pytest.mark.parametrize("name", ALL_FACTS)
def test_a_checked_fact_is_stated_by_its_card(name: str) -> None:
    fact = placed()[name]
    if fact.left_out:
        return
    card = builtin().card(fact.card)
    assert card, f"there is no card {fact.card}"
    assert fact.says in source(card)


def _python_name(name: str) -> bool:
    """A dotted name of Python, but not of asyncio: those have cards."""
    return re.fullmatch(r"\w+(\.\w+)+", name) is not None and not name.startswith("asyncio.")


def _exception(name: str) -> bool:
    """A built-in exception, or a dotted name outside asyncio."""
    known = getattr(builtins, name, None)
    return (
        _python_name(name)
        or name in {"ExceptionGroup", "BaseExceptionGroup"}  # Not there on 3.10.
        or (isinstance(known, type) and issubclass(known, BaseException))
    )


def _lacking(facts: Facts) -> list[Version]:
    """Return the known Pythons that lack the name."""
    return [version for version in load_api().known if not facts.available(version)]


def _instead(card: Card | None, facts: Facts, version: Version) -> bool:
    """Does the card have an alternative for this Python? That for older Pythons ends before the name exists."""
    entries = [entry for entry in card.prefer if entry.range and version in entry.range] if card else []
    first = facts.lifetime.first
    return bool(entries) and not (first and version < first and any(first in (entry.range or ()) for entry in entries))


def _most_at_once(card: Card) -> int:
    """Return the largest number of pitfalls shown for any of the known Pythons."""
    return max(len(card.on(Target(version, version)).pitfalls) for version in load_api().known)


def _shown_somewhere(card: Card, facts: Facts) -> bool:
    """Is each ranged part of the card, apart from alternatives, shown on at least one Python that has the name?"""
    versions = [version for version in load_api().known if facts.available(version)] or list(load_api().known)
    lines = [line for block in card.summary for line in block]
    ranges = [line.range for line in lines] + [sample.range for sample in card.samples]
    ranges += [pitfall.range for pitfall in card.pitfalls]
    return all(held is None or any(version in held for version in versions) for held in ranges)
