"""``loopwise check``: what the rules find in files and folders, and those files fixed."""

from __future__ import annotations

from loopwise.cli.check import command, diff, files, report, result, source

__all__ = [
    "command",
    "diff",
    "files",
    "report",
    "result",
    "source",
]
