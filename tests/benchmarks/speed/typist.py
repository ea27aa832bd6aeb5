"""A client that types on a line of its own in an open file, and knows when each answer arrived."""

from __future__ import annotations

import ast
import queue
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lsp_client import LspClient, read_source
from stress import peak_of, with_children

_LONGEST = 20.0  # seconds that findings are waited for
_QUIET = 1.0  # seconds without a message after which a server has settled
_INCREMENTAL = 2  # TextDocumentSyncKind
_NAME = re.compile(r"\basyncio\.(\w+)")


@dataclass
class Typed:
    """A file's text, in which a line is typed on in the coroutine function nearest to its middle."""

    path: Path
    saved: str
    """The text as it is on disk: what a server found in it before may still hold."""
    lines: list[str]
    line: int
    indent: int
    version: int = 1
    names: list[tuple[int, int]] = field(default_factory=list)
    """Places of ``asyncio`` names: line and column, from 0."""

    @classmethod
    def of(cls, path: Path) -> Typed:
        saved = read_source(path)
        lines = saved.splitlines()
        found = [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.AsyncFunctionDef)]
        near = min((node.body[0] for node in found), key=lambda one: abs(one.lineno - len(lines) / 2))
        lines.insert(near.lineno - 1, " " * near.col_offset + "pass")
        matches = ((number, match.start(1)) for number, text in enumerate(lines) for match in _NAME.finditer(text))
        return cls(path, saved, lines, near.lineno - 1, near.col_offset, names=[*matches])

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def end(self) -> dict[str, int]:
        """The end of the line that is typed on, as a position."""
        return {"line": self.line, "character": len(self.lines[self.line])}


class Typist(LspClient):
    """One server with one open file."""

    def __init__(self, command: str, root: Path, typed: Typed) -> None:
        self._found: queue.Queue[tuple[float, dict]] = queue.Queue()
        self.typed = typed
        self.uri = typed.path.as_uri()
        start = time.perf_counter()
        super().__init__(command, root)
        self.started = time.perf_counter() - start
        """Seconds from the start of the process to the answer to ``initialize``."""
        sync = self.capabilities.get("textDocumentSync", 1)
        self.wants_all = (sync.get("change") if isinstance(sync, dict) else sync) != _INCREMENTAL

    def opened(self) -> float:
        """Open the file as it is on disk; return the time when that was sent."""
        sent = time.perf_counter()
        self.open(str(self.typed.path), self.typed.saved)
        return sent

    def insert_line(self) -> None:
        """Insert the line that is typed on."""
        self.typed.version += 1
        identifier = {"uri": self.uri, "version": self.typed.version}
        changes = [{"text": self.typed.text}]
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})

    def put(self, text: str, *, from_indent: bool = False) -> float:
        """Type at the end of the line, or replace what is on it; return the time when that was sent."""
        typed = self.typed
        before = typed.lines[typed.line]
        start = typed.indent if from_indent else len(before)
        span = {"start": {"line": typed.line, "character": start}, "end": typed.end}
        typed.lines[typed.line] = before[:start] + text
        typed.version += 1
        sent = time.perf_counter()
        identifier = {"uri": self.uri, "version": typed.version}
        changes = [{"text": typed.text} if self.wants_all else {"range": span, "text": text}]
        self.notify("textDocument/didChange", {"textDocument": identifier, "contentChanges": changes})
        return sent

    def findings(self, since: float) -> float | None:
        """Seconds until the findings of the present version arrive; ``None`` if they do not."""
        while True:
            try:
                at, params = self._found.get(timeout=_LONGEST)
            except queue.Empty:
                return None
            if params["uri"] == self.uri and params.get("version") in {None, self.typed.version} and at > since:
                return at - since

    def settle(self) -> None:
        """Wait until the server publishes nothing more."""
        try:
            while True:
                self._found.get(timeout=_QUIET)
        except queue.Empty:
            pass

    def answer(self, what: str, since: float, position: dict[str, int], **more: object) -> float:
        """Seconds from ``since`` until a request about a place is answered."""
        self.request(f"textDocument/{what}", {"textDocument": {"uri": self.uri}, "position": position, **more})
        return time.perf_counter() - since

    def peak(self) -> float:
        """The most memory that the server's processes have used, in MiB."""
        return sum(peak_of(process) for process in with_children(self._process.pid))

    def places(self, count: int) -> Iterator[dict[str, int]]:
        """Positions of ``count`` names of asyncio, all over the file."""
        names = self.typed.names
        for number in range(count):
            line, column = names[number * 7 % len(names)]
            yield {"line": line, "character": column}

    def _noted(self, message: dict) -> None:
        if message["method"] == "textDocument/publishDiagnostics":
            self._found.put((time.perf_counter(), message["params"]))
