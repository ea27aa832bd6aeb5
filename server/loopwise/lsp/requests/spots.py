"""The lines of the user's that cause what a pasted traceback or log tells, for a client to open."""

from __future__ import annotations

from pathlib import Path

import msgspec

from loopwise.features.tracebacks import causes, grouped
from loopwise.project import Workspace


class Spot(msgspec.Struct, frozen=True):
    """A line that causes what a traceback or log tells."""

    uri: str
    line: int
    """Counted from 0, as the protocol does."""
    label: str
    """``app.py:12``."""
    finding: str = ""
    """What a rule says of it."""


def names_files(text: str) -> bool:
    """May a text tell of lines of files?"""
    return ".py" in text or 'File "' in text


def spots(text: str, folder: Path) -> tuple[Spot, ...]:
    """The user's lines that cause what a text tells."""
    found: list[Spot] = []
    for cause in (group[0] for group in grouped(causes(Workspace([folder]), text, folder))):
        if cause.path is not None and cause.line is not None:
            said = cause.found.finding.message if cause.found is not None else ""
            found.append(Spot(cause.path.as_uri(), cause.line - 1, f"{cause.path.name}:{cause.line}", said))
    return tuple(found)
