"""Every request about a text that is not on disk, is closed or never existed is answered, and nothing is logged."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import forking
from serving import PATIENCE
from talk import EXIT, INITIALIZED, INVALID_REQUEST, SHUTDOWN, Message, Server, initialize, notification, request

CODE = (
    "import asyncio\nimport time\n\nasync def main():\n    time.sleep(1)\n    await asyncio.sle\n    asyncio.sleep(1)\n"
)
PLACE = {"line": 6, "character": 14}
RANGE = {"start": {"line": 4, "character": 4}, "end": {"line": 4, "character": 8}}
REQUESTS: dict[str, dict[str, Any]] = {
    "textDocument/hover": {"position": PLACE},
    "textDocument/completion": {"position": PLACE},
    "textDocument/signatureHelp": {"position": {"line": 6, "character": 18}},
    "textDocument/codeAction": {"range": RANGE, "context": {"diagnostics": []}},
    "textDocument/diagnostic": {},
    "loopwise/snippet": {"name": "x"},
}
URIS = (
    "untitled:Untitled-1",
    "untitled:/Untitled-1",
    "file:///Untitled-1",
    "file:///no/such/folder/x.py",
    "vscode-notebook-cell:/no/such/folder/x.ipynb#W0sZmlsZQ%3D%3D",
    "vscode-notebook-cell:Untitled-1.ipynb#W0sdW50aXRsZWQ%3D",
    "git:/no/such/x.py?%7B%22ref%22%3A%22HEAD%22%7D",
    "output:extension-output",
    "inmemory://model/1",
    "",
    "x.py",
    "file:",
)
CAPABILITIES: dict[str, Any] = {
    "textDocument": {
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}},
            "resolveSupport": {"properties": ["edit"]},
            "dataSupport": True,
        },
        "diagnostic": {},
    },
    "notebookDocument": {"synchronization": {}},
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(*forking.command())
    start = initialize()
    start["params"] |= {"rootUri": tmp_path.as_uri(), "capabilities": CAPABILITIES}
    found.talk.send(start, INITIALIZED)
    yield found
    found.close()


def opened(uri: str) -> Message:
    return notification(
        "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": CODE}}
    )


def closed(uri: str) -> Message:
    return notification("textDocument/didClose", {"textDocument": {"uri": uri}})


def asked(uri: str, first: int) -> list[Message]:
    return [
        request(first + at, method, {"textDocument": {"uri": uri}, **params})
        for at, (method, params) in enumerate(REQUESTS.items())
    ]


def ended(server: Server, numbers: Sequence[int]) -> dict[int, Message]:
    """Return the responses to requests, after asserting that none is an error and nothing is logged."""
    answers = {number: server.talk.answer(number) for number in numbers}
    server.talk.send(SHUTDOWN)
    server.talk.answer(3)
    server.talk.send(EXIT)
    code, logged = server.end()
    assert (code, logged) == (0, "")
    shown = [one for one in server.talk.rest() if one.get("method") == "window/showMessage"]
    wrong = {number: one["error"] for number, one in answers.items() if "error" in one}
    assert (wrong, shown) == ({}, [])
    return answers


@pytest.mark.parametrize("uri", URIS)
def test_unsaved_texts_are_handled_as_texts(server: Server, uri: str) -> None:
    """Open, closed, opened again: at once, and while requests are being handled."""
    count = len(REQUESTS)
    server.talk.send(*asked(uri, 100), opened(uri), *asked(uri, 200), closed(uri), *asked(uri, 300))
    server.talk.send(opened(uri), *asked(uri, 400))
    numbers = [*range(100, 100 + count), *range(200, 200 + count), *range(300, 300 + count), *range(400, 400 + count)]
    answers = ended(server, numbers)
    assert "asyncio.sleep" in str(answers[400]["result"])


def test_closed_cells_are_removed(server: Server) -> None:
    """Each cell alone and the whole notebook, while requests about them are being handled."""
    notebook = "vscode-notebook:/no/such/x.ipynb"
    cells = [f"vscode-notebook-cell:/no/such/x.ipynb#{number}" for number in range(3)]
    item = {
        "uri": notebook,
        "notebookType": "jupyter-notebook",
        "version": 1,
        "cells": [{"kind": 2, "document": cell} for cell in cells],
    }
    texts = [{"uri": cell, "languageId": "python", "version": 1, "text": CODE} for cell in cells]
    server.talk.send(notification("notebookDocument/didOpen", {"notebookDocument": item, "cellTextDocuments": texts}))
    array = {"start": 1, "deleteCount": 1}
    structure = {"array": array, "didClose": [{"uri": cells[1]}]}
    change = {"cells": {"structure": structure}}
    named = {"notebookDocument": {"uri": notebook, "version": 2}, "change": change}
    server.talk.send(*asked(cells[1], 100), notification("notebookDocument/didChange", named), *asked(cells[1], 200))
    gone = {
        "notebookDocument": {"uri": notebook},
        "cellTextDocuments": [{"uri": cell} for cell in (cells[0], cells[2])],
    }
    server.talk.send(*asked(cells[0], 300), notification("notebookDocument/didClose", gone), *asked(cells[0], 400))
    numbers = [first + at for first, at in product((100, 200, 300, 400), range(len(REQUESTS)))]
    ended(server, numbers)


def test_a_text_of_many_megabytes_is_skipped_with_one_message(server: Server) -> None:
    """Opened, or grown to that size; other documents are answered, and so is a smaller text of that name."""
    large = "# ä\n" * 2_000_000
    first, second, small = "untitled:large", "untitled:grown", "untitled:small"
    item = {"uri": first, "languageId": "python", "version": 1, "text": large}
    server.talk.send(notification("textDocument/didOpen", {"textDocument": item}), *asked(first, 100))
    server.talk.send(opened(second), opened(small), *asked(small, 200))
    for version in (2, 3):
        change = {"textDocument": {"uri": second, "version": version}, "contentChanges": [{"text": large}]}
        server.talk.send(notification("textDocument/didChange", change), *asked(second, 300 + 100 * version))
    server.talk.send(closed(first), opened(first), *asked(first, 700))
    count = len(REQUESTS)
    for number in (100, 200, 500, 600, 700):
        for at in range(count):
            assert "error" not in server.talk.answer(number + at)
    assert [server.talk.answer(number)["result"] for number in (100, 500, 600)] == [None] * 3
    assert "asyncio.sleep" in str(server.talk.answer(200)["result"])
    assert "asyncio.sleep" in str(server.talk.answer(700)["result"])
    shown = [one["params"]["message"] for one in server.talk.received() if one.get("method") == "window/showMessage"]
    assert [text.partition(": it has")[0] for text in shown] == [f"Loopwise: {first}", f"Loopwise: {second}"]


def test_a_null_text_is_refused_by_name(server: Server) -> None:
    item = {"uri": "untitled:null", "languageId": "python", "version": 1, "text": None}
    server.talk.send(notification("textDocument/didOpen", {"textDocument": item}))
    server.talk.send(request(100, "textDocument/hover", {"textDocument": {"uri": "untitled:null"}, "position": PLACE}))
    assert server.talk.answer(100)["result"] is None
    server.talk.send(opened("untitled:null"))
    server.talk.send(request(101, "textDocument/hover", {"textDocument": {"uri": "untitled:null"}, "position": PLACE}))
    assert "asyncio.sleep" in str(server.talk.answer(101)["result"])


def test_initialize_is_accepted_once(server: Server) -> None:
    server.talk.send(request(100, "initialize", initialize()["params"]))
    assert server.talk.answer(100)["error"]["code"] == INVALID_REQUEST
    server.talk.send(opened("untitled:1"), *asked("untitled:1", 200))
    assert "asyncio.sleep" in str(server.talk.answer(200)["result"])


def test_the_server_exits_when_its_client_no_longer_reads(server: Server) -> None:
    """At the first broken pipe, with one line in the log."""
    server.talk.answer(1)
    server.stop_reading()
    with contextlib.suppress(BrokenPipeError):
        for first in range(100, 300, 10):
            server.talk.send(*asked("untitled:1", first))
    code, logged = server.end()
    assert code == 1
    assert len(logged.splitlines()) == 1, logged
    assert "no longer reads" in logged


def test_endless_folders_terminate(tmp_path: Path) -> None:
    """Folders 900 deep are left out, with a message."""
    place = tmp_path
    for _ in range(900):
        place = place / "d"
    (tmp_path / "main.py").write_text(CODE)
    os.makedirs(place)  # noqa: PTH103 - Path.mkdir calls itself for each parent
    (place / "deep.py").write_text(CODE)
    command = [sys.executable, "-m", "loopwise", "check", "--no-cache", "--output-format", "concise", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout.count("LW201") == 1
    assert "folders more than 60 deep are left out" in done.stderr
