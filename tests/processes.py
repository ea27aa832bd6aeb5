"""Tests whether processes are running."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path


def running(process: int) -> bool:
    """Is the process running? A zombie is not."""
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        if Path("/proc/self").exists():
            return False
        try:
            os.kill(process, 0)
        except OSError:
            return False
        return True
    return state not in "ZX"


def still_running(processes: Sequence[int], seconds: float) -> list[int]:
    """Wait at most ``seconds`` for the processes to exit; return those that are still running."""
    end = time.monotonic() + seconds
    while (left := [process for process in processes if running(process)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def below(process: int) -> list[int]:
    """Return the descendants of a process; empty if the system does not list them."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="utf-8")
    except OSError:
        return []
    return [each for child in map(int, text.split()) for each in (child, *below(child))]
