"""A claim of a card, and the experiment that shows it: plain Python that every interpreter can run.

    @claim("asyncio.sleep", "It wakes at once", {"-3.12": "woke", "3.13+": "raises ValueError"})
    async def sleeping_for_nan():
        return await asyncio.sleep(float("nan"), "woke")

The phrase is on one line of the card (``test_experiments.py`` looks for it there). What the function returns,
or ``raises NAME`` for what it raises, is compared with the outcome for the Python at hand; a Python in none of the
ranges is not asked.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import logging
import signal
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pages import Version, parse_range

IN_PYODIDE = sys.platform == "emscripten"
SECONDS = 8
Experiment = Callable[[], Any]


@dataclass(frozen=True)
class Claim:
    """The claim of one experiment."""

    card: str
    says: str
    outcomes: tuple[tuple[Version, Version, Any], ...]
    needs: frozenset[str]
    run: Experiment

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return self.run.__name__

    def expected(self, version: Version) -> list[Any]:
        """Return the outcome on a Python, in a list; empty if it is not tested there.

        ``-3.13`` includes 3.13.18. A Python known only as 3.15 is older than 3.15.0: its stand-in is a candidate.
        """
        for first, last, outcome in self.outcomes:
            if first <= version and version[: len(last)] <= last:
                return [outcome]
        return []


CLAIMS: list[Claim] = []


def claim(card: str, says: str, outcomes: Any, *needs: str) -> Callable[[Experiment], Experiment]:
    """Register an experiment; ``outcomes`` is one value, or a dict from ranges of versions to values.

    Where a patch release changed the outcome, the ranges name it: ``3.13.2-3.13``. The first range that fits counts.
    ``needs`` are those of samples: ``threads``, ``sockets``, ``processes``, ``signals``; ``loop`` for what needs the
    loop of the platform, which Pyodide has not.
    """
    ranged = outcomes if isinstance(outcomes, dict) else {"3.10+": outcomes}

    def register(function: Experiment) -> Experiment:
        table = tuple((*parse_range(text), outcome) for text, outcome in ranged.items())
        CLAIMS.append(Claim(card, says, table, frozenset(needs), function))
        return function

    return register


def outcome(experiment: Experiment) -> Any:
    """Return the result of an experiment, or ``raises NAME``; it may take ``SECONDS``."""
    try:
        with _time_limit(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = experiment()
            return asyncio.run(found) if inspect.iscoroutine(found) else found
    except BaseException as error:
        return f"raises {type(error).__name__}"
    finally:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gc.collect()


@contextlib.contextmanager
def logged() -> Iterator[list[str]]:
    """Collect the first lines of asyncio's log messages while the block runs."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage().partition("\n")[0])

    logger, handler = logging.getLogger("asyncio"), Keeper()
    logger.addHandler(handler)
    before, logger.propagate = logger.propagate, False
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def warned(function: Callable[[], Any]) -> list[str]:
    """Return the categories of the warnings that a call causes."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function()
    return sorted({item.category.__name__ for item in caught})


async def settled(*tasks: asyncio.Future[Any], seconds: float = 0.3) -> bool:
    """Wait for tasks a while; return whether all have ended, and cancel the others."""
    _, pending = await asyncio.wait(tasks, timeout=seconds)
    for task in pending:
        task.cancel()
    return not pending


def ended(error: BaseException | None) -> str:
    """Name an exception, with those in a group."""
    inner = getattr(error, "exceptions", None)
    name = type(error).__name__
    return f"{name}({', '.join(ended(one) for one in inner)})" if inner else name


@contextlib.contextmanager
def _time_limit() -> Iterator[None]:
    if IN_PYODIDE or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class TooLong(BaseException):
    """Raised when an experiment runs longer than allowed."""


class Clock:
    """Measures the seconds since its creation."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self) -> float:
        return time.monotonic() - self._start
