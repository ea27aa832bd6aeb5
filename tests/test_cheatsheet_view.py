"""What the server tells a client's view of the cheatsheet: a real process, our own requests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from serving import Client, serving


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def client() -> AsyncIterator[Client]:
    async with serving() as client:
        yield client


async def ask(client: Client, method: str, **params: Any) -> Any:
    return await client.lsp.protocol.send_request_async(method, params)


async def test_a_snippet_is_written_in_the_file_s_own_words(client: Client) -> None:
    """With what it needs imported in the file's way, above the place."""
    async with client.opened("import asyncio as aio\n\nasync def main():\n    $0\n") as (uri, text, offset):
        at = client.position(text, offset)
        sheet = await ask(client, "loopwise/cheatsheet", uri=uri)
        snippets = [one for page in sheet.pages for card in page.cards for one in card.snippets]
        assert snippets
        for snippet in snippets:
            found = await ask(
                client, "loopwise/snippet", uri=uri, line=at.line, character=at.character, snippet=snippet.name
            )
            assert found.body.count("aio.") >= snippet.body.count("asyncio.")
            for edit in found.edits:
                assert edit.newText.startswith(("import ", "from "))
                assert edit.range.end.line <= at.line


async def test_a_snippet_is_that_of_the_oldest_python(tmp_path: Path) -> None:
    for floor, says in (("3.10", "asyncio.wait_for("), ("3.11", "asyncio.timeout(")):
        folder = tmp_path / floor
        folder.mkdir()
        (folder / "pyproject.toml").write_text(f'[project]\nname = "x"\nrequires-python = ">={floor}"\n', "utf-8")
        async with serving(folder) as client, client.opened("async def main():\n    $0\n", folder) as (uri, _, _):
            found = await ask(client, "loopwise/snippet", uri=uri, line=1, character=4, snippet="timeout")
            assert says in found.body


async def test_a_snippet_that_nobody_knows(client: Client) -> None:
    """Nor is one adapted to a text that is not open."""
    async with client.opened("$0") as (uri, _, _):
        assert await ask(client, "loopwise/snippet", uri=uri, line=0, character=0, snippet="nonsense") is None
        found = await ask(client, "loopwise/snippet", uri=uri, line=0, character=0, snippet="timeout")
        assert [edit.newText for edit in found.edits] == ["import asyncio\n\n"]
    assert await ask(client, "loopwise/snippet", uri="untitled:gone", line=0, character=0, snippet="timeout") is None
