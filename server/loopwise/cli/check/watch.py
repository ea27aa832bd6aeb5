"""Checks again whenever a file changes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from time import monotonic

from loopwise.cli.check.result import RunResult
from loopwise.cli.check.session import Session

_OFTEN = 0.5  # seconds between two looks at the disk
_SHARE = 10  # a look that takes long is taken less often: this many times as long lies between two


def watch(session: Session, show: Callable[[RunResult], int]) -> int:
    """Check and show until Ctrl-C; returns the last exit code."""
    code = 0
    try:
        while True:
            before = session.stamps()
            code = show(session.run())
            sys.stdout.flush()
            print("loopwise: waiting for file changes; press Ctrl-C to stop", file=sys.stderr)
            asyncio.run(_changed(session, before))
    except KeyboardInterrupt:
        return code


async def _changed(session: Session, before: dict[str, tuple[int, int]]) -> None:
    """Wait until files are created, deleted or changed.  Polling works in all file systems, and in containers."""
    while True:
        start = monotonic()
        now = await asyncio.to_thread(session.stamps)
        if now != before:
            return
        await asyncio.sleep(max(_OFTEN, _SHARE * (monotonic() - start)))
