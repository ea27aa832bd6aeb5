"""Takes off what terminals, containers and loggers put around a program's output."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_COLORS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PREFIXES = (
    re.compile(r"[\w.-]+ +\| ?"),  # docker compose: `web-1  | `
    re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z "),  # docker logs -t, kubectl, GitHub Actions
    re.compile(r"\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ [^\s:\[]+(?:\[\d+\])?: ?"),  # journald and syslog
)
_IN_TRACEBACK = re.compile(r'^(?:Traceback \(most recent call last\):|  File ".*", line \d+)', re.MULTILINE)


def plain(text: str) -> str:
    """The text without colors, and without the prefix that a container or journal puts before every line.

    The number of lines stays the same.
    """
    text = _COLORS.sub("", text.replace("\r\n", "\n"))
    lines = text.split("\n")
    for prefix in _PREFIXES:
        found = [prefix.match(line) for line in lines if line.strip()]
        if len(found) > 1 and all(found):
            bare = "\n".join(prefix.sub("", line, count=1) for line in lines)
            if _IN_TRACEBACK.search(bare):
                return bare
    return text


class Part(msgspec.Struct, frozen=True):
    """A part of a log."""

    start: int
    """The line at which it begins, counted from 0."""
    text: str
    is_record: bool = False
    """Is it all of one record, a line of JSON?"""


def parts(text: str) -> Iterator[Part]:
    """Yield the parts of a log, in order.

    A line that is a JSON object is one record: its strings, which have the message and the traceback.
    """
    start, gathered = 0, list[str]()
    for index, line in enumerate(text.split("\n")):
        record = _strings(line) if line.startswith("{") else ""
        if not record:
            gathered.append(line)
            continue
        if gathered:
            yield Part(start, "\n".join(gathered))
        yield Part(index, record, is_record=True)
        start, gathered = index + 1, []
    if gathered:
        yield Part(start, "\n".join(gathered))


def _strings(line: str) -> str:
    """The strings of a JSON object, the short ones first, because a traceback follows its message; else empty."""
    try:
        found = msgspec.json.decode(line, type=dict[str, object])
    except msgspec.DecodeError:
        return ""
    texts = [value for value in found.values() if isinstance(value, str)]
    return "\n".join(sorted(texts, key=lambda text: text.count("\n")))
