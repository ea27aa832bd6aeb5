"""Shows fixes as a unified diff that ``git apply`` accepts, byte for byte."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from loopwise.cli.check.report import FileResult
from loopwise.cli.check.result import RunResult
from loopwise.cli.printable import printable

_MUST_BE_QUOTED = frozenset('"\\')
# git's C-style quoting ("core.quotePath"); other bytes are written in octal.
_QUOTED = {ord("\\"): b"\\\\", ord('"'): b'\\"', ord("\n"): b"\\n", ord("\t"): b"\\t"}


def write(result: RunResult) -> None:
    """Write the diff of each changed file; paths are relative to the repository's root, else to the working folder."""
    sys.stdout.flush()
    top = _top()
    for checked in result.files:
        for one in checked.rejected:
            print(printable(f"{checked.path}:{one.line}: {one.message}"), file=sys.stderr)
        if checked.after:
            sys.stdout.buffer.write(b"".join(_diff(checked, top)))
    sys.stdout.buffer.flush()


def _top() -> Path | None:
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), None)


def _diff(checked: FileResult, top: Path | None) -> Iterator[bytes]:
    from difflib import diff_bytes, unified_diff  # Only --diff needs it.

    whole = os.path.abspath(checked.path)
    inside = top is not None and Path(whole).is_relative_to(top)
    path = Path(whole).relative_to(top).as_posix() if top is not None and inside else checked.path.replace(os.sep, "/")
    old, new = (_name(f"{side}/{path}") for side in "ab")
    if inside:
        yield b"diff --git " + old + b" " + new + b"\n"
    tab = b"\t" if b" " in old else b""  # without it git takes what follows a blank for a date
    lines = diff_bytes(unified_diff, _lines(checked.before), _lines(checked.after), old + tab, new + tab)
    for line in lines:
        yield line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n"


def _name(path: str) -> bytes:
    """A path as git writes it: quoted if it contains special characters."""
    data = os.fsencode(path)
    if printable(path) == path and _MUST_BE_QUOTED.isdisjoint(path):
        return data
    return b'"' + b"".join(_QUOTED.get(one) or _octal(one) for one in data) + b'"'


def _octal(one: int) -> bytes:
    return bytes([one]) if 0x20 <= one < 0x7F else b"\\%03o" % one


def _lines(data: bytes) -> list[bytes]:
    """Lines in git's sense: ended by a line feed only."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]
