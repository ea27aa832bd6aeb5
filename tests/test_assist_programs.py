"""Programs behave the same after an assist, or differ as announced: run before and after, on each Python found here."""

from __future__ import annotations

import sys
from collections import Counter
from typing import NamedTuple

import pytest

from assist_programs import (
    PAGES,
    PYTHONS,
    Program,
    after,
    differences,
    known,
    offers,
    programs,
    python_of,
    records,
    wrong,
)
from scenario import Stages

PROGRAMS = list(programs())
_NO_FLOOR = "asyncio.timeout() and task groups came with Python 3.11"


class Asked(NamedTuple):
    """A program and its text after the assist; nothing if the assist is refused or not offered."""

    program: Program
    title: str
    after: str
    refused: str


@pytest.fixture(scope="module")
def asked(stages: Stages) -> list[Asked]:
    """All programs with their offers."""
    found = []
    for program in PROGRAMS:
        document, fixes = offers(program, stages)
        fix = fixes[0] if fixes else None
        text = after(document, fix) if fix is not None and not fix.refused else ""
        found.append(Asked(program, fix.title if fix else "", text, fix.refused if fix else ""))
    return found


def test_each_page_is_an_assist_or_a_rule() -> None:
    assert {page.stem for page in PAGES.rglob("*.md")} <= known()


def test_no_two_programs_have_the_same_title() -> None:
    titles = Counter(map(str, PROGRAMS))
    assert [title for title, count in titles.items() if count > 1] == []


def test_it_is_offered_or_refused_as_the_program_says(asked: list[Asked]) -> None:
    slips = []
    for one in asked:
        reason = one.program.expect.get("refused")
        if reason is not None:
            if not one.refused or reason not in one.refused:
                slips.append(f"{one.program}: refused for {one.refused or 'nothing'!r}, not {reason!r}")
        elif "not offered" in one.program.expect:
            if one.title:
                slips.append(f"{one.program}: {one.title!r} is offered")
        elif not one.after:
            slips.append(f"{one.program}: {one.refused or 'not offered'}")
    assert "\n".join(slips) == ""


def test_changes_in_behavior_are_announced(asked: list[Asked]) -> None:
    """Different errors, results and tasks are named in the title; some titles are about a different order."""
    announced = {"result", "exception", "left"}
    slips = [
        f"{one.program}: {one.title}"
        for one in asked
        if one.after
        and not one.program.is_rule
        and announced & one.program.changes.keys()
        and "(" not in one.title
        and one.program.assist not in CHANGES_BY_NAME
    ]
    assert slips == []


CHANGES_BY_NAME = {"add-await", "remove-await"}
"""The assists whose titles describe all of their changes."""


@pytest.mark.parametrize("version", PYTHONS)
def test_programs_behave_as_before(version: str, asked: list[Asked]) -> None:
    """Output, result, exception, remaining tasks, names and warnings are as before, or differ as claimed."""
    python = sys.executable if version == f"{sys.version_info[0]}.{sys.version_info[1]}" else python_of(version)
    if python is None:
        pytest.skip(f"Python {version} is not here")
    at = tuple(map(int, version.split(".")))
    made = [one for one in asked if one.after and one.program.floor <= at]
    texts = [(one.program.source, one.program.files) for one in made]
    found = records(python, [*texts, *((one.after, one.program.files) for one in made)])
    slips = [
        f"{one.program}\n{said}\n{one.after}"
        for one, before, now in zip(made, found, found[len(made) :], strict=False)
        if (said := wrong(one.program, differences(before, now)))
    ]
    assert "\n\n".join(slips) == ""
