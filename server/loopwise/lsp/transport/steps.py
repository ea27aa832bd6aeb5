"""A watch for long steps on the event loop, for debugging: which work kept all other work waiting, and where.

asyncio's own ``slow_callback_duration`` counts what other processes take too, and does not know where in a step the
time went.  Here a step's own processor time counts, and a thread looks at the stack of one that takes long.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from contextvars import Context
from types import FrameType
from typing import Any

_log = logging.getLogger(__name__)
_BUDGET = 0.020  # seconds of processor time
_LOOK_EVERY = 0.005  # seconds
_MOST_FRAMES = 12
_Loop: Any = asyncio.SelectorEventLoop if os.name == "posix" else getattr(asyncio, "ProactorEventLoop", object)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, as ``asyncio.run`` does; if debug messages are logged, so is each long step."""
    if not _log.isEnabledFor(logging.DEBUG):
        asyncio.run(main)
        return
    watch, loop = _Watch(), _WatchedLoop()
    loop.watch = watch
    looking = threading.Thread(target=watch.look, args=(threading.get_ident(),), name="watch steps", daemon=True)
    looking.start()
    try:
        loop.run_until_complete(main)
    finally:
        watch.ended.set()
        looking.join()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class _Watch:
    """Knows when the step that runs was started, and what its stack was when it had taken long."""

    def __init__(self) -> None:
        self.ended = threading.Event()
        self._started = 0.0
        self._number = 0
        self._seen: tuple[int, str] = (0, "")

    def step(self, callback: Callable[..., object], arguments: tuple[object, ...]) -> None:
        self._number += 1
        self._started, before = time.monotonic(), time.thread_time()
        try:
            callback(*arguments)
        finally:
            self._started = 0.0
            spent = time.thread_time() - before
            if spent > _BUDGET:
                number, where = self._seen
                where = where if number == self._number and where else "somewhere"
                _log.debug("step of %.0f ms in %s: %s", spent * 1000, _name(callback), where)

    def look(self, thread: int) -> None:
        """Look again and again at what a thread does."""
        while not self.ended.wait(_LOOK_EVERY):
            number, started = self._number, self._started
            is_seen = self._seen[0] == number and self._seen[1]  # at the first look it may have been in a library
            if started and time.monotonic() - started > _BUDGET and not is_seen:
                where = _stack(sys._current_frames().get(thread))
                if number == self._number:
                    self._seen = number, where


class _WatchedLoop(_Loop):  # type: ignore[misc] # the base class depends on the platform
    """An event loop whose steps are watched: each that a task takes is asked for with ``call_soon``."""

    watch: _Watch

    def call_soon(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        handle: asyncio.Handle = super().call_soon(self.watch.step, callback, args, context=context)
        return handle

    def call_at(
        self, when: float, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle: asyncio.TimerHandle = super().call_at(when, self.watch.step, callback, args, context=context)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., object], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        handle: asyncio.Handle = super().call_soon_threadsafe(self.watch.step, callback, args, context=context)
        return handle


def _name(callback: Callable[..., object]) -> str:
    owner = getattr(callback, "__self__", None)
    return (
        repr(owner.get_name()) if isinstance(owner, asyncio.Task) else getattr(callback, "__qualname__", "a callback")
    )


def _stack(frame: FrameType | None) -> str:
    """Our functions that are being called, the innermost first."""
    found: list[str] = []
    while frame is not None and len(found) < _MOST_FRAMES:
        path = frame.f_code.co_filename.replace(os.sep, "/")
        if "/loopwise/" in path and not path.endswith("transport/steps.py"):
            found.append(f"{path.rpartition('/loopwise/')[2]}:{frame.f_lineno} {frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(found)
