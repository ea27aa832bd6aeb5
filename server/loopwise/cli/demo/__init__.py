"""``loopwise demo``: the real server at work, seen from an editor's side."""

from __future__ import annotations

from loopwise.cli.demo import command

__all__ = [
    "command",
]
