"""Versions and warnings in Python's documentation are on the cards too."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import documentation
import msgspec
import pytest

from loopwise.cards.catalogue import builtin

HERE = Path(__file__).parent


class Box(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note, warning or important box, and where it is stated."""

    symbol: str
    begins: str
    card: str = ""
    says: str = ""
    left_out: str = ""


@cache
def boxes() -> tuple[Box, ...]:
    """boxes.toml, decoded."""
    found = msgspec.toml.decode((HERE / "boxes.toml").read_bytes(), type=dict[str, tuple[Box, ...]])
    return found["boxes"]


@cache
def directives() -> tuple[documentation.Told, ...]:
    """directives.toml, decoded."""
    found = msgspec.toml.decode((HERE / "directives.toml").read_bytes(), type=dict[str, tuple[str, ...]])
    return tuple(documentation.Told(name, "version", version) for version, names in found.items() for name in names)


@pytest.mark.parametrize("one", directives(), ids=lambda one: f"{one.symbol} {one.what}")
def test_a_directive_is_recognized(one: documentation.Told) -> None:
    """The card has a part whose range starts or ends with that Python."""
    assert documentation.said(one)


@pytest.mark.parametrize("box", boxes(), ids=lambda box: f"{box.symbol} {box.begins}")
def test_a_box_is_reported_or_left_out_for_a_reason(box: Box) -> None:
    """The phrase is on the card."""
    if box.left_out:
        assert not box.card
        return
    card = builtin().card(box.card)
    assert card is not None
    assert box.says in documentation.source(card)


PAGE = """\
.. function:: gather(*aws)

   .. versionchanged:: 3.99
      Something new.

   .. note::

      A note that nobody has placed.

   Raises :exc:`LookupError` if there is none.
"""


def test_news_in_the_documentation_is_noticed(tmp_path: Path) -> None:
    """A directive, a box and an error that no card mentions."""
    (tmp_path / "asyncio-task.rst").write_text(PAGE, encoding="utf-8")
    error, note, version = sorted(documentation.told(tmp_path), key=lambda one: one.kind != "raises")
    assert (note.kind, version.kind) == ("note", "versionchanged")
    assert not documentation.said(error)
    assert not documentation.said(version)


def test_a_box_that_is_wrapped_in_another_place_is_the_same(tmp_path: Path) -> None:
    """The documentation of one Python wraps the same sentence differently from that of the next."""
    page = tmp_path / "asyncio-task.rst"
    page.write_text(
        ".. function:: gather()\n\n   .. note::\n\n      One two three\n      four five six seven\n", encoding="utf-8"
    )
    narrow = documentation.told(tmp_path)
    page.write_text(
        ".. function:: gather()\n\n   .. note:: One two\n      three four five six seven\n", encoding="utf-8"
    )
    assert (
        documentation.told(tmp_path)
        == narrow
        == [documentation.Told("asyncio.gather", "note", "One two three four five six")]
    )
