"""A small language client over stdio, for benchmarks: one request at a time; it answers the server's requests."""

from __future__ import annotations

import itertools
import json
import queue
import re
import shlex
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit


class ServerGone(Exception):
    """Raised when the server exited or closed its output."""


def uri_to_path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "definition": {"linkSupport": False},
        # With this one announced, pyright leads "declaration" to stubs and "definition" to sources.
        "declaration": {"linkSupport": False},
        "typeDefinition": {"linkSupport": False},
        "completion": {
            "completionItem": {
                "snippetSupport": True,
                "documentationFormat": ["markdown", "plaintext"],
                "labelDetailsSupport": True,
                "resolveSupport": {"properties": ["documentation", "detail", "additionalTextEdits"]},
            },
            "contextSupport": True,
        },
        "synchronization": {},
        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
        },
    },
    "workspace": {"configuration": True, "workspaceFolders": True},
}


class LspClient:
    def __init__(self, command: str, root: Path, *, settings: dict | None = None, options: dict | None = None) -> None:
        self.root = Path(root).resolve()
        self.settings = settings or {}
        self._ids = itertools.count(1)
        self._inbox: queue.Queue = queue.Queue()
        self._open: set[str] = set()
        self.failures: list[str] = []  # questions that were refused, or not answered in time
        self._outbox: queue.Queue[bytes | None] = queue.Queue()
        self._broken = False
        self._process = subprocess.Popen(
            shlex.split(command),
            cwd=self.root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._write, daemon=True).start()
        folder = {"uri": self.root.as_uri(), "name": self.root.name}
        result = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": CAPABILITIES,
                "initializationOptions": options or {},
            },
            timeout=120,
        )
        self.server_info = (result or {}).get("serverInfo") or {}
        self.capabilities = (result or {}).get("capabilities") or {}
        self.notify("initialized", {})
        self.notify("workspace/didChangeConfiguration", {"settings": self.settings})

    # -- documents and questions

    def open(self, path: str, text: str | None = None) -> str:
        """Open a file with its own or another text; a file that is open already is unchanged."""
        uri = (self.root / path).as_uri()
        if uri not in self._open:
            self._open.add(uri)
            text = read_source(self.root / path) if text is None else text
            item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
            self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def close(self, path: str) -> None:
        uri = (self.root / path).as_uri()
        if uri in self._open:
            self._open.discard(uri)
            self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def ask(
        self, what: str, path: str, line: int, column: int, timeout: float = 60, more: dict | None = None
    ) -> object:
        """Return the answer to textDocument/`what` at a place; None if there is none or it failed."""
        params = {"textDocument": {"uri": self.open(path)}, "position": {"line": line, "character": column}}
        return self.request(f"textDocument/{what}", {**params, **(more or {})}, timeout=timeout)

    def locations(self, what: str, path: str, line: int, column: int, timeout: float = 60) -> list[tuple[str, int]]:
        """Return (path, line) pairs of a go-to request."""
        answer = self.ask(what, path, line, column, timeout)
        found = []
        for one in [answer] if isinstance(answer, dict) else answer or []:
            uri = one.get("uri") or one.get("targetUri")
            span = one.get("range") or one.get("targetSelectionRange")
            found.append((uri_to_path(uri), span["start"]["line"]))
        return found

    # -- the protocol

    def request(self, method: str, params: object, timeout: float = 60) -> object:
        number = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        deadline = time.monotonic() + timeout
        while True:
            try:
                message = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.notify("$/cancelRequest", {"id": number})
                self.failures.append(f"{method}: no answer in {timeout} s")
                return None
            if message is None:
                self._inbox.put(None)
                raise ServerGone(f"the server ended while asked {method}")
            if message.get("id") == number and "method" not in message:
                if "error" in message:
                    self.failures.append(f"{method}: {message['error'].get('message')}")
                return message.get("result")

    def notify(self, method: str, params: object) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def shutdown(self) -> None:
        try:
            self.request("shutdown", None, timeout=10)
            self.notify("exit", None)
            self._process.wait(5)
        except (ServerGone, OSError, subprocess.TimeoutExpired):
            pass
        finally:
            self._outbox.put(None)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()

    def __enter__(self) -> LspClient:
        return self

    def __exit__(self, *exc: object) -> None:
        self.shutdown()

    def _send(self, message: dict) -> None:
        if self._broken:
            raise ServerGone("the server reads no more")
        body = json.dumps(message).encode()
        self._outbox.put(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def _write(self) -> None:
        """Write in a thread of its own: if a server hangs, the pipe fills up and would block the caller."""
        try:
            while (data := self._outbox.get()) is not None:
                self._process.stdin.write(data)
                self._process.stdin.flush()
        except (OSError, ValueError):
            self._broken = True

    def _read(self) -> None:
        stream = self._process.stdout
        try:
            while True:
                length = 0
                while (line := stream.readline()) not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if not line:
                    break
                message = json.loads(stream.read(length))
                if "method" not in message:
                    self._inbox.put(message)
                elif "id" in message:
                    self._send({"jsonrpc": "2.0", "id": message["id"], "result": self._answer(message)})
                else:
                    self._noted(message)
        except (OSError, ValueError, ServerGone):
            pass
        self._inbox.put(None)

    def _noted(self, message: dict) -> None:
        """Called with each notification of the server, in the reading thread."""

    def _answer(self, message: dict) -> object:
        if message["method"] == "workspace/configuration":
            return [self._section(item.get("section")) for item in message["params"]["items"]]
        if message["method"] == "workspace/workspaceFolders":
            return [{"uri": self.root.as_uri(), "name": self.root.name}]
        return None

    def _section(self, name: str | None) -> object:
        value: object = self.settings
        for part in name.split(".") if name else []:
            value = value.get(part) if isinstance(value, dict) else None
        return value


def read_source(path: Path) -> str:
    """Return a file's text as an editor would show it: decoded, with its own line ends."""
    return path.read_bytes().decode("utf-8-sig", errors="replace")


def source_lines(path: Path) -> list[str]:
    """Return the lines as the protocol counts them (a form feed ends none)."""
    return re.split(r"\r\n|\r|\n", read_source(path))
