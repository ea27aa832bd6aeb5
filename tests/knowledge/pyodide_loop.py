"""An event loop for Pyodide, which has no sockets to wait on: timers and callbacks work, I/O does not."""

from __future__ import annotations

import asyncio
import time
from typing import Any

SECONDS = 10
package: Any = asyncio
events: Any = asyncio.events  # the policy's classes are private since 3.14


class Waiting:
    """Replaces the selector of other loops: it can only sleep."""

    def __init__(self) -> None:
        self.until = time.monotonic() + SECONDS

    def select(self, timeout: float | None) -> list[Any]:
        """Sleep until the next timer is due; raise an error if nothing would ever wake the loop."""
        if timeout is None:
            raise RuntimeError("every task waits for another one")
        if time.monotonic() + timeout > self.until:
            raise RuntimeError(f"the sample takes longer than {SECONDS} seconds")
        time.sleep(timeout)
        return []

    def close(self) -> None:
        """Do nothing, because nothing is open."""


class Loop(asyncio.BaseEventLoop):
    """A loop without I/O."""

    def __init__(self) -> None:
        super().__init__()
        self._selector = Waiting()

    def _process_events(self, event_list: list[Any]) -> None:
        """Do nothing, because there are no events."""

    def _write_to_self(self) -> None:
        """Do nothing, because no other thread waits."""


class Policy(events._BaseDefaultEventLoopPolicy):  # type: ignore[misc]
    """Creates these loops."""

    _loop_factory = Loop


def install() -> None:
    """Let samples get this loop wherever they would get the platform's."""
    package.SelectorEventLoop = package.EventLoop = Loop
    events._set_event_loop_policy(Policy())
    events._set_running_loop(None)
