"""A client that died without a word takes the server with it."""

from __future__ import annotations

import asyncio
import logging
import os

_log = logging.getLogger(__name__)
_LOOK_EVERY = 3.0  # seconds


async def watch(process_id: int) -> None:
    """Wait until a process is gone, and end this one."""
    while _alive(process_id):
        await asyncio.sleep(_LOOK_EVERY)
    _log.warning("the client (process %s) is gone", process_id)
    os._exit(1)


def _alive(process_id: int) -> bool:
    """Is a process there?  True where that cannot be told."""
    if os.name != "posix":
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
