"""``loopwise check``: reports findings in files and folders, and fixes the files."""

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
