"""Talks to a real server process in bytes, so that no client library hides a mistake."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from marked import cursor, place
from serving import PATIENCE

Message = dict[str, Any]
SLEEP = "import asyncio\nasyncio.sl$0eep(1)\n"
URI = "untitled:1"
NOT_INITIALIZED, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS = -32002, -32600, -32601, -32602
CANCELLED = -32800


def request(number: int, method: str, params: object = None) -> Message:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def notification(method: str, params: object = None) -> Message:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def initialize(process_id: int | None = None) -> Message:
    return request(1, "initialize", {"processId": process_id, "rootUri": None, "capabilities": {}})


def opened_and_hovered(marked: str = SLEEP) -> list[Message]:
    """Messages that open a document and hover at ``$0``, as request 2."""
    text, offset = cursor(marked)
    line, column = place(text, offset)
    item = {"uri": URI, "languageId": "python", "version": 1, "text": text}
    where = {"textDocument": {"uri": URI}, "position": {"line": line, "character": column}}
    return [
        notification("textDocument/didOpen", {"textDocument": item}),
        request(2, "textDocument/hover", where),
    ]


INITIALIZED = notification("initialized", {})
SHUTDOWN = request(3, "shutdown")
EXIT = notification("exit")


def framed(*messages: Message) -> bytes:
    bodies = [json.dumps(message).encode() for message in messages]
    return b"".join(b"Content-Length: %d\r\n\r\n%s" % (len(body), body) for body in bodies)


def unframed(data: bytes, *, whole: bool = True) -> list[Message]:
    """Parse ``data``, which must hold nothing but messages; the last may be cut off unless ``whole``."""
    messages = []
    while data:
        head, found, rest = data.partition(b"\r\n\r\n")
        length = re.fullmatch(rb"Content-Length: (\d+)(\r\nContent-Type: [^\r\n]*)?", head) if found else None
        if not whole and (not found or (length and int(length[1]) > len(rest))):
            break
        assert length is not None, f"no header of the protocol: {data[:200]!r}"
        body, data = rest[: int(length[1])], rest[int(length[1]) :]
        messages.append(json.loads(body))
    return messages


class Talk:
    """Messages to and from a server, over pipes or a socket."""

    def __init__(self, write: Callable[[bytes], object], read: Callable[[], bytes]) -> None:
        self._write = write
        self._receive = read
        self._data = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self._receive():
                self._data += data

    def send(self, *messages: Message) -> None:
        self._write(framed(*messages))

    def received(self) -> list[Message]:
        """Return the messages received so far."""
        return unframed(self._data, whole=False)

    def answer(self, number: int) -> Message:
        """Wait for the response to request ``number`` and return it."""
        end = time.monotonic() + PATIENCE
        while True:
            for message in self.received():
                if message.get("id") == number and "method" not in message:
                    return message
            if time.monotonic() > end or not self._reader.is_alive():
                pytest.fail(f"no answer to request {number}; the server wrote at last {self._data[-500:]!r}")
            time.sleep(0.01)

    def told(self, method: str, wanted: Callable[[Any], bool]) -> Any:
        """Wait for the first notification or request of ``method`` that is wanted; return its parameters."""
        end = time.monotonic() + PATIENCE
        while True:
            for message in self.received():
                if message.get("method") == method and wanted(message["params"]):
                    return message["params"]
            if time.monotonic() > end or not self._reader.is_alive():
                pytest.fail(f"no {method}; the server wrote at last {self._data[-500:]!r}")
            time.sleep(0.01)

    def rest(self) -> list[Message]:
        """Return all messages received, after the server has exited."""
        self._reader.join(PATIENCE)
        return unframed(self._data)

    def whole_session(self) -> Message:
        """Run a session from ``initialize`` to ``exit``; return the answer to the hover."""
        self.send(initialize())
        assert self.answer(1)["result"]["serverInfo"]["name"] == "loopwise"
        self.send(INITIALIZED, *opened_and_hovered())
        hover = self.answer(2)
        self.send(SHUTDOWN)
        assert self.answer(3)["result"] is None
        self.send(EXIT)
        return hover


class Server:
    """A process that speaks the protocol on its standard input and output."""

    def __init__(self, *command: str | Path) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0)
        stdin, stdout = self.process.stdin, self.process.stdout
        assert stdin is not None
        assert stdout is not None
        self.send_bytes = stdin.write
        self.talk = Talk(stdin.write, lambda: os.read(stdout.fileno(), 65536))
        self._reading = stdout.fileno()

    def stop_reading(self) -> None:
        """Close our end of the server's output; a pipe without a reader replaces it for waiting tests."""
        empty, other = os.pipe()
        os.close(other)
        os.dup2(empty, self._reading)
        os.close(empty)

    def drain(self) -> None:
        """Read the log continuously, because a full pipe would block the server."""
        stderr = self.process.stderr
        assert stderr is not None
        threading.Thread(target=lambda: all(iter(lambda: os.read(stderr.fileno(), 65536), b"")), daemon=True).start()

    def end(self) -> tuple[int, str]:
        """Return the exit code and standard error; the process must exit by itself, with its input open."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            pytest.fail(f"the server goes on after {PATIENCE} s; it wrote {self.talk.rest()}")
        assert self.process.stderr is not None
        return code, self.process.stderr.read().decode()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
