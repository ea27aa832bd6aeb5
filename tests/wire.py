"""A client of a real server for long sessions: it keeps only unread answers, and answers the server's requests."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from serving import COMMAND, PATIENCE

CANCELLED = -32800
_ABILITIES = {
    "workspace": {"configuration": True, "workspaceFolders": True},
    "textDocument": {"diagnostic": {}, "completion": {}, "hover": {}},
    "notebookDocument": {"synchronization": {}},
}


class Wire:
    """A server process and its messages so far; ``settings`` are the answers to its requests for settings."""

    def __init__(self, folders: Sequence[Path], settings: dict[str, Any] | None = None) -> None:
        self.settings = settings or {}
        self.answers: dict[int, dict[str, Any]] = {}
        self.shown: list[str] = []
        self._numbers = count(1)
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(COMMAND, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        named = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        start = {"processId": None, "rootUri": None, "workspaceFolders": named, "capabilities": _ABILITIES}
        self.result = self.ask("initialize", start)
        self.tell("initialized", {})

    def tell(self, method: str, params: object) -> None:
        self._send({"method": method, "params": params})

    def start(self, method: str, params: object) -> int:
        """Send a request; return its number."""
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": params})
        return number

    def ask(self, method: str, params: object) -> Any:
        """Return the result of a request; fail if it is an error."""
        answer = self.answer(self.start(method, params))
        assert "error" not in answer, (method, params, answer["error"])
        return answer["result"]

    def answer(self, number: int) -> dict[str, Any]:
        """Return the answer to a request, and forget it."""
        with self._changed:
            self._changed.wait_for(lambda: number in self.answers or not self._reader.is_alive(), PATIENCE)
            assert number in self.answers, "no answer"
            return self.answers.pop(number)

    def close(self) -> None:
        with contextlib.suppress(AssertionError, OSError):
            self.ask("shutdown", None)
            self.tell("exit", None)
            self.process.wait(PATIENCE)
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            self.process.stdin.flush()

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            while (head := stream.readline()).startswith(b"Content-Length:"):
                while stream.readline().strip():
                    pass
                self._take(json.loads(stream.read(int(head.partition(b":")[2]))))
        with self._changed:
            self._changed.notify_all()

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            with self._changed:
                self.answers[message["id"]] = message
                self._changed.notify_all()
        elif "id" in message:
            asked = message["method"] == "workspace/configuration"
            self._send(
                {"id": message["id"], "result": [self.settings for _ in message["params"]["items"]] if asked else None}
            )
        elif message["method"] == "window/showMessage":
            self.shown.append(message["params"]["message"])


def agreed(one: Callable[[], object], other: Callable[[], object]) -> tuple[object, object]:
    """Call both until they agree, or for some time; return the last two results."""
    end = time.monotonic() + PATIENCE / 3
    while True:
        said = one(), other()
        if said[0] == said[1] or time.monotonic() > end:
            return said
        time.sleep(0.05)
