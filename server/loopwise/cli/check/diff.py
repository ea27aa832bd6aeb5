"""What fixes would change, as a unified diff."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from loopwise.cli.check.report import FileError, FileResult
from loopwise.cli.check.result import RunResult
from loopwise.cli.check.source import decoded
from loopwise.text import decode


def write(result: RunResult) -> None:
    """The diff of each file that would be changed."""
    for checked in result.files:
        if checked.after:
            print("".join(_diff(checked)), end="")


def _diff(checked: FileResult) -> Iterator[str]:
    before, after = _lines(checked.before), _lines(checked.after)
    for line in unified_diff(before, after, checked.path, checked.path):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(data: bytes) -> list[str]:
    text = decoded(data)
    if isinstance(text, FileError):  # it was read before
        return []
    source = text.source
    ends = [*source.starts[1:], len(source.data)]
    return [decode(source.data[start:end]) for start, end in zip(source.starts, ends, strict=True) if start < end]
