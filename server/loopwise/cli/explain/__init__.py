"""``loopwise explain``: what a name, a keyword, a message, a rule, a traceback or a log means."""

from __future__ import annotations

from loopwise.cli.explain import command

__all__ = [
    "command",
]
