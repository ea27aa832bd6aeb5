"""The user's lines that cause the errors in a pasted traceback or log, for a client to open."""

from __future__ import annotations

from pathlib import Path

import msgspec

from loopwise.features.tracebacks import causes, grouped
from loopwise.project import Workspace


class Spot(msgspec.Struct, frozen=True):
    """A line that causes an error in a traceback or log."""

    uri: str
    line: int
    """Counted from 0, as in the protocol."""
    label: str
    """``app.py:12``."""
    finding: str = ""
    """A rule's message about the line."""


def names_files(text: str) -> bool:
    """May a text refer to lines of files?"""
    return ".py" in text or 'File "' in text


def spots(text: str, folder: Path) -> tuple[Spot, ...]:
    """The user's lines that cause the errors in a text."""
    found: list[Spot] = []
    for cause in (group[0] for group in grouped(causes(Workspace([folder]), text, folder))):
        if cause.path is not None and cause.line is not None:
            said = cause.found.finding.message if cause.found is not None else ""
            found.append(Spot(cause.path.as_uri(), cause.line - 1, f"{cause.path.name}:{cause.line}", said))
    return tuple(found)
