"""The garbage collector, for commands that end soon."""

from __future__ import annotations

import gc

_NEW = 50_000  # objects between two rounds; with Python's own threshold they cost a tenth of the time


def collect_rarely() -> None:
    """Let many more objects pile up before the collector looks for garbage."""
    gc.set_threshold(_NEW, 50, 50)
