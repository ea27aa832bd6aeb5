"""Parses a traceback, a warning or a log into reports, each with its message, its exceptions and the places it names.

Only the text is used; whether the files exist is not checked here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import msgspec

from loopwise.features.tracebacks.wrapping import Part, parts, plain

_MARGIN = re.compile(r"^(?:[ ]*[|+][-+ |0-9]*(?:[ ]|$))+")  # of exception groups: `  | `, `  +-+------- 1 -----`
_TRACEBACK = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):\s*$")
_STACK = re.compile(
    r"(?:Stack for <.*> |(?:source_traceback: )?(?:Object|Coroutine|Task|Handle) created at )\(most recent call last.*"
)
_FRAME = re.compile(r'\s*File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+?))?\s*$')
_WARNING = re.compile(r"(?P<path>(?:[A-Za-z]:)?[^:\n]+?):(?P<line>\d+): (?P<message>\w*Warning: .*)")
_IN_REPR = re.compile(
    r"(?P<function>[\w.<>]+)?(?:\(\))?,? ?(?P<what>running at|defined at|created at)"
    r" (?P<path>[^\s<>'\"]+):(?P<line>\d+)"
)
_CALLBACK = re.compile(
    r"(?:Exception in callback |<(?:Timer)?Handle )(?P<function>[\w.<>]+)\(.*\) at (?P<path>[^\s<>'\"]+):(?P<line>\d+)"
)
_ERROR = re.compile(r"(?P<type>[A-Za-z_][\w.]*)(?:: (?P<text>.*))?$")
_ERROR_NAME = re.compile(
    r"(?:Error|Exception|Exit|Interrupt|Cancelled|Timeout|Group|Warning|Full|Empty|ShutDown|Iteration)$"
)
# CPython's two texts between chained exceptions (traceback.py).
_CHAINED = re.compile(
    r"During handling of the above exception, another exception occurred:"
    r"|The above exception was the direct cause of the following exception:"
)
# Lines that asyncio's exception handler and aiohttp print below a record.
_GOES_ON = re.compile(
    r"(?:future|task|handle|protocol|transport|message|source_traceback|Object created|asyncgen|client_session"
    r"|connector|connections)\b[^\n]*"
)
# Time stamps and levels of logging's, uvicorn's and syslog's formats.
_RECORD = re.compile(
    r"(?:\[?\d{4}-\d\d-\d\d|\[?\d\d:\d\d:\d\d|\w{3} [ \d]\d \d\d:\d\d:\d\d|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b"
    r"|\[(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\])"
)


class Place(msgspec.Struct, frozen=True):
    """A line of a file, as a report names it."""

    path: str
    line: int
    """Counted from 1."""
    function: str = ""
    code: str = ""
    """The line as quoted in the traceback; empty if it is not quoted."""
    role: str = "frame"
    """``frame`` of a traceback, ``created``, ``defined`` or ``running`` in a task's description, or ``warning``."""


class Raised(msgspec.Struct, frozen=True):
    """An exception with its traceback, the outermost frame first."""

    type: str
    text: str
    frames: tuple[Place, ...]


class Report(msgspec.Struct, frozen=True):
    """One error report: a log record, a warning, or an exception with those that led to it."""

    line: int
    """The line in the text at which it begins, counted from 1."""
    text: str
    raised: tuple[Raised, ...] = ()
    """In the order of the text: causes before their effects, a group before its members."""
    places: tuple[Place, ...] = ()
    """Places other than frames of an exception: those of the record itself, or of a warning."""


def read(text: str) -> tuple[Report, ...]:
    """The reports in a text, in order; a text in none of the usual forms is one report."""
    return tuple(report for part in parts(plain(text)) for report in _reports(part))


def _reports(part: Part) -> Iterator[Report]:
    lines = part.text.split("\n")
    starts = [] if part.is_record else [index for index, _ in _starts(lines)]
    for start, end in pairwise([*(starts or [0]), len(lines)]):
        if any(line.strip() for line in lines[start:end]):
            yield _report(part.start + start, lines[start:end])


def _starts(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines at which reports begin: a record, a warning, or a traceback without either."""
    state = _State()
    for index, line in enumerate(lines):
        if state.begins(line):
            yield index, line


class _State:
    """The parser's state after the lines so far."""

    def __init__(self) -> None:
        self._inside = False  # a traceback whose error has not come yet
        self._open = False  # a report to which a traceback may belong
        self._blank = False

    def begins(self, line: str) -> bool:
        """Does a report begin at this line?"""
        bare = _MARGIN.sub("", line)
        begins = self._begins(line, bare)
        self._blank = not line.strip()
        return begins

    def _begins(self, line: str, bare: str) -> bool:
        is_header = bool(_TRACEBACK.search(bare) or _STACK.search(bare)) or self._is_bare_frame(bare)
        if _CHAINED.match(bare.strip()):
            self._open = True
            return False
        if is_header:
            begins = not self._open and not _is_margin(line)
            begins = begins or bool(_RECORD.match(bare))
            self._inside = self._open = True
            return begins
        if not bare.strip():
            return False
        if self._inside:
            self._inside = bare[:1].isspace() or _is_margin(line)
            self._open = self._inside
            if not self._inside and not _ERROR.match(bare):
                return self._fresh()
            return False
        if bare[:1].isspace() or _is_margin(line) or _GOES_ON.match(bare):
            begins = not self._open and self._fresh()
            self._open = not bare.startswith("task: <Task pending")  # the last line of a record
            return begins
        return self._fresh()

    def _is_bare_frame(self, bare: str) -> bool:
        """Does a traceback begin here without its header? A SyntaxError has none, and some are pasted without it."""
        return not self._inside and not self._open and _FRAME.match(bare) is not None

    def _fresh(self) -> bool:
        self._open = True
        return True


def _is_margin(line: str) -> bool:
    return bool(_MARGIN.match(line))


def _report(start: int, lines: list[str]) -> Report:
    bare = [_MARGIN.sub("", line) for line in lines]
    raised, used = _raised(bare)
    rest = [line for index, line in enumerate(bare) if index not in used]
    return Report(start + 1, "\n".join(bare).strip("\n"), tuple(raised), tuple(_places(rest)))


def _raised(lines: list[str]) -> tuple[list[Raised], set[int]]:
    """The exceptions of a report, and the indexes of the lines with their frames."""
    found: list[Raised] = []
    used: set[int] = set()
    frames: list[Place] = []
    in_traceback = False
    for index, line in enumerate(lines):
        frame = _FRAME.match(line)
        if _TRACEBACK.search(line):
            in_traceback, frames = True, []
        elif frame and (in_traceback or index == 0):
            in_traceback = True
            code = lines[index + 1].strip() if index + 1 < len(lines) and not _FRAME.match(lines[index + 1]) else ""
            frames.append(Place(frame["path"], int(frame["line"]), frame["function"] or "", code))
            used.add(index)
        elif in_traceback and line[:1].strip() and (error := _ERROR.match(line)):
            found.append(Raised(error["type"], error["text"] or "", tuple(frames)))
            in_traceback, frames = False, []
        elif in_traceback and line.strip() and not frames:
            in_traceback = False
    if in_traceback and frames:
        found.append(Raised("", "", tuple(frames)))
    if not found and len(lines) < _FEW and (error := _bare_error(lines)):
        found.append(Raised(error["type"], error["text"] or "", ()))
    return found, used


# Lines. A pasted last line may come with a prompt or a blank line; more text would be a log.
_FEW = 4


def _bare_error(lines: list[str]) -> re.Match[str] | None:
    """The last line of a traceback, if it was pasted alone."""
    said = [line for line in lines if line.strip()]
    error = _ERROR.match(said[-1].strip()) if said else None
    return error if error and _ERROR_NAME.search(error["type"]) else None


def _places(lines: list[str]) -> Iterator[Place]:
    """The places that a record or a warning names, and the frames where a task was created."""
    for index, line in enumerate(lines):
        frame, warning = _FRAME.match(line), _WARNING.match(line)
        if frame:
            code = lines[index + 1].strip() if index + 1 < len(lines) else ""
            yield Place(frame["path"], int(frame["line"]), frame["function"] or "", code, "created")
        elif warning and warning["path"] != "sys":
            yield Place(warning["path"], int(warning["line"]), role="warning")
        for hit in _IN_REPR.finditer(line):
            role = hit["what"].partition(" ")[0]
            yield Place(hit["path"], int(hit["line"]), hit["function"] or "", role=role)
        if callback := _CALLBACK.search(line):
            yield Place(callback["path"], int(callback["line"]), callback["function"], role="defined")
