"""The measures of one server with one file: each question several times, as a steady typist asks it."""

from __future__ import annotations

import string
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_client import ServerGone

from speed.typist import Typed, Typist

_PAUSE = 0.15  # seconds between two keys
_SETTLED = 2.0  # seconds after the first findings

# The names of the measures, as the page shows them.
START, FIRST_HOVER = "start → initialized", "open → first hover"
OPENED, REOPENED = "open → first findings", "the same, opened before"
HOVER, HOVER_AFTER = "hover", "hover right after a key"
COMPLETION, FINDINGS, ACTION = "completion after a dot", "key → findings", "code action"
MEMORY = "peak memory"  # MiB
MEASURES = (START, FIRST_HOVER, OPENED, REOPENED, HOVER, HOVER_AFTER, COMPLETION, FINDINGS, ACTION, MEMORY)


@dataclass(frozen=True)
class Server:
    """A language server and the command that starts it."""

    name: str
    command: str


Samples = Mapping[str, list[float]]
"""Seconds (memory: MiB) by the name of the measure."""


def measured(server: Server, root: Path, path: Path, count: int, *, before: bool) -> Samples:
    """Measure a server: two cold starts, and ``count`` questions of each kind in the second process.

    ``before``: has the file been opened in an earlier process, so that there may be something in a cache?
    """
    found: dict[str, list[float]] = defaultdict(list)
    try:
        with Typist(server.command, root, Typed.of(path)) as cold:
            found[START].append(cold.started)
            sent = cold.opened()
            found[FIRST_HOVER].append(cold.answer("hover", sent, next(cold.places(1))))
        with Typist(server.command, root, Typed.of(path)) as warm:
            found[START].append(warm.started)
            first = warm.findings(warm.opened())
            if first is not None:
                found[REOPENED if before else OPENED].append(first)
            time.sleep(_SETTLED)
            warm.insert_line()
            warm.settle()
            _asked(warm, found, count)
    except ServerGone as error:
        print(f"{server.name}: {error}")
    return found


def opening(server: Server, root: Path, path: Path) -> float | None:
    """Seconds from opening a file in a cold process until its first findings."""
    with Typist(server.command, root, Typed.of(path)) as cold:
        return cold.findings(cold.opened())


def _asked(warm: Typist, found: dict[str, list[float]], count: int) -> None:
    asks = warm.capabilities
    if asks.get("hoverProvider"):
        _hovers(warm, found, count)
    if asks.get("completionProvider"):
        _completions(warm, found, count)
    _findings(warm, found, count)
    for place in warm.places(count) if asks.get("codeActionProvider") else ():
        span, sent = {"start": place, "end": place}, time.perf_counter()
        found[ACTION].append(warm.answer("codeAction", sent, place, range=span, context={"diagnostics": []}))
    found[MEMORY].append(warm.peak())


def _hovers(warm: Typist, found: dict[str, list[float]], count: int) -> None:
    for place in warm.places(count):
        found[HOVER].append(warm.answer("hover", time.perf_counter(), place))
    warm.put("zq", from_indent=True)
    for number, place in enumerate(warm.places(count)):
        found[HOVER_AFTER].append(warm.answer("hover", warm.put(_letter(number)), place))
        time.sleep(_PAUSE)


def _completions(warm: Typist, found: dict[str, list[float]], count: int) -> None:
    trigger: Mapping[str, Any] = {"triggerKind": 2, "triggerCharacter": "."}
    for _ in range(count):
        warm.put("asyncio", from_indent=True)
        time.sleep(_PAUSE)
        sent = warm.put(".")
        found[COMPLETION].append(warm.answer("completion", sent, warm.typed.end, context=trigger))
        time.sleep(_PAUSE)


def _findings(warm: Typist, found: dict[str, list[float]], count: int) -> None:
    """Type a name that nothing defines, which type checkers and linters report too."""
    warm.put("zq", from_indent=True)
    warm.settle()
    for number in range(count):
        seconds = warm.findings(warm.put(_letter(number)))
        if seconds is None:
            return
        found[FINDINGS].append(seconds)
        time.sleep(_PAUSE)


def _letter(number: int) -> str:
    return string.ascii_lowercase[number % 26]
