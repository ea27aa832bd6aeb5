"""Claims about behavior on the cards are true on each Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import interpreters
import pytest
import run_experiments
import stand_ins

from loopwise.cards.api import knowledge_folder
from loopwise.cards.catalogue import builtin

HERE = Path(__file__).parent
SCRIPT = HERE / "run_experiments.py"
CLAIMS = run_experiments.load()
AT_LEAST = 100
"""Experiments on the riskiest statements: cancellation, timeouts, groups, streams, processes, threads."""


@pytest.mark.parametrize("version", interpreters.VERSIONS)
def test_each_python_does_what_the_cards_say(version: str) -> None:
    """All experiments run in one process of each installed interpreter."""
    python = interpreters.find(version)
    if python is None:
        pytest.skip(f"there is no Python {version} here")
    assert failures([python, str(SCRIPT)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("version", stand_ins.RELEASES)
def test_newer_pythons_do_what_the_cards_say(version: str) -> None:
    """As WebAssembly, and with their sources on 3.13."""
    if missing := stand_ins.lacking():
        pytest.skip(missing)
    for command in stand_ins.commands(version, [], SCRIPT):
        assert failures(command) == []


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_the_card_says_what_the_experiment_shows(claim: run_experiments.Claim) -> None:
    """The phrase is on the card, so that neither becomes outdated alone."""
    card = builtin().card(claim.card)
    assert card, f"there is no card {claim.card}"
    lines = (knowledge_folder() / card.page).read_text(encoding="utf-8").splitlines()
    ends = [other.section_line - 1 for other in builtin().pages()[card.page] if other.section_line > card.section_line]
    parameters = [line.text for parameter in card.parameters for line in parameter.lines]
    assert claim.says in "\n".join([*lines[card.section_line - 1 : min(ends, default=len(lines))], *parameters])


def test_there_are_experiments_enough_and_each_has_a_name_of_its_own() -> None:
    """One for each claim."""
    names = [claim.name for claim in CLAIMS]
    assert len(names) >= AT_LEAST
    assert len(set(names)) == len(names)


def failures(command: list[str]) -> list[str]:
    """Run experiments; return a line for each that differs."""
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if not run.stdout.startswith("{"):
        return [run.stdout + run.stderr]
    return [
        f"{item['name']} ({item['card']}): expected {item['expected']!r}, got {item['found']!r}"
        for item in json.loads(run.stdout)["failures"]
    ]
