"""After any messages of a client, a session has the same results as a server that only gets the final state.

Each example is a session over a real server: texts and notebooks are opened, edited, closed and renamed, folders and
settings change, requests are sent and cancelled.  ``LOOPWISE_FUZZ`` is how many examples to try instead of a few.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from test_properties import FRAGMENTS
from wire import CANCELLED, Wire, agreed

WHOLE = [
    "import asyncio\n\nasync def f(x):\n    asyncio.sleep(1)\n    await x\n",
    "import asyncio\nimport time\nfrom helper import work\n\nasync def main():\n    work(1)\n    time.sleep(1)\n",
    "async def work(n): ...\n",
    "def work(n): ...\n",
    "import asyncio\n\nclass A:\n    async def g(self):\n        asyncio.create_task(self.g())\n        self.g()\n",
    'import asyncio\nx = """\nasync def f():\n    asyncio.sleep(1)\n',
    "",
]
NAMES = ("main.py", "helper.py", "pkg/__init__.py", "pkg/mod.py", "a b.py")
NOTEBOOK = "notes.ipynb"
REQUESTS = ("hover", "completion", "signatureHelp", "codeAction", "documentHighlight", "prepareCallHierarchy")
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"ignore": ["LW2"]},
    {"select": ["LW1"]},
    {"diagnostics": {"enable": False}},
)

# A position between the two signs of a line end is none.
fragments = st.sampled_from([fragment for fragment in FRAGMENTS if "\r" not in fragment])
texts = st.one_of(st.sampled_from(WHOLE), st.lists(fragments, max_size=12).map("".join))
names = st.sampled_from(NAMES)
spots = st.floats(0, 1)


class Sessions(RuleBasedStateMachine):
    """``session`` gets all messages; ``fresh`` is told the last state, and everything is closed again."""

    folder: ClassVar[Path]
    session: ClassVar[Wire]
    fresh: ClassVar[Wire]

    def __init__(self) -> None:
        super().__init__()
        self.texts: dict[str, str] = {}
        self.cells: list[str] | None = None
        self.version = 1
        self.settings: dict[str, Any] = {}
        self.asked: list[int] = []

    def uri(self, name: str) -> str:
        return (self.folder / name).as_uri()

    def next(self) -> int:
        self.version += 1
        return self.version

    # What a client does

    @rule(name=names, text=texts)
    def open(self, name: str, text: str) -> None:
        if name not in self.texts:
            self.texts[name] = text
            self.session.tell("textDocument/didOpen", {"textDocument": self._item(name, text)})

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), at=spots, length=st.floats(0, 0.3), new=texts)
    def edit(self, data: st.DataObject, at: float, length: float, new: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.texts)))
        text = self.texts[name]
        start = round(at * len(text))
        end = min(len(text), start + round(length * len(text)))
        change = {"range": _range(text, start, end), "text": new}
        self.texts[name] = text[:start] + new + text[end:]
        identifier = {"uri": self.uri(name), "version": self.next()}
        self.session.tell("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), new=texts)
    def replace(self, data: st.DataObject, new: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.texts)))
        self.texts[name] = new
        identifier = {"uri": self.uri(name), "version": self.next()}
        self.session.tell("textDocument/didChange", {"textDocument": identifier, "contentChanges": [{"text": new}]})

    @precondition(lambda self: self.texts)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.texts)))
        del self.texts[name]
        self.session.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(name)}})

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), new=names)
    def rename(self, data: st.DataObject, new: str) -> None:
        """As editors do: close it under one name, open it under the other."""
        name = data.draw(st.sampled_from(sorted(self.texts)))
        if new not in self.texts:
            text = self.texts.pop(name)
            self.session.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(name)}})
            self.open(new, text)

    @rule(cells=st.lists(texts, max_size=4))
    def notebook(self, cells: list[str]) -> None:
        self._close_notebook(self.session)
        self.cells = cells
        self._open_notebook(self.session)

    @precondition(lambda self: self.cells)
    @rule(data=st.data(), new=texts, cells=st.lists(texts, max_size=2))
    def restructure(self, data: st.DataObject, new: str, cells: list[str]) -> None:
        """Type in a cell, or replace some cells by others."""
        assert self.cells is not None
        at = data.draw(st.integers(0, len(self.cells) - 1))
        self.cells[at] = new
        change: dict[str, Any] = {
            "document": {"uri": self._cell(at), "version": self.next()},
            "changes": [{"text": new}],
        }
        notebook = {"uri": self.uri(NOTEBOOK), "version": self.next()}
        self.session.tell(
            "notebookDocument/didChange", {"notebookDocument": notebook, "change": {"cells": {"textContent": [change]}}}
        )
        if cells:
            self.notebook([*self.cells[:at], *cells, *self.cells[at + 1 :]])

    @rule(new=st.sampled_from(SETTINGS))
    def configure(self, new: dict[str, Any]) -> None:
        self.settings = self.session.settings = new
        self.session.tell("workspace/didChangeConfiguration", {"settings": None})

    @rule(there=st.booleans())
    def folders(self, *, there: bool) -> None:
        """Add or remove a second folder."""
        other = {"uri": (self.folder / "pkg").as_uri(), "name": "pkg"}
        event = {"added": [other] if there else [], "removed": [] if there else [other]}
        self.session.tell("workspace/didChangeWorkspaceFolders", {"event": event})

    @precondition(lambda self: self.texts)
    @rule(data=st.data(), what=st.sampled_from(REQUESTS), at=spots, cancelled=st.booleans())
    def request(self, data: st.DataObject, what: str, at: float, *, cancelled: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.texts)))
        text = self.texts[name]
        range_ = _range(text, offset := round(at * len(text)), offset)
        params: dict[str, Any] = {"textDocument": {"uri": self.uri(name)}, "position": range_["start"]}
        if what == "codeAction":
            params |= {"range": range_, "context": {"diagnostics": []}}
        method = what if "/" in what else f"textDocument/{what}"
        self.asked.append(self.session.start(method, params))
        if cancelled:
            self.session.tell("$/cancelRequest", {"id": self.asked[-1]})

    # What holds

    def teardown(self) -> None:
        for number in self.asked:
            answer = self.session.answer(number)
            assert answer.get("error", {}).get("code") in {None, CANCELLED}, answer
        self.session.tell("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [
            {"uri": (self.folder / "pkg").as_uri(), "name": "pkg"}
        ]}})  # fmt: skip
        self.fresh.settings = self.settings
        self.fresh.tell("workspace/didChangeConfiguration", {"settings": None})
        for name, text in self.texts.items():
            self.fresh.tell("textDocument/didOpen", {"textDocument": self._item(name, text)})
        self._open_notebook(self.fresh)
        try:
            said, wanted = agreed(lambda: self._found(self.session), lambda: self._found(self.fresh))
            assert said == wanted
            assert not [one for one in self.session.shown if "Error" in one or "Traceback" in one]
        finally:
            for server in (self.session, self.fresh):
                for name in self.texts:
                    server.tell("textDocument/didClose", {"textDocument": {"uri": self.uri(name)}})
                self._close_notebook(server)
                server.settings = {}
                server.tell("workspace/didChangeConfiguration", {"settings": None})

    def _found(self, server: Wire) -> dict[str, list[Any]]:
        uris = [*map(self.uri, self.texts), *(self._cell(at) for at in range(len(self.cells or ())))]
        asked = {uri: server.start("textDocument/diagnostic", {"textDocument": {"uri": uri}}) for uri in uris}
        answers = {uri: server.answer(number)["result"]["items"] for uri, number in asked.items()}
        return {uri: sorted(map(repr, items)) for uri, items in answers.items()}

    def _item(self, name: str, text: str) -> dict[str, Any]:
        return {"uri": self.uri(name), "languageId": "python", "version": self.next(), "text": text}

    def _cell(self, at: int) -> str:
        return f"vscode-notebook-cell:{(self.folder / NOTEBOOK).as_posix()}#{at}"

    def _open_notebook(self, server: Wire) -> None:
        if self.cells is not None:
            listed = [{"kind": 2, "document": self._cell(at)} for at in range(len(self.cells))]
            items = [
                {"uri": self._cell(at), "languageId": "python", "version": self.next(), "text": text}
                for at, text in enumerate(self.cells)
            ]
            notebook = {"uri": self.uri(NOTEBOOK), "notebookType": "jupyter-notebook", "version": 1, "cells": listed}
            server.tell("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": items})

    def _close_notebook(self, server: Wire) -> None:
        if self.cells is not None:
            closed = [{"uri": self._cell(at)} for at in range(len(self.cells))]
            params = {"notebookDocument": {"uri": self.uri(NOTEBOOK)}, "cellTextDocuments": closed}
            server.tell("notebookDocument/didClose", params)


def _range(text: str, start: int, end: int) -> dict[str, Any]:
    return {"start": _position(text, start), "end": _position(text, end)}


def _position(text: str, offset: int) -> dict[str, int]:
    line = text[:offset].rpartition("\n")[2]
    return {"line": text.count("\n", 0, offset), "character": len(line.encode("utf-16-le", "surrogatepass")) // 2}


@pytest.fixture
def servers() -> Iterator[None]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Sessions.folder = Path(folder).resolve()
        (Sessions.folder / "pkg").mkdir()
        Sessions.session, Sessions.fresh = Wire([Sessions.folder]), Wire([Sessions.folder])
        yield
        Sessions.session.close()
        Sessions.fresh.close()


@pytest.mark.usefixtures("servers")
def test_a_session_knows_in_the_end_what_a_fresh_server_knows() -> None:
    examples = int(os.environ.get("LOOPWISE_FUZZ", "0"))
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=examples or 5,
            stateful_step_count=12,
            derandomize=not examples,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink) if examples else (Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
