"""A server under many real files: the choice of files and places, the cost of requests, and the log."""

from __future__ import annotations

import random
import re
import shlex
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_client import LspClient, read_source

_TICK = 100  # of /proc/PID/stat in a second
_NAME = re.compile(r"[^\W\d]\w*")
REQUESTS = ("hover", "completion", "signatureHelp", "codeAction", "diagnostic")


def corpus(folders: Sequence[Path], count: int, seed: int, largest: int = 400_000) -> list[Path]:
    """Choose Python files below folders, by a seed; by default those of this Python, with tests and packages."""
    tops = folders or [Path(sysconfig.get_paths()[name]) for name in ("stdlib", "purelib")]
    found = {path for top in tops for path in top.rglob("*.py") if path.is_file() and path.stat().st_size <= largest}
    ordered = sorted(found)
    random.Random(seed).shuffle(ordered)
    return ordered[:count]


@dataclass(frozen=True)
class Asked:
    """Cost of a request: seconds until the answer, and seconds of the server's processor time."""

    what: str
    path: Path
    line: int
    seconds: float
    own: float


class Stressed(LspClient):
    """A server whose processor time, memory and log can be read."""

    def __init__(self, *, log_level: str = "warning") -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        root = Path(self._folder.name)
        self._log = root / "log"
        self._read_to = 0
        serve = f"exec {shlex.quote(sys.executable)} -P -m loopwise serve --log-level {log_level} 2> {self._log}"
        (root / "workspace").mkdir()
        super().__init__(f"sh -c {shlex.quote(serve)}", root / "workspace")

    def logged(self) -> list[str]:
        """Return the lines logged since the last call."""
        with self._log.open("rb") as file:
            file.seek(self._read_to)
            data = file.read()
        whole = data.rpartition(b"\n")[0]
        self._read_to += len(whole) + bool(whole)
        return whole.decode(errors="replace").splitlines()

    def megabytes(self) -> float:
        """Return the resident memory of the server and the processes that it has started, in MiB."""
        return sum(map(_resident, with_children(self._process.pid)))

    def shares(self) -> str:
        """Return the resident memory of each process, the server first."""
        return " + ".join(f"{_resident(process):.0f}" for process in with_children(self._process.pid))

    def own(self) -> float:
        """Return the seconds of processor time that the server has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def asked(self, what: str, path: Path, text: str, dice: random.Random) -> Asked:
        """Ask about a random name of an open file; failed requests are added to ``failures``."""
        names = [found.end() for found in _NAME.finditer(text)]
        offset = dice.choice(names) if names else 0
        line = text.count("\n", 0, offset)
        place = {"line": line, "character": offset - text.rfind("\n", 0, offset) - 1}
        params: dict[str, object] = {"textDocument": {"uri": path.as_uri()}}
        if what == "codeAction":
            params |= {"range": {"start": place, "end": place}, "context": {"diagnostics": []}}
        elif what != "diagnostic":
            params["position"] = place
        own, start = self.own(), time.monotonic()
        self.request(f"textDocument/{what}", params)
        return Asked(what, path, line + 1, time.monotonic() - start, self.own() - own)

    def replace(self, path: Path, version: int, text: str) -> None:
        """Replace the text of an open file."""
        identifier = {"uri": path.as_uri(), "version": version}
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": [{"text": text}]})


def with_children(process: int) -> list[int]:
    """Return a process and those that it has started, directly or not."""
    try:
        text = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return [process]
    return [process, *(each for child in map(int, text.split()) for each in with_children(child))]


def peak_of(process: int) -> float:
    """Return the most resident memory that a process has used, in MiB; 0 if it has exited."""
    return _size(process, "VmHWM")


def _resident(process: int) -> float:
    """Return the resident memory of a process in MiB; 0 if it has exited."""
    return _size(process, "VmRSS")


def _size(process: int, name: str) -> float:
    try:
        found = re.search(rf"{name}:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def text_of(path: Path) -> str:
    """Return a file's text with plain line ends, in which offsets are easy to count."""
    return read_source(path).replace("\r\n", "\n").replace("\r", "\n")
