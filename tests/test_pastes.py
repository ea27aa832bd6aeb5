"""The page ``pastes.md``: for each text that people paste, the card that explains it is found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopwise.cards.api import load_api
from loopwise.cards.catalogue import builtin
from loopwise.features.lookup import look_up, suggestions

SECTION = re.compile(r"^## (?P<card>[^\n]+)\n(?P<blocks>(?:(?!^## ).*\n?)*)", re.MULTILINE)
PASTE = re.compile(r"^```text\n(?P<text>.*?)\n```$", re.MULTILINE | re.DOTALL)
STRANGERS = (
    "TypeError: list indices must be integers or slices, not str",
    "KeyError: 'user'",
    "ModuleNotFoundError: No module named 'requests'",
    "AttributeError: 'NoneType' object has no attribute 'send'",
    "TypeError: unhashable type: 'list'",
    "NotImplementedError",
    "ValueError: invalid literal for int() with base 10: 'x'",
    "psycopg2.OperationalError: server closed the connection unexpectedly",
    "TypeError: 'generator' object is not subscriptable",
    "the event loop of pygame is not responding",
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    1 / 0\nZeroDivisionError: division by zero',
)
"""Errors that are not about asyncio."""


def pastes() -> Iterator[tuple[str, str]]:
    """Yield each paste with the expected card."""
    page = Path(__file__).with_name("pastes.md").read_text("utf-8")
    for section in SECTION.finditer(page):
        yield from ((section["card"], paste["text"]) for paste in PASTE.finditer(section["blocks"]))


PASTES = list(pastes())


@pytest.mark.parametrize(("card", "text"), PASTES)
def test_a_paste_finds_its_card(card: str, text: str) -> None:
    expected, found = builtin().card(card), look_up(builtin(), load_api(), text)
    assert expected is not None
    assert found is not None
    assert found.card == expected


def test_there_are_pastes_enough() -> None:
    assert len(PASTES) >= 250


@pytest.mark.parametrize("text", STRANGERS)
def test_queries_unrelated_to_asyncio_find_nothing(text: str) -> None:
    assert look_up(builtin(), load_api(), text) is None


def test_the_nearest_three_are_offered_if_nothing_fits() -> None:
    near = suggestions(builtin(), "RuntimeError: the event loop of this thread was closed already")
    assert "Event loop is closed" in near
    assert len(near) <= 3
