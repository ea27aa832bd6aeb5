"""Call hierarchy, code lenses, highlights and inlay hints as a client sees them: a real process, the real protocol."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from loopwise.lsp.graph_process import GraphProcess, Question
from marked import cursor
from serving import NEOVIM, Client, serving

NET = """\
import time

class Client:
    async def fetch(self):
        load()

class Cached(Client):
    async def fetch(self):
        await super().fetch()

def load():
    time.sleep(1)
"""
APP = """\
import asyncio
from net import Client

async def main(client: Client):
    await client.fetch()
    task = asyncio.create_task(client.fetch())
    await task
    plain()

def plain():
    pass
"""
SETTINGS = "[tool.loopwise]\ncode-lens.enable = true\ninlay-hints.suspension = true\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "net.py").write_text(NET, "utf-8")
    (tmp_path / "app.py").write_text(APP, "utf-8")
    return tmp_path


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with serving(folder, client=NEOVIM) as client:
        yield client


async def prepared(client: Client, uri: str, text: str, offset: int) -> list[types.CallHierarchyItem]:
    where = types.CallHierarchyPrepareParams(types.TextDocumentIdentifier(uri), client.position(text, offset))
    return list(await client.lsp.text_document_prepare_call_hierarchy_async(where) or ())


async def item_at(client: Client, folder: Path, marked: str, name: str = "app.py") -> types.CallHierarchyItem:
    text, offset = cursor(marked)
    uri = (folder / name).as_uri()
    client.open(uri, text)
    found = await prepared(client, uri, text, offset)
    assert len(found) == 1
    return found[0]


async def test_callers_that_reach_a_coroutine_function(client: Client, folder: Path) -> None:
    """Also through the base of its class, and from files that are not open."""
    item = await item_at(client, folder, APP.replace("client.fetch()\n", "client.fet$0ch()\n", 1))
    assert (item.name, item.kind, item.uri) == ("Client.fetch", types.SymbolKind.Method, (folder / "net.py").as_uri())
    found = await client.lsp.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item))
    told = [(one.from_.name, one.from_.detail, len(one.from_ranges)) for one in found or ()]
    assert sorted(told) == [("Cached.fetch", "awaits", 1), ("main", "awaits", 1), ("main", "starts task", 1)]


async def test_an_override_is_reached_through_its_base(client: Client, folder: Path) -> None:
    item = await item_at(
        client, folder, NET.replace("fetch(self):\n        await", "fet$0ch(self):\n        await"), "net.py"
    )
    assert item.name == "Cached.fetch"
    found = await client.lsp.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(item))
    assert {one.from_.name for one in found or ()} == {"main"}


async def test_calls_reached_from_a_coroutine_function(client: Client, folder: Path) -> None:
    item = await item_at(client, folder, APP.replace("main", "ma$0in", 1))
    found = await client.lsp.call_hierarchy_outgoing_calls_async(types.CallHierarchyOutgoingCallsParams(item))
    told = {(one.to.name, one.to.detail) for one in found or ()}
    assert told == {
        ("Client.fetch", "awaits"),
        ("Cached.fetch", "awaits"),
        ("Client.fetch", "starts task"),
        ("Cached.fetch", "starts task"),
        ("plain", "calls"),
    }


async def test_an_edit_that_is_not_saved_counts(client: Client, folder: Path) -> None:
    item = await item_at(client, folder, NET.replace("fetch", "fet$0ch", 1), "net.py")
    uri = (folder / "app.py").as_uri()
    client.open(uri, APP.replace("await client.fetch()", "pass"))
    params = types.CallHierarchyIncomingCallsParams(item)
    found = await client.lsp.call_hierarchy_incoming_calls_async(params)
    assert sorted(one.from_.detail or "" for one in found or ()) == ["awaits", "starts task"]
    client.close(uri)
    found = await client.lsp.call_hierarchy_incoming_calls_async(params)
    assert sorted(one.from_.detail or "" for one in found or ()) == ["awaits", "awaits", "starts task"]


@pytest.mark.parametrize("marked", [APP.replace("def plain", "def pl$0ain"), APP.replace("import as", "import a$0s")])
async def test_plain_functions_are_left_to_the_general_server(client: Client, folder: Path, marked: str) -> None:
    text, offset = cursor(marked)
    uri = (folder / "app.py").as_uri()
    client.open(uri, text)
    assert await prepared(client, uri, text, offset) == []


async def lenses(client: Client, uri: str) -> list[str]:
    found = await client.lsp.text_document_code_lens_async(types.CodeLensParams(types.TextDocumentIdentifier(uri)))
    resolved = [await client.lsp.code_lens_resolve_async(lens) for lens in found or ()]
    return [lens.command.title for lens in resolved if lens.command is not None]


async def test_lenses(client: Client, folder: Path) -> None:
    uri = (folder / "net.py").as_uri()
    client.open(uri, NET)
    assert await lenses(client, uri) == [
        "awaited by 2 · task by 1 · blocks on time.sleep() through load()",
        "awaited by 1 · task by 1",
    ]
    (folder / "pyproject.toml").write_text("", "utf-8")
    client.changed_on_disk(folder / "pyproject.toml")
    assert await lenses(client, uri) == []


async def test_inlay_hints(client: Client, folder: Path) -> None:
    """They come in the order of the text."""
    text = (
        "import asyncio\n\nlock = asyncio.Lock()\n\nasync def main(rows):\n    async with lock:\n"
        "        await asyncio.sleep(1)\n    async for row in rows:\n        pass\n"
        "    async with asyncio.TaskGroup() as tg:\n        pass\n"
        "    async with asyncio.timeout(1):\n        pass\n"
    )
    uri = (folder / "hints.py").as_uri()
    client.open(uri, text)
    whole = client.range(text, 0, len(text))
    params = types.InlayHintParams(types.TextDocumentIdentifier(uri), whole)
    found = await client.lsp.text_document_inlay_hint_async(params) or ()
    assert [(hint.position.line, hint.label) for hint in found] == [
        (5, "⏸ waits for the lock"),
        (6, "⏸"),
        (7, "⏸ at each item"),
        (10, "⏸ waits for the group's tasks"),
    ]


async def marked_at(client: Client, folder: Path, marked: str) -> list[str]:
    text, offset = cursor(marked)
    uri = (folder / "marks.py").as_uri()
    client.open(uri, text)
    where = types.DocumentHighlightParams(types.TextDocumentIdentifier(uri), client.position(text, offset))
    found = await client.lsp.text_document_document_highlight_async(where) or ()
    client.close(uri)
    lines = text.splitlines()
    return [
        f"{one.range.start.line + 1} {lines[one.range.start.line][one.range.start.character : one.range.end.character]}"
        for one in found
    ]


SUSPENDS = """\
import asyncio

async def main(rows):
    await asyncio.sleep(1)
    async for row in rows:
        aw$0ait row

    async def inner():
        await rows

    with open("x"):
        rows = [await row async for row in rows]
"""
GROUP = """\
import asyncio

async def main(jobs):
    async with asyncio.TaskGroup() as tg:
        t$0g.create_task(jobs())
        for job in jobs:
            tg.create_task(job())
"""
LOCK = """\
import asyncio

class Store:
    def __init__(self):
        self._lock = asyncio.Lock()

    async def put(self):
        async with self._lo$0ck:
            pass

    async def get(self):
        async with self._lock:
            pass
"""


async def test_highlights_of_where_a_function_suspends(client: Client, folder: Path) -> None:
    found = await marked_at(client, folder, SUSPENDS)
    assert found == ["3 async", "4 await", "5 async", "6 await", "12 await", "12 async"]


async def test_highlights_of_a_task_group(client: Client, folder: Path) -> None:
    found = await marked_at(client, folder, GROUP)
    assert sorted(found) == ["4 tg", "5 (jobs())", "5 tg", "7 (job())", "7 tg"]


async def test_highlights_of_a_lock(client: Client, folder: Path) -> None:
    found = await marked_at(client, folder, LOCK)
    assert sorted(found) == ["12 async with", "12 self._lock", "5 self._lock", "8 async with", "8 self._lock"]


@pytest.mark.parametrize(
    "marked", [SUSPENDS.replace("aw$0ait", "await").replace("row in", "r$0ow in", 1), "x = 1\n$0x\n"]
)
async def test_other_names_are_left_to_the_general_server(client: Client, folder: Path, marked: str) -> None:
    assert await marked_at(client, folder, marked) == []


RUN = (
    APP
    + """
async def tick():
    time.sleep(1)

async def start():
    asyncio.create_task(tick())
    await asyncio.to_thread(plain)

asyncio.run(main(Client()))
asyncio.run(start())
"""
)


async def test_the_map_of_a_folder(client: Client, folder: Path) -> None:
    """From the entry points down, without tests, including open unsaved documents."""
    (folder / "tests").mkdir()
    (folder / "tests" / "test_app.py").write_text("async def test_it():\n    pass\n", "utf-8")
    uri = (folder / "app.py").as_uri()
    client.open(uri, RUN.replace("import asyncio", "import asyncio, time"))
    found = await client.lsp.protocol.send_request_async("loopwise/map", {"uri": uri})
    assert found.title == folder.name
    assert found.summary.startswith("2 modules · 5 async functions")

    def told(row: Any) -> tuple[Any, ...]:
        return row.label, row.detail, row.problem, row.place, [told(one) for one in row.rows]

    rows = {row.label: told(row) for row in found.rows}
    assert rows["app.main"][:3] == ("app.main", "run by app", False)
    below = rows["app.start"][4]
    blocks = ("time.sleep", "blocks on", True, "app.py:14", [])
    thread = ("plain", "runs in thread", False, "app.py:18", [])
    assert below == [("tick", "starts task · not stored", True, "app.py:17", [blocks]), thread]
    line = next(row for row in found.rows if row.label == "app.start").rows[0]
    assert (line.uri, line.line) == (uri, 16)


@pytest.mark.parametrize("params", [{}, {"uri": "file:///nowhere/x.py"}, {"uri": "untitled:1"}])
async def test_a_map_without_async_code(tmp_path: Path, params: dict[str, str]) -> None:
    (tmp_path / "plain.py").write_text("def f():\n    pass\n", "utf-8")
    async with serving(tmp_path, client=NEOVIM) as client:
        found = await client.lsp.protocol.send_request_async("loopwise/map", params)
        assert list(found.rows) == []


@pytest.mark.parametrize("script", ["import sys; sys.exit(1)", "print('no frame')", "import os; os.close(1); input()"])
async def test_a_failing_process_is_logged_and_replaced(
    folder: Path, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is answered, the log says so, and the next question starts another process."""
    failing = GraphProcess((sys.executable, "-c", script))
    question = Question((), (), (str(folder / "net.py"),))
    for _ in range(2):
        assert await failing.ask([folder], [], question) == []
    assert "the call graph cannot be made" in caplog.text
    await failing.close()


async def test_a_process_that_is_killed_is_restarted(folder: Path) -> None:
    working = GraphProcess()
    question = Question((), (), (str(folder / "net.py"), str(folder / "not there.py")))
    first = await working.ask([folder], [], question)
    assert [graph.module for graph in first] == ["net"]
    assert await working.ask([folder], [], question) == first
    await working.close()
    assert await working.ask([folder], [], question) == first
    await working.close()
