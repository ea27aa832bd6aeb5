"""Every message in asyncio's own sources has a card, on each Python."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import interpreters
import messages
import msgspec
import pytest
import stand_ins

from loopwise.cards.catalogue import builtin

HERE = Path(__file__).parent


class Unanswered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reason why a message needs no card (``reason``), or its form when Python prints it (``example``)."""

    reason: str = ""
    example: str = ""


@cache
def unanswered() -> dict[str, Unanswered]:
    """unanswered.toml, decoded."""
    return msgspec.toml.decode((HERE / "unanswered.toml").read_bytes(), type=dict[str, Unanswered])


@pytest.mark.parametrize("version", interpreters.VERSIONS)
def test_each_message_of_the_sources_is_answered(version: str) -> None:
    """A message that is new in some Python is noticed here."""
    folder = sources(version)
    if folder is None:
        pytest.skip(f"there is no Python {version} here")
    missing = [message for message in messages.unanswered(folder) if message.text not in unanswered()]
    assert missing == []


def test_messages_without_a_card_have_a_reason_or_a_printed_form() -> None:
    """Nothing is left out without an entry."""
    lacking = [text for text, entry in unanswered().items() if bool(entry.reason) == bool(entry.example)]
    assert lacking == []
    unknown = [entry.example for entry in unanswered().values() if entry.example]
    assert [text for text in unknown if not builtin().find_message(text)] == []


def sources(version: str) -> Path | None:
    """Return asyncio's folder of an installed Python, or of a downloaded stand-in."""
    if version in stand_ins.RELEASES:
        folder = stand_ins.cache() / f"pyodide-{stand_ins.RELEASES[version]}" / "asyncio-on-3.13" / "asyncio"
        return folder if folder.exists() else None
    python = interpreters.find(version)
    if python is None:
        return None
    found = sorted(Path(python).resolve().parents[1].glob(f"lib/python{version}/asyncio"))
    return found[0] if found else None
