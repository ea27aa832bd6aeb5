"""``loopwise graph``: what runs when, from the entry points down."""

from __future__ import annotations

from loopwise.cli.graph import command

__all__ = [
    "command",
]
