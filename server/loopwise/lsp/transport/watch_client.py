"""Stops the server when its client has died without saying so."""

from __future__ import annotations

import asyncio
import logging
import os

_log = logging.getLogger(__name__)
_LOOK_EVERY = 3.0  # seconds


async def watch(process_id: int) -> None:
    """Wait until a process is gone, then exit."""
    while _alive(process_id):
        await asyncio.sleep(_LOOK_EVERY)
    _log.warning("the client (process %s) is gone", process_id)
    os._exit(1)


def _alive(process_id: int) -> bool:
    """Does a process exist?  True if that cannot be determined."""
    if os.name != "posix":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
