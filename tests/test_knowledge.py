"""Catalogue and facts: lookups find the intended entry, in our pages and in those of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loopwise.cards.api import load_api
from loopwise.cards.catalogue import Catalogue, builtin, load
from loopwise.cards.page import parse_page
from loopwise.problem import Problem
from loopwise.versions import VersionRange

PACKS = Path(__file__).parent / "packs"


def written(folder: Path, **pages: str) -> Path:
    """Write a folder of pages, one for each keyword."""
    folder.mkdir(exist_ok=True)
    for name, text in pages.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def test_own_cards_replace_ours_of_the_same_name_and_only_those(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "cards", shop="# S\n\n## asyncio.sleep\n\nOurs.\n\n## shop.get\n\nGet.\n", README="# no page"
    )
    found, ours = load((folder,)), builtin()
    assert found.problems == ours.problems
    assert _headline(found, "asyncio.sleep") == "Ours."
    assert _headline(found, "shop.get") == "Get."
    assert found.card("asyncio.gather") == ours.card("asyncio.gather")
    assert set(found.names()) == {*ours.names(), "asyncio.sleep", "shop.get"}
    assert [card.name for card in found.pages()[str(folder / "shop.md")]] == ["asyncio.sleep", "shop.get"]
    assert sum(card.name == "asyncio.sleep" for cards in found.pages().values() for card in cards) == 1


def test_a_single_file_may_be_named_and_the_first_of_two_cards_wins(tmp_path: Path) -> None:
    folder = written(tmp_path, a="# A\n\n## shop.get\n\nFirst.\n", b="# B\n\n## shop.get\n\nSecond.\n")
    found = load((folder / "a.md", folder / "b.md"))
    assert _headline(found, "shop.get") == "First."
    (problem,) = _new(found)
    assert (problem.file, problem.section) == (str(folder / "b.md"), "shop.get")
    assert "a.md" in problem.message


def test_unreadable_pages_are_reported_once_and_the_rest_loads(tmp_path: Path) -> None:
    folder = written(tmp_path / "cards", good="# G\n\n## shop.get\n\nGet.\n")
    (folder / "latin.md").write_bytes("# Caf\xe9".encode("latin-1"))
    found = load((folder, tmp_path / "missing", written(tmp_path / "empty")))
    assert _headline(found, "shop.get") == "Get."
    said = {Path(problem.file).name: problem.message for problem in _new(found)}
    assert said.keys() == {"latin.md", "missing", "empty"}
    assert "UTF-8" in said["latin.md"]
    assert "name a Markdown file or a folder" in said["missing"]


def test_packs_are_found_by_their_metadata_and_never_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PACKS))
    found = load(entry_points=True)
    assert _headline(found, "shop.Client.fetch") == "Fetch the goods."
    assert _headline(found, "asyncio.sleep") == "Sleep, says the shop."
    (problem,) = _new(found)
    assert "nowhere" in problem.file
    assert not any(name.startswith("loopwise_sample_pack") for name in sys.modules)


def test_pages_from_settings_take_precedence_over_packs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(PACKS))
    folder = written(tmp_path, a="# A\n\n## asyncio.sleep\n\nMine.\n")
    assert _headline(load((folder,), entry_points=True), "asyncio.sleep") == "Mine."


LOOKUPS = [
    ("asyncio.gather", "asyncio.gather"),
    ("asyncio.tasks.gather", "asyncio.gather"),
    ("_asyncio.Future.set_result", "asyncio.Future.set_result"),
    ("asyncio.AbstractEventLoop.call_soon", "asyncio.loop.call_soon"),
    ("asyncio.BaseEventLoop.call_soon", "asyncio.loop.call_soon"),
    ("asyncio.ProactorEventLoop.call_soon", "asyncio.loop.call_soon"),
    ("asyncio.EventLoop.call_soon", "asyncio.loop.call_soon"),
    ("asyncio.PriorityQueue.get", "asyncio.Queue.get"),
    ("asyncio.Task.set_name", "asyncio.Task.set_name"),
    ("async with", "async with"),
    ("no running event loop", "no running event loop"),
    ("gather", None),
    ("asyncio.Queue.frobnicate", None),
    ("asyncio.timeout.wait", None),
    ("", None),
]


@pytest.mark.parametrize(("asked", "name"), LOOKUPS)
def test_a_name_is_found_under_its_aliases_and_bases(asked: str, name: str | None) -> None:
    card = builtin().card(asked)
    assert (card and card.name) == name


def test_keywords_are_only_those_of_the_syntax_page() -> None:
    assert builtin().keyword("await") is not None
    assert builtin().keyword("asyncio.gather") is None


MESSAGES = [
    (
        "sys:1: RuntimeWarning: coroutine 'main' was never awaited",
        "coroutine '…' was never awaited",
        "coroutine 'main' was never awaited",
    ),
    (
        'Traceback (most recent call last):\n  File "a.py", in __aenter__\nRuntimeError: no running event loop\n',
        "no running event loop",
        "no running event loop",
    ),
    ("RuntimeError: This event loop\n    is already running", "This event loop is already running", None),
    (
        "RuntimeError: <asyncio.locks.Lock object at 0x1 [locked]> is bound to a different event loop",
        "… is bound to a different event loop",
        None,
    ),
    ("all is well", None, None),
    ("an event loop is closedown matter", None, None),
]


@pytest.mark.parametrize(("pasted", "name", "matched"), MESSAGES)
def test_a_pasted_message_finds_its_card(pasted: str, name: str | None, matched: str | None) -> None:
    hits = builtin().find_message(pasted)
    assert next((card.name for card, _ in hits), None) == name
    assert all(text in pasted for _, text in hits)
    assert matched is None or hits[0][1] == matched


def test_the_most_literal_message_comes_first() -> None:
    text = "# M\n\n## … failed\n\nIt failed.\n\n## the … of … failed\n\nMore.\n\n## out\n\nOne word.\n"
    cards = tuple(parse_page(text, "messages.md")[0])
    catalogue = Catalogue({"messages.md": cards}, {})
    assert [card.headline for card, _ in catalogue.find_message("E: the end of x failed")] == ["More.", "It failed."]
    assert catalogue.find_message("printed out of paper") == []
    assert catalogue.find_message("Error: out\n") == [(cards[2], "out")]


def test_near_misses_find_typos_and_missing_parts() -> None:
    near = builtin().near
    assert near("asyncio.gathr")[0] == "asyncio.gather"
    assert "asyncio.TaskGroup.create_task" in near("creat_task")
    assert near("qwertyuiop") == []
    assert len(near("asyncio.get", 2)) <= 2


SEARCHES = [
    ("gather", "asyncio.gather"),
    ("Queue.get", "asyncio.Queue.get"),
    ("asyncio.sleep", "asyncio.sleep"),
    ("await", "await"),
    ("Event loop is closed", "Event loop is closed"),
    ("never retrieved task", "Task exception was never retrieved"),
]


@pytest.mark.parametrize(("text", "name"), SEARCHES)
def test_a_search_ranks_the_intended_page_first(text: str, name: str) -> None:
    assert builtin().search(text)[0].name == name


def test_facts_include_versions_aliases_and_inheritance() -> None:
    shutdown = load_api().facts("asyncio.PriorityQueue.shutdown")
    assert shutdown is not None
    assert shutdown == load_api().facts("asyncio.Queue.shutdown")
    assert not shutdown.available((3, 12))
    assert shutdown.available((3, 13))
    assert shutdown.signature((3, 12)) is None
    assert shutdown.signature((3, 14)) == "(immediate=False)"
    assert load_api().facts("asyncio.frobnicate") is None


def test_signatures_and_types_are_those_of_the_version() -> None:
    create = load_api().facts("asyncio.create_task")
    assert create is not None
    assert "context" not in (create.signature((3, 10)) or "")
    assert "context" in (create.signature((3, 11)) or "")
    assert create.types((3, 11)) == create.types((3, 13)) != create.types((3, 14))


def test_deprecation_ends_with_removal() -> None:
    gone = [facts for facts in load_api().symbols.values() if facts.deprecated and facts.removed]
    assert gone
    for facts in gone:
        states = [(facts.deprecated_at(version), facts.removed_at(version)) for version in load_api().known]
        assert (True, True) not in states
        assert states == sorted(states, key=lambda state: (state[1], state[0]))


def test_importing_knowledge_reads_nothing_and_stays_light() -> None:
    heavy = "importlib.metadata packaging difflib tomllib tree_sitter jedi lsprotocol pygls loopwise.cards.page"
    code = "import sys, loopwise.cards.catalogue as k; print(k.builtin.cache_info().misses, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    reads, *modules = done.stdout.split()
    assert reads == "0"
    assert set(heavy.split()) & set(modules) == set()


def _headline(catalogue: Catalogue, name: str) -> str | None:
    card = catalogue.card(name)
    return card.headline if card else None


def _new(catalogue: Catalogue) -> list[Problem]:
    """Return the problems that our own pages do not have."""
    return [problem for problem in catalogue.problems if problem not in builtin().problems]


@pytest.mark.parametrize(
    ("spelled", "words"),
    [("3.12+", "3.12+"), ("-3.12", "up to 3.12"), ("3.10-3.12", "3.10 to 3.12"), ("3.11", "3.11")],
)
def test_a_range_is_described_in_words(spelled: str, words: str) -> None:
    held = VersionRange.parse(spelled)
    assert held is not None
    assert held.words == words
